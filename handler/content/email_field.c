#include "content/email_field.h"

#include <string.h>
#include <strings.h>

#include "content/charset.h"
#include "content/email_coding.h"

#define WORD_BYTES_MAX 1024 /* of an encoded word; RFC 2047 has 75 */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct json_span span_from(struct json_span text, size_t begin)
{
	return (struct json_span){text.text + begin, text.len - begin};
}

/* With its end; empty: there is none. */
static struct json_span take_line(struct json_span *rest)
{
	struct json_span line = *rest;
	const char *end = line.len ? memchr(line.text, '\n', line.len) : NULL;

	if (end)
		line.len = (size_t)(end + 1 - line.text);
	*rest = span_from(*rest, line.len);
	return line;
}

struct json_span email_take_header(struct json_span *rest)
{
	struct json_span header = {rest->text, 0}, line = take_line(rest);

	while (line.len && *line.text != '\n' && *line.text != '\r') {
		header.len += line.len;
		line = take_line(rest);
	}
	return header;
}

static bool is_named(struct json_span line, const char *name)
{
	size_t n = strlen(name);

	return line.len > n && line.text[n] == ':' && !strncasecmp(line.text, name, n);
}

struct json_span email_field(struct json_span header, const char *name)
{
	struct json_span line, value;

	if (header.len > EMAIL_HEADER_BYTES_MAX)
		header.len = EMAIL_HEADER_BYTES_MAX;
	do {
		line = take_line(&header);
	} while (line.len && !is_named(line, name));
	if (!line.len)
		return line;
	value = span_from(line, strlen(name) + 1);
	while (header.len && (*header.text == ' ' || *header.text == '\t'))
		value.len += take_line(&header).len;
	return value;
}

static void skip_blanks(struct json_span *text)
{
	while (text->len && (is_blank(*text->text) || *text->text == ';'))
		*text = span_from(*text, 1);
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Up to one of those, or to the end. */
static struct json_span take_until(struct json_span *text, const char *ends)
{
	struct json_span ret = {text->text, 0};

	while (ret.len < text->len && !is_in(ret.text[ret.len], ends))
		ret.len++;
	*text = span_from(*text, ret.len);
	return ret;
}

static struct json_span take_value(struct json_span *text)
{
	struct json_span ret;

	if (!text->len || *text->text != '"')
		return take_until(text, "; \t\r\n");
	*text = span_from(*text, 1);
	ret = take_until(text, "\"");
	*text = span_from(*text, text->len ? 1 : 0);
	return ret;
}

struct json_span email_parameter(struct json_span field, const char *name)
{
	take_until(&field, ";");
	while (field.len) {
		struct json_span word, value;

		skip_blanks(&field);
		word = take_until(&field, "=;");
		if (!field.len || *field.text == ';')
			continue;
		field = span_from(field, 1);
		value = take_value(&field);
		if (word.len == strlen(name) && !strncasecmp(word.text, name, word.len))
			return value;
	}
	return (struct json_span){"", 0};
}

/* A word such as =?utf-8?Q?na=C3=AFve?= */
struct encoded_word {
	struct json_span charset, text;
	char coding;
	size_t len; /* of all of it */
};

static bool read_word(struct json_span text, struct encoded_word *ret)
{
	struct json_span rest = text;
	const char *end;

	if (text.len < 2 || memcmp(text.text, "=?", 2) != 0)
		return false;
	rest = span_from(rest, 2);
	if (rest.len > WORD_BYTES_MAX)
		rest.len = WORD_BYTES_MAX;
	ret->charset = take_until(&rest, "?*\r\n");
	take_until(&rest, "?\r\n"); /* a language */
	if (rest.len < 5 || rest.text[0] != '?' || rest.text[2] != '?')
		return false;
	ret->coding = (char)(rest.text[1] | 0x20);
	rest = span_from(rest, 3);
	end = memmem(rest.text, rest.len, "?=", 2);
	if (!end)
		return false;
	ret->text = (struct json_span){rest.text, (size_t)(end - rest.text)};
	ret->len = (size_t)(end + 2 - text.text);
	return (ret->coding == 'q' || ret->coding == 'b') &&
	       charset_named(ret->charset) != CHARSET_OTHER;
}

static void add_word(const struct encoded_word *word, struct text_out *out)
{
	struct buf bytes;

	buf_init(&bytes);
	if (word->coding == 'q')
		email_decode_q(word->text, &bytes);
	else
		email_decode_base64(word->text, &bytes);
	/* what is so short may be valid UTF-8 by chance: what it says of itself counts */
	charset_decode(
		(struct json_span){buf_text(&bytes), bytes.len}, charset_named(word->charset), out);
	buf_done(&bytes);
}

/* Adds the field's text, line ends and all. */
static void add_words(struct json_span field, struct text_out *out)
{
	struct encoded_word word;
	bool after_word = false;

	while (field.len && !out->cut) {
		struct json_span plain = field;
		enum charset charset;
		size_t n = 0;

		while (after_word && n < field.len && is_blank(field.text[n]))
			n++;
		/* blanks between two encoded words are not said (RFC 2047 §6.2) */
		if (n && read_word(span_from(field, n), &word))
			field = span_from(field, n);
		after_word = read_word(field, &word);
		if (after_word) {
			add_word(&word, out);
			field = span_from(field, word.len);
			continue;
		}
		n = 1;
		while (n < field.len && !is_blank(field.text[n]) && field.text[n] != '=')
			n++;
		plain.len = n;
		charset = charset_of(&plain, CHARSET_NONE);
		charset_decode(plain, charset, out);
		field = span_from(field, n);
	}
}

/* On one line, with one blank where there were several. */
static void add_line(const struct buf *text, struct text_out *out)
{
	struct json_span rest = {buf_text(text), text->len};
	bool first = true;

	while (rest.len) {
		struct json_span word;

		while (rest.len && is_blank(*rest.text))
			rest = span_from(rest, 1);
		word = take_until(&rest, " \t\r\n");
		if (word.len && !first)
			text_out_adds(out, " ");
		text_out_add(out, word.text, word.len);
		first = first && !word.len;
	}
}

void email_add_field(struct json_span field, struct text_out *out)
{
	struct buf text;
	struct text_out decoded = {.buf = &text, .max = EMAIL_HEADER_BYTES_MAX};

	buf_init(&text);
	add_words(field, &decoded);
	add_line(&text, out);
	buf_done(&text);
}
