#include "graph/found_text.h"

#include <string.h>

#include "base/json.h"
#include "base/json_text.h"
#include "base/url.h"

#define URL_BYTES_MAX 512 /* as long as an address is never shortened */
#define PLACE_SIZE 64

/* Control characters, of which a line end is one, become blanks; those around are left out. */
static void add_line(const struct buf *text, struct buf *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->data[i];
		char plain = c < ' ' || c == 0x7f ? ' ' : (char)c;

		if (plain != ' ' || (out->len > start && out->data[out->len - 1] != ' '))
			buf_add(out, &plain, 1);
	}
	if (out->len > start && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

bool found_next(struct json_span object, const char **places, struct json_span *ret)
{
	char place[PLACE_SIZE];

	while (**places) {
		size_t n = strcspn(*places, " ");

		memcpy(place, *places, n);
		place[n] = '\0';
		*places += n + ((*places)[n] == ' ');
		if (json_find_at(object, place, ret))
			return true;
	}
	return false;
}

void found_line(struct json_span object, const char *places, struct buf *out)
{
	size_t start = out->len;
	struct json_span value;
	struct buf text;

	while (out->len == start && found_next(object, &places, &value)) {
		buf_init(&text);
		if (strchr("-0123456789", *value.text))
			buf_add(out, value.text, value.len);
		else if (json_unquote(value, &text))
			add_line(&text, out);
		buf_done(&text);
	}
}

/* SharePoint writes addresses with blanks and letters of any language in them. */
static void add_encoded(const char *text, struct buf *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}", c))
			buf_addf(out, "%%%02X", c);
		else
			buf_add(out, text, 1);
	}
}

void found_url(struct json_span object, const char *places, struct buf *out)
{
	struct buf line, encoded;
	struct url url;

	buf_init(&line);
	buf_init(&encoded);
	found_line(object, places, &line);
	add_encoded(buf_text(&line), &encoded);
	if (encoded.len <= URL_BYTES_MAX && url_parse(buf_text(&encoded), &url) && url.tls)
		buf_add(out, encoded.data, encoded.len);
	buf_done(&line);
	buf_done(&encoded);
}

void found_member(struct buf *out, const char *name, const struct buf *text)
{
	json_comma(out);
	buf_addf(out, "\"%s\":", name);
	json_quote(out, buf_text(text));
}
