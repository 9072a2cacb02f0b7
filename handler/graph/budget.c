#include "graph/budget.h"

#include <string.h>

#include "base/json.h"

#define FLOOR 200     /* of a string's bytes, beside other items */
#define LAST_FLOOR 64 /* of a single object's, before its lists are cut */
#define ID_BYTES_MAX 512
#define MARK_BYTES (sizeof(BUDGET_MARK) - 1)

static const char MARK_ELEMENT[] = "\"" BUDGET_MARK "\"";
#define MARK_ELEMENT_BYTES (sizeof(MARK_ELEMENT) - 1)

/* The largest length to which all may be cut so that they have room together. */
static size_t common_length(const struct buf *lengths, size_t room)
{
	const size_t *all = (const void *)lengths->data;
	size_t count = lengths->len / sizeof(*all), low = 0, high = room;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2, sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += all[i] < middle ? all[i] : middle;
		if (sum <= room)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The inside of the next string from *p on that is a value, no name; *p moves behind it. */
static bool next_string(const char **p, const char *end, struct json_span *ret)
{
	const char *open, *close;

	while ((open = memchr(*p, '"', (size_t)(end - *p)))) {
		for (close = ++open; *close != '"'; close++)
			close += *close == '\\';
		*p = close + 1;
		while (*p < end && **p == ' ')
			++*p;
		if (*p < end && **p == ':')
			continue;
		*ret = (struct json_span){open, (size_t)(close - open)};
		return true;
	}
	return false;
}

/* Whether it is an id or an address, by its looks. */
static bool is_whole(struct json_span text)
{
	if (text.len > ID_BYTES_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.text[i] <= ' ' || text.text[i] > '~')
			return false;
	}
	return true;
}

/* The next string that may be cut. */
static bool next_long(const char **p, const char *end, struct json_span *ret)
{
	while (next_string(p, end, ret)) {
		if (ret->len > LAST_FLOOR && !is_whole(*ret))
			return true;
	}
	return false;
}

size_t budget_floor(struct json_span text)
{
	const char *p = text.text, *end = p + text.len;
	struct json_span string;
	size_t ret = text.len;

	while (next_long(&p, end, &string))
		ret -= string.len > FLOOR ? string.len - FLOOR : 0;
	return ret;
}

/* Of what a backslash begins: two escapes can be one code point. */
static size_t escape_bytes(const char *p)
{
	bool high = p[1] == 'u' && (p[2] | 0x20) == 'd' && strchr("89abAB", p[3]);

	if (p[1] != 'u')
		return 2;
	return high && p[6] == '\\' && p[7] == 'u' ? 12 : 6;
}

static size_t char_bytes(const char *p)
{
	unsigned char c = (unsigned char)*p;

	if (c == '\\')
		return escape_bytes(p);
	return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* What of a longer string's inside, with the mark behind it, has so many bytes at most. */
static void add_cut(struct json_span inside, size_t bytes, struct buf *out)
{
	size_t at = 0, next = 0;

	while (next <= bytes - MARK_BYTES) {
		at = next;
		next += char_bytes(inside.text + at);
	}
	buf_add(out, inside.text, at);
	buf_adds(out, BUDGET_MARK);
}

static void write_cut(struct json_span text, size_t longest, struct buf *out)
{
	const char *p = text.text, *end = p + text.len, *from = p;
	struct json_span string;

	while (next_long(&p, end, &string)) {
		if (string.len <= longest)
			continue;
		buf_add(out, from, (size_t)(string.text - from));
		add_cut(string, longest, out);
		from = string.text + string.len;
	}
	buf_add(out, from, (size_t)(end - from));
}

/* To which length all strings may be cut that may; 0: not even that helps. */
static size_t longest_string(struct json_span text, size_t room)
{
	const char *p = text.text, *end = p + text.len;
	size_t fixed = text.len, ret = 0;
	struct json_span string;
	struct buf lengths;

	buf_init(&lengths);
	while (next_long(&p, end, &string)) {
		buf_add(&lengths, &string.len, sizeof(string.len));
		fixed -= string.len;
	}
	if (fixed <= room)
		ret = common_length(&lengths, room - fixed);
	buf_done(&lengths);
	return ret;
}

/* Appends as much of the value as there is room for; false when that is nothing. */
static bool prune(struct json_span value, size_t room, struct buf *out);

static bool prune_string(struct json_span string, size_t room, struct buf *out)
{
	if (room < MARK_ELEMENT_BYTES)
		return false;
	buf_adds(out, "\"");
	add_cut((struct json_span){string.text + 1, string.len - 2}, room - 2, out);
	buf_adds(out, "\"");
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): the values' depth is JSON_DEPTH_MAX and ours at most */
static bool prune_array(struct json_span array, size_t room, struct buf *out)
{
	struct json_span element = {NULL, 0};
	size_t start = out->len, most = start + room - MARK_ELEMENT_BYTES - 2;

	if (room < MARK_ELEMENT_BYTES + 2)
		return false;
	buf_adds(out, "[");
	while (json_next(array, &element) && out->len + element.len <= most) {
		buf_add(out, element.text, element.len);
		buf_adds(out, ",");
	}
	if (element.text && out->len == start + 1 && out->len < most &&
		prune(element, most - out->len, out))
		buf_adds(out, ",");
	buf_adds(out, MARK_ELEMENT);
	buf_adds(out, "]");
	return true;
}

/* The members' lengths, each with its colon and a comma. */
static void add_lengths(struct json_span object, struct buf *lengths)
{
	struct json_span key, value = {NULL, 0};

	while (json_member(object, &key, &value)) {
		size_t n = key.len + value.len + 2;

		buf_add(lengths, &n, sizeof(n));
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static void prune_member(const struct json_span member[2], size_t room, struct buf *out)
{
	size_t start = out->len, name = member[0].len + 2;

	if (room <= name)
		return;
	json_comma(out);
	buf_add(out, member[0].text, member[0].len);
	buf_adds(out, ":");
	if (!prune(member[1], room - name, out))
		buf_cut(out, start);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool prune_object(struct json_span object, size_t room, struct buf *out)
{
	struct json_span member[2] = {{NULL, 0}, {NULL, 0}};
	struct buf lengths;
	size_t each;

	if (room < 2)
		return false;
	buf_init(&lengths);
	add_lengths(object, &lengths);
	each = common_length(&lengths, room - 2);
	buf_done(&lengths);
	buf_adds(out, "{");
	while (json_member(object, &member[0], &member[1]))
		prune_member(member, each, out);
	buf_adds(out, "}");
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool prune(struct json_span value, size_t room, struct buf *out)
{
	if (value.len <= room) {
		buf_add(out, value.text, value.len);
		return true;
	}
	switch (*value.text) {
	case '"':
		return prune_string(value, room, out);
	case '[':
		return prune_array(value, room, out);
	case '{':
		return prune_object(value, room, out);
	default:
		return false;
	}
}

static void write_pruned(struct json_span text, size_t room, struct buf *out)
{
	struct buf cut;

	buf_init(&cut);
	write_cut(text, LAST_FLOOR, &cut);
	prune((struct json_span){buf_text(&cut), cut.len}, room, out);
	buf_done(&cut);
}

void budget_write(struct json_span text, size_t room, struct buf *out)
{
	size_t longest;

	if (text.len <= room) {
		buf_add(out, text.text, text.len);
		return;
	}
	longest = longest_string(text, room);
	if (longest >= LAST_FLOOR)
		write_cut(text, longest, out);
	else
		write_pruned(text, room, out);
}
