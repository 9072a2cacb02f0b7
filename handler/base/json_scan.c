#include "base/json_scan.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"

struct scan {
	const char *p, *end;
	size_t values_left;
	bool nul;
	const char *flaw; /* the first one */
};

static const char NOT_JSON[] = "The text is not JSON.";

static bool fail(struct scan *scan, const char *flaw)
{
	if (!scan->flaw)
		scan->flaw = flaw;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static void skip_space(struct scan *scan)
{
	while (scan->p < scan->end && is_space(*scan->p))
		scan->p++;
}

static bool next_is(const struct scan *scan, char c)
{
	return scan->p < scan->end && *scan->p == c;
}

static bool take(struct scan *scan, char c)
{
	if (!next_is(scan, c))
		return false;
	scan->p++;
	return true;
}

static bool scan_escape(struct scan *scan)
{
	char c = scan->p < scan->end ? *scan->p++ : '\0';

	if (c != 'u')
		return (c && strchr("\"\\/bfnrt", c)) || fail(scan, NOT_JSON);
	if (scan->end - scan->p < 4)
		return fail(scan, NOT_JSON);
	for (int i = 0; i < 4; i++) {
		if (!is_hex(scan->p[i]))
			return fail(scan, NOT_JSON);
	}
	scan->nul |= !memcmp(scan->p, "0000", 4);
	scan->p += 4;
	return true;
}

#define ONES 0x0101010101010101u
#define TOPS 0x8080808080808080u

/* Of eight bytes, whether one is below n (at most 0x80). */
static uint64_t some_below(uint64_t bytes, uint64_t n)
{
	return (bytes - ONES * n) & ~bytes & TOPS;
}

static uint64_t some_are(uint64_t bytes, char c)
{
	return some_below(bytes ^ ONES * (unsigned char)c, 1);
}

/* Eight bytes at a time, as long as nothing among them matters in a string: a photo is one. */
static void skip_plain(struct scan *scan)
{
	uint64_t bytes;

	for (; scan->end - scan->p >= 8; scan->p += 8) {
		memcpy(&bytes, scan->p, sizeof(bytes));
		if (some_below(bytes, ' ') | some_are(bytes, '"') | some_are(bytes, '\\'))
			return;
	}
}

static bool scan_string(struct scan *scan)
{
	if (!take(scan, '"'))
		return fail(scan, NOT_JSON);
	for (skip_plain(scan); scan->p < scan->end;) {
		unsigned char c = (unsigned char)*scan->p++;

		if (c == '"')
			return true;
		if (c < 0x20)
			return fail(scan, "The JSON holds a raw control character in a string.");
		if (c == '\\') {
			if (!scan_escape(scan))
				return false;
			skip_plain(scan);
		}
	}
	return fail(scan, NOT_JSON);
}

static bool scan_digits(struct scan *scan)
{
	const char *start = scan->p;

	while (scan->p < scan->end && is_digit(*scan->p))
		scan->p++;
	return scan->p > start || fail(scan, NOT_JSON);
}

static bool scan_number(struct scan *scan)
{
	take(scan, '-');
	if (!take(scan, '0') && !scan_digits(scan))
		return false;
	if (take(scan, '.') && !scan_digits(scan))
		return false;
	if (!take(scan, 'e') && !take(scan, 'E'))
		return true;
	if (!take(scan, '+'))
		take(scan, '-');
	return scan_digits(scan);
}

static bool scan_word(struct scan *scan, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(scan->end - scan->p) < n || memcmp(scan->p, word, n) != 0)
		return fail(scan, NOT_JSON);
	scan->p += n;
	return true;
}

static bool scan_name(struct scan *scan)
{
	skip_space(scan);
	if (!scan_string(scan))
		return false;
	skip_space(scan);
	return take(scan, ':') || fail(scan, NOT_JSON);
}

static bool scan_value(struct scan *scan, int depth);

/* NOLINTNEXTLINE(misc-no-recursion): JSON_DEPTH_MAX bounds it */
static bool scan_container(struct scan *scan, int depth)
{
	bool object = *scan->p++ == '{';
	char close = object ? '}' : ']';

	if (depth > JSON_DEPTH_MAX)
		return fail(scan, "The JSON is nested too deeply.");
	skip_space(scan);
	if (take(scan, close))
		return true;
	do {
		if ((object && !scan_name(scan)) || !scan_value(scan, depth))
			return false;
	} while (take(scan, ','));
	return take(scan, close) || fail(scan, NOT_JSON);
}

/* A value with the white space around it.  NOLINTNEXTLINE(misc-no-recursion): as above */
static bool scan_value(struct scan *scan, int depth)
{
	bool good;

	skip_space(scan);
	if (!scan->values_left--)
		return fail(scan, "The JSON holds too many values.");
	if (next_is(scan, '{') || next_is(scan, '['))
		good = scan_container(scan, depth + 1);
	else if (next_is(scan, '"'))
		good = scan_string(scan);
	else if (next_is(scan, 't'))
		good = scan_word(scan, "true");
	else if (next_is(scan, 'f'))
		good = scan_word(scan, "false");
	else if (next_is(scan, 'n'))
		good = scan_word(scan, "null");
	else
		good = scan_number(scan);
	skip_space(scan);
	return good;
}

static const char *flaw_of(const char *text, size_t n, size_t values_max, bool *ret_nul)
{
	struct scan scan = {.p = text, .end = text + n, .values_left = values_max};

	if (memchr(text, '\0', n))
		return "The JSON holds a NUL byte.";
	if (!utf8_valid(text, n))
		return "The JSON is not valid UTF-8.";
	if (!scan_value(&scan, 0))
		return scan.flaw;
	if (scan.p != scan.end)
		return "Something follows the JSON document.";
	*ret_nul = scan.nul;
	return NULL;
}

const char *json_flaw(const char *text, size_t n, bool *ret_nul)
{
	return flaw_of(text, n, JSON_VALUES_MAX, ret_nul);
}

const char *json_flaw_of_spans(const char *text, size_t n, bool *ret_nul)
{
	return flaw_of(text, n, SIZE_MAX, ret_nul);
}

struct json_span json_trim(struct json_span span)
{
	static const char MARK[] = "\xef\xbb\xbf"; /* U+FEFF */

	if (span.len >= 3 && !memcmp(span.text, MARK, 3)) {
		span.text += 3;
		span.len -= 3;
	}
	while (span.len && is_space(*span.text)) {
		span.text++;
		span.len--;
	}
	while (span.len && is_space(span.text[span.len - 1]))
		span.len--;
	return span;
}

bool json_is_object(struct json_span span)
{
	span = json_trim(span);
	return span.len && *span.text == '{';
}

/* A scan that stands within the container span, behind its bracket; false when it is no such
 * container or an empty one. */
static bool enter(struct json_span span, char open, struct scan *ret)
{
	span = json_trim(span);
	if (!span.len || *span.text != open)
		return false;
	*ret = (struct scan){.p = span.text + 1,
		.end = span.text + span.len,
		.values_left = SIZE_MAX}; /* counted when the whole was checked */
	skip_space(ret);
	return *ret->p != '}' && *ret->p != ']';
}

static struct json_span scan_span(struct scan *scan)
{
	const char *start = scan->p;

	scan_value(scan, 0);
	return json_trim((struct json_span){start, (size_t)(scan->p - start)});
}

bool json_member(struct json_span object, struct json_span *key, struct json_span *value)
{
	struct scan scan;

	if (!enter(object, '{', &scan))
		return false;
	if (value->text) {
		scan.p = value->text + value->len;
		skip_space(&scan);
		if (!take(&scan, ','))
			return false;
		skip_space(&scan);
	}
	key->text = scan.p;
	scan_string(&scan);
	key->len = (size_t)(scan.p - key->text);
	skip_space(&scan);
	take(&scan, ':');
	*value = scan_span(&scan);
	return true;
}

bool json_find(struct json_span object, const char *name, struct json_span *ret)
{
	struct json_span key, value = {NULL, 0};

	while (json_member(object, &key, &value)) {
		if (json_spells(key, name)) {
			*ret = value;
			return true;
		}
	}
	return false;
}

#define NAME_SIZE 64

bool json_find_at(struct json_span object, const char *place, struct json_span *ret)
{
	struct json_span at = object;
	char name[NAME_SIZE];

	for (size_t n; *place; place += n + (place[n] == '.')) {
		n = strcspn(place, ".");
		assert(n < NAME_SIZE);
		memcpy(name, place, n);
		name[n] = '\0';
		if (!json_find(at, name, &at))
			return false;
	}
	*ret = at;
	return true;
}

bool json_next(struct json_span array, struct json_span *element)
{
	struct scan scan;

	if (!enter(array, '[', &scan))
		return false;
	if (element->text) {
		scan.p = element->text + element->len;
		skip_space(&scan);
		if (!take(&scan, ','))
			return false;
	}
	*element = scan_span(&scan);
	return true;
}
