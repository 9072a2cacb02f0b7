#include "content/html_entity.h"

#include <string.h>

#include "base/text.h"

#define BYTES_MAX 12 /* of a reference, "&" and ";" included */
#define REPLACEMENT 0xfffd

static const struct {
	const char *name;
	uint32_t c;
} NAMES[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '},
	{"ensp", ' '}, {"emsp", ' '}, {"thinsp", ' '}, {"zwnj", 0}, {"zwj", 0}, {"shy", 0},
	{"lsquo", 0x2018}, {"rsquo", 0x2019}, {"sbquo", 0x201a}, {"ldquo", 0x201c},
	{"rdquo", 0x201d}, {"bdquo", 0x201e}, {"laquo", 0xab}, {"raquo", 0xbb}, {"lsaquo", 0x2039},
	{"rsaquo", 0x203a}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"hellip", 0x2026},
	{"bull", 0x2022}, {"middot", 0xb7}, {"euro", 0x20ac}, {"pound", 0xa3}, {"yen", 0xa5},
	{"cent", 0xa2}, {"copy", 0xa9}, {"reg", 0xae}, {"trade", 0x2122}, {"sect", 0xa7},
	{"deg", 0xb0}, {"times", 0xd7}, {"plusmn", 0xb1}, {"frac12", 0xbd}, {"rarr", 0x2192},
	{"larr", 0x2190}, {"iexcl", 0xa1}, {"iquest", 0xbf}, {"ordm", 0xba}, {"ordf", 0xaa},
	{"szlig", 0xdf}, {"auml", 0xe4}, {"ouml", 0xf6}, {"uuml", 0xfc}, {"Auml", 0xc4},
	{"Ouml", 0xd6}, {"Uuml", 0xdc}, {"agrave", 0xe0}, {"aacute", 0xe1}, {"acirc", 0xe2},
	{"atilde", 0xe3}, {"aring", 0xe5}, {"aelig", 0xe6}, {"ccedil", 0xe7}, {"egrave", 0xe8},
	{"eacute", 0xe9}, {"ecirc", 0xea}, {"euml", 0xeb}, {"iacute", 0xed}, {"icirc", 0xee},
	{"iuml", 0xef}, {"ntilde", 0xf1}, {"oacute", 0xf3}, {"ocirc", 0xf4}, {"otilde", 0xf5},
	{"oslash", 0xf8}, {"ugrave", 0xf9}, {"uacute", 0xfa}, {"ucirc", 0xfb}, {"Agrave", 0xc0},
	{"Aacute", 0xc1}, {"Aring", 0xc5}, {"Ccedil", 0xc7}, {"Egrave", 0xc8}, {"Eacute", 0xc9},
	{"Ntilde", 0xd1}, {"Oacute", 0xd3}, {"Oslash", 0xd8}, {"Uacute", 0xda}};

/* What stands for no letter, in a text to be read. */
static uint32_t plain(uint32_t c)
{
	static const uint32_t UNSEEN[] = {0xad, 0x34f, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff};

	for (size_t i = 0; i < sizeof(UNSEEN) / sizeof(UNSEEN[0]); i++) {
		if (c == UNSEEN[i])
			return 0;
	}
	if (c <= ' ' || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200a))
		return ' ';
	return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? REPLACEMENT : c;
}

/* Of the n bytes behind "&#". */
static bool read_number(const char *text, size_t n, uint32_t *ret)
{
	bool hex = n && (*text == 'x' || *text == 'X');
	uint32_t value = 0;

	text += hex;
	n -= hex;
	if (!n || n > 8)
		return false;
	for (size_t i = 0; i < n; i++) {
		int digit = text_hex(text[i]);

		if (digit < 0 || (!hex && digit > 9))
			return false;
		value = value * (hex ? 16 : 10) + (uint32_t)digit;
	}
	*ret = plain(value);
	return true;
}

static bool read_name(const char *text, size_t n, uint32_t *ret)
{
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (strlen(NAMES[i].name) == n && !memcmp(NAMES[i].name, text, n)) {
			*ret = NAMES[i].c;
			return true;
		}
	}
	return false;
}

size_t html_entity(struct json_span text, uint32_t *ret)
{
	size_t n = text.len < BYTES_MAX ? text.len : BYTES_MAX;
	const char *end = memchr(text.text, ';', n);
	bool known;

	if (!end || end < text.text + 2)
		return 0;
	n = (size_t)(end - text.text) - 1;
	known = text.text[1] == '#' ? read_number(text.text + 2, n - 1, ret)
				    : read_name(text.text + 1, n, ret);
	return known ? n + 2 : 0;
}
