/* Text made UTF-8, out of the charsets that Windows and mails of Europe are written in. */
#ifndef CONTENT_CHARSET_H
#define CONTENT_CHARSET_H

#include "base/json_scan.h"
#include "content/text_out.h"

enum charset {
	CHARSET_NONE, /* none was named */
	CHARSET_UTF_8,
	CHARSET_UTF_16LE,
	CHARSET_UTF_16BE,
	CHARSET_WINDOWS_1252, /* and ISO-8859-1, which is taken for it (WHATWG Encoding, §4.2) */
	CHARSET_WINDOWS_1250, /* from the one above on they are of one byte a letter */
	CHARSET_WINDOWS_1251,
	CHARSET_WINDOWS_1253,
	CHARSET_WINDOWS_1254, /* and ISO-8859-9 */
	CHARSET_WINDOWS_1257,
	CHARSET_ISO_8859_2,
	CHARSET_ISO_8859_5,
	CHARSET_ISO_8859_7,
	CHARSET_ISO_8859_15,
	CHARSET_KOI8_R,
	CHARSET_OTHER, /* one that is not read here */
};

/* The charset that a label names. */
enum charset charset_named(struct json_span label);
/* The one that a parameter "charset=", or an XML declaration's "encoding=", in the text names. */
enum charset charset_within(struct json_span text, const char *parameter);

/* What the bytes are in, where declared is what is said of them: a byte order mark, which is taken
 * off them, and valid UTF-8 tell more than what is said. */
enum charset charset_of(struct json_span *bytes, enum charset declared);

/* Adds the bytes in any charset but CHARSET_NONE and CHARSET_OTHER; U+FFFD for what is broken. */
void charset_decode(struct json_span bytes, enum charset charset, struct text_out *out);

#endif
