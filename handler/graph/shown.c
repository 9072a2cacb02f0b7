#include "graph/shown.h"

#include <string.h>

/* Bytes at text that are one character which is not shown; 0: it is shown. */
static size_t unseen(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (*p < ' ' || *p == 0x7f)
		return 1;
	if ((*p == 0xc2 && p[1] < 0xa0) || (*p == 0xd8 && p[1] == 0x9c))
		return 2; /* C1; U+061C */
	if (*p == 0xe2 && ((p[1] == 0x80 && ((p[2] >= 0x8b && p[2] <= 0x8f) ||
						    (p[2] >= 0xa8 && p[2] <= 0xae))) ||
				  (p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf)))
		return 3; /* U+200B to 200F, 2028 to 202E, 2060 to 206F */
	return !memcmp(p, "\xef\xbb\xbf", *p == 0xef ? 3 : 1) ? 3 : 0;
}

static size_t cut(const char *text, size_t max)
{
	size_t n = strlen(text);

	if (n <= max)
		return n;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

void shown_add(const char *text, size_t max, struct buf *out)
{
	size_t n = cut(text, max), rest = strlen(text) - n;

	for (size_t i = 0; i < n;) {
		size_t hidden = unseen(text + i);

		if (text[i] == '\n')
			buf_adds(out, "\n    ");
		else if (hidden && text[i] != '\r')
			buf_adds(out, " ");
		else if (!hidden)
			buf_add(out, text + i, 1);
		i += hidden ? hidden : 1;
	}
	if (rest)
		buf_addf(out, " [and %zu bytes more]", rest);
}
