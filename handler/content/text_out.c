#include "content/text_out.h"

#include <string.h>

#include "base/text.h"

/* Whether no run of plain text goes on with it. */
static bool is_special(unsigned char c)
{
	return (c < 0x20 && c != '\t') || c == 0x7f ||
	       c == 0xc2; /* U+0080 to U+009F begin with it */
}

static void add(struct text_out *out, const char *text, size_t n)
{
	size_t fits = utf8_fitting(text, n, out->max - out->buf->len);

	if (!buf_add_within(out->buf, text, fits, out->max) || fits < n)
		out->cut = true;
}

/* At a byte that is_special; returns how many bytes it stands for. */
static size_t add_special(struct text_out *out, const char *text, size_t n)
{
	bool ends_line = *text == '\r' || (*text == '\n' && !out->after_cr);

	if (ends_line)
		add(out, "\n", 1);
	if ((unsigned char)*text == 0xc2 && n > 1) {
		if ((unsigned char)text[1] >= 0xa0)
			add(out, text, 2);
		return 2;
	}
	return 1;
}

void text_out_add(struct text_out *out, const char *text, size_t n)
{
	const char *end = text + n;

	while (text < end && !out->cut) {
		const char *from = text;

		while (text < end && !is_special((unsigned char)*text))
			text++;
		if (text > from) {
			add(out, from, (size_t)(text - from));
			out->after_cr = false;
			continue;
		}
		text += add_special(out, text, (size_t)(end - text));
		out->after_cr = *from == '\r';
	}
}

void text_out_adds(struct text_out *out, const char *text)
{
	text_out_add(out, text, strlen(text));
}

void text_out_add_line(struct text_out *out, const char *text, size_t n)
{
	while (n && !out->cut) {
		size_t plain = 0;

		while (plain < n && !strchr("\n\r\t", text[plain]))
			plain++;
		text_out_add(out, text, plain);
		if (plain < n)
			text_out_adds(out, " ");
		plain += plain < n;
		text += plain;
		n -= plain;
	}
}
