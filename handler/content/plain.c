#include "content/plain.h"

#include <string.h>

#include "content/html_text.h"

#define HTML_BYTES_MAX (8u << 20) /* most of which is no text */
#define HEAD_BYTES 1024           /* where a charset is named (HTML, "charset declarations") */

static const char CHARSET[] = "It is text in a charset that is not read here.";

static struct json_span head_of(struct json_span bytes)
{
	return (struct json_span){bytes.text, bytes.len < HEAD_BYTES ? bytes.len : HEAD_BYTES};
}

/* What names its charset in its own letters is not in UTF-16. */
static enum charset named_within(struct json_span bytes, const char *parameter)
{
	enum charset charset = charset_within(head_of(bytes), parameter);

	return charset == CHARSET_UTF_16LE || charset == CHARSET_UTF_16BE ? CHARSET_NONE : charset;
}

const char *plain_read(struct json_span bytes, enum charset declared, struct text_out *out)
{
	enum charset charset;

	if (declared == CHARSET_NONE && bytes.len > 5 && !memcmp(bytes.text, "<?xml", 5))
		declared = named_within(bytes, "encoding=");
	charset = charset_of(&bytes, declared);
	if (charset == CHARSET_OTHER)
		return CHARSET;
	charset_decode(bytes, charset, out);
	return NULL;
}

const char *plain_read_html(struct json_span bytes, enum charset declared, struct text_out *out)
{
	struct buf html, text;
	struct text_out whole = {.buf = &html, .max = HTML_BYTES_MAX};
	const char *why;

	if (declared == CHARSET_NONE)
		declared = named_within(bytes, "charset=");
	buf_init(&html);
	buf_init(&text);
	why = plain_read(bytes, declared, &whole);
	html_text((struct json_span){buf_text(&html), html.len}, &text);
	text_out_add(out, buf_text(&text), text.len);
	out->cut = out->cut || whole.cut;
	buf_done(&text);
	buf_done(&html);
	return why;
}
