#include "base/json_text.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT 0xfffd /* U+FFFD */

static uint32_t hex4(const char *p)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 4 |
			(uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return value;
}

static uint32_t next_escaped(const char **p)
{
	static const char FROM[] = "bfnrt", TO[] = "\b\f\n\r\t";
	char c = (*p)[1];
	const char *known;
	uint32_t unit;

	if (c != 'u') {
		*p += 2;
		known = strchr(FROM, c);
		return (unsigned char)(known ? TO[known - FROM] : c);
	}
	unit = hex4(*p + 2);
	*p += 6;
	if (unit >= 0xd800 && unit < 0xdc00 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		uint32_t low = hex4(*p + 2);

		if (low >= 0xdc00 && low < 0xe000) {
			*p += 6;
			return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return unit;
}

/* The code point at *p within a string token, however it is written; *p moves behind it. */
static uint32_t next_char(const char **p)
{
	unsigned char c = (unsigned char)**p;
	int more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t value = more ? c & (0x3fu >> more) : c;

	if (c == '\\')
		return next_escaped(p);
	++*p;
	for (; more; more--)
		value = value << 6 | ((unsigned char)*(*p)++ & 0x3f);
	return value;
}

bool json_same_string(struct json_span a, struct json_span b)
{
	const char *p = a.text + 1, *q = b.text + 1;
	const char *p_end = a.text + a.len - 1, *q_end = b.text + b.len - 1;

	while (p < p_end && q < q_end) {
		if (next_char(&p) != next_char(&q))
			return false;
	}
	return p == p_end && q == q_end;
}

bool json_spells(struct json_span token, const char *name)
{
	const char *p, *end;

	if (!token.len || *token.text != '"')
		return false;
	p = token.text + 1;
	end = token.text + token.len - 1;
	while (p < end && *name && next_char(&p) == (unsigned char)*name)
		name++;
	return p == end && !*name;
}

static bool is_half(uint32_t c)
{
	return c >= 0xd800 && c < 0xe000;
}

bool json_unquote(struct json_span token, struct buf *out)
{
	const char *p, *end;

	if (!token.len || *token.text != '"')
		return false;
	p = token.text + 1;
	end = token.text + token.len - 1;
	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		uint32_t c;

		buf_add(out, p, (size_t)((escape ? escape : end) - p));
		if (!escape)
			return true;
		p = escape;
		c = next_escaped(&p);
		if (!c)
			return false;
		buf_add_utf8(out, is_half(c) ? REPLACEMENT : c);
	}
	return true;
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

void json_pass(struct json_span span, struct buf *out)
{
	const char *p = span.text, *end = p + span.len;
	const char *from = p; /* what is not written yet */

	while (p < end) {
		const char *at = p, *instead = NULL;

		if (*p == '\\')
			instead = is_half(next_escaped(&p)) ? "\\ufffd" : NULL;
		else
			instead = is_line_end(*p++) ? " " : NULL;
		if (!instead)
			continue;
		buf_add(out, from, (size_t)(at - from));
		buf_adds(out, instead);
		from = p;
	}
	buf_add(out, from, (size_t)(end - from));
}
