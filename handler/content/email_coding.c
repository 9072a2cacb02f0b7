#include "content/email_coding.h"

#include <string.h>

#include "base/b64.h"
#include "base/text.h"

/* At a "=": how many bytes it takes, and what it stands for; 0: nothing. */
static size_t escape(struct json_span text, int *ret)
{
	int high = text.len > 2 ? text_hex(text.text[1]) : -1;
	int low = text.len > 2 ? text_hex(text.text[2]) : -1;

	*ret = high >= 0 && low >= 0 ? high * 16 + low : -1;
	return *ret < 0 ? 0 : 3;
}

/* At a "=" that joins two lines: how many bytes it takes; 0: it does not. */
static size_t soft_break(struct json_span text)
{
	size_t n = 1;

	while (n < text.len && (text.text[n] == ' ' || text.text[n] == '\t'))
		n++;
	if (n < text.len && text.text[n] == '\r')
		n++;
	return n < text.len && text.text[n] == '\n' ? n + 1 : 0;
}

static size_t decode_one(struct json_span text, struct buf *out)
{
	int byte;
	size_t n = *text.text == '=' ? escape(text, &byte) : 0;

	if (n) {
		char c = (char)byte;

		buf_add(out, &c, 1);
		return n;
	}
	n = *text.text == '=' ? soft_break(text) : 0;
	if (!n)
		buf_add(out, text.text, 1);
	return n ? n : 1;
}

void email_decode_quoted(struct json_span text, struct buf *out)
{
	while (text.len) {
		size_t n = decode_one(text, out);

		text.text += n;
		text.len -= n;
	}
}

void email_decode_q(struct json_span text, struct buf *out)
{
	while (text.len) {
		size_t n = 1;

		if (*text.text == '_')
			buf_adds(out, " ");
		else
			n = decode_one(text, out);
		text.text += n;
		text.len -= n;
	}
}

static bool is_of_base64(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
	       c == '/';
}

void email_decode_base64(struct json_span text, struct buf *out)
{
	struct buf letters;
	size_t n;

	buf_init(&letters);
	buf_reserve(&letters, text.len);
	for (size_t i = 0; i < text.len; i++) {
		if (is_of_base64(text.text[i]))
			letters.data[letters.len++] = text.text[i];
		else if (!strchr(" \t\r\n", text.text[i]))
			break;
	}
	n = letters.len;
	/* what is cut off ends within a group of four, in which no stray bits may be left */
	if (!b64_decode_any(out, letters.data, n))
		b64_decode_any(out, letters.data, n - n % 4);
	buf_done(&letters);
}
