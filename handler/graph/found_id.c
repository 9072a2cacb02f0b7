#include "graph/found_id.h"

#include <assert.h>
#include <string.h>

#include "base/json_text.h"

static const struct {
	const char *word;
	int parts;
} KINDS[] = {
	[FOUND_MAIL] = {"mail", 1},
	[FOUND_EVENT] = {"event", 1},
	[FOUND_CHAT] = {"chat", 2},
	[FOUND_POST] = {"post", 3},
	[FOUND_FILE] = {"file", 2},
	[FOUND_ITEM] = {"item", 3},
	[FOUND_SITE] = {"site", 1},
	[FOUND_HIT] = {"hit", 1},
};
static_assert(sizeof(KINDS) / sizeof(KINDS[0]) == FOUND__COUNT, "a row for each kind");

const char *found_word(enum found_kind kind)
{
	return KINDS[kind].word;
}

static bool set_part(const struct buf *text, char ret[FOUND_PART_SIZE])
{
	const char *part = buf_text(text);
	size_t n = strspn(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-_.~!,=:@");

	if (n != text->len || n >= FOUND_PART_SIZE || !part[strspn(part, ".")])
		return false;
	memcpy(ret, part, n + 1);
	return true;
}

/* Outlook may give an id as Exchange's web services write it, in base64, and takes it as REST
 * writes it, in that for addresses ("searchHit: hitId format"; "translateExchangeIds"). */
static void as_rest(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		char *c = &text->data[i];

		*c = *c == '/' ? '-' : *c == '+' ? '_' : *c;
	}
}

bool found_part(struct found_id *id, int set, struct json_span string)
{
	struct buf text;
	bool good;

	buf_init(&text);
	good = json_unquote(string, &text);
	if (good && (id->kind == FOUND_MAIL || id->kind == FOUND_EVENT || id->kind == FOUND_HIT))
		as_rest(&text);
	good = good && set_part(&text, id->parts[set]);
	buf_done(&text);
	return good;
}

bool found_id_write(const struct found_id *id, struct buf *out)
{
	size_t start = out->len;

	buf_adds(out, found_word(id->kind));
	for (int i = 0; i < KINDS[id->kind].parts; i++) {
		buf_adds(out, i ? "/" : ":");
		buf_add_urlencoded(out, id->parts[i]);
	}
	if (out->len - start <= FOUND_ID_MAX)
		return true;
	buf_cut(out, start);
	return false;
}

/* *ret is the kind that the n bytes name. */
static bool read_kind(const char *text, size_t n, enum found_kind *ret)
{
	for (enum found_kind kind = 0; kind < FOUND__COUNT; kind++) {
		if (strlen(KINDS[kind].word) == n && !memcmp(KINDS[kind].word, text, n)) {
			*ret = kind;
			return true;
		}
	}
	return false;
}

static bool read_part(const char *text, size_t n, char ret[FOUND_PART_SIZE])
{
	struct buf part;
	bool good;

	buf_init(&part);
	good = buf_add_urldecoded(&part, text, n, FOUND_PART_SIZE) && set_part(&part, ret);
	buf_done(&part);
	return good;
}

static bool read_parts(const char *text, struct found_id *ret)
{
	for (int i = 0; i < KINDS[ret->kind].parts; i++) {
		size_t n = strcspn(text, "/");
		bool last = i + 1 == KINDS[ret->kind].parts;

		if (!read_part(text, n, ret->parts[i]) || (text[n] == '/') == last)
			return false;
		text += n + 1;
	}
	return true;
}

bool found_id_read(const char *text, struct found_id *ret, struct err *err)
{
	size_t n = strcspn(text, ":");

	return (strlen(text) <= FOUND_ID_MAX && text[n] && read_kind(text, n, &ret->kind) &&
		       read_parts(text + n + 1, ret)) ||
	       err_say(err, ERR_BAD_REQUEST, "id must be an id that search gave, as it was given.");
}
