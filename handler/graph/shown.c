#include "graph/shown.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
/* Control characters, and what Unicode shows nothing of (Default_Ignorable_Code_Point) or lets turn
 * the order of others; without the selectors that only choose how a character looks. */
static const struct {
	uint32_t first, last;
} UNSEEN[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c},
	{0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
	{0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
	{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

/* The character that begins there, in valid UTF-8, and its bytes. */
static uint32_t read_character(const char *text, size_t *ret_bytes)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = *p;
	size_t n = 1;

	for (; n < 4 && (p[n] & 0xc0) == 0x80; n++)
		c = c << 6 | (p[n] & 0x3f);
	*ret_bytes = n;
	/* without the marks of its first byte */
	return n == 1 ? c : n == 2 ? c & 0x7ff : n == 3 ? c & 0xffff : c & 0x1fffff;
}

static bool is_unseen(uint32_t c)
{
	for (size_t i = 0; i < sizeof(UNSEEN) / sizeof(UNSEEN[0]); i++) {
		if (c >= UNSEEN[i].first && c <= UNSEEN[i].last)
			return true;
	}
	return false;
}

void shown_add(const char *text, size_t max, struct buf *out)
{
	size_t all = strlen(text), n = utf8_fitting(text, all, max), rest = all - n;

	for (size_t i = 0, bytes; i < n; i += bytes) {
		uint32_t c = read_character(text + i, &bytes);

		if (c == '\n')
			buf_adds(out, "\n    ");
		else if (!is_unseen(c))
			buf_add(out, text + i, bytes);
		else if (c != '\r')
			buf_adds(out, " ");
	}
	if (rest)
		buf_addf(out, " [and %zu bytes more]", rest);
}
