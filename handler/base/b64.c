#include "base/b64.h"

#include <stdint.h>
#include <string.h>

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct buf *out, const uint8_t *p, size_t n, const char *alphabet)
{
	for (; n >= 3; n -= 3, p += 3) {
		uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		char four[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63],
			alphabet[v & 63]};
		buf_add(out, four, 4);
	}
	if (n) {
		uint32_t v = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
		char three[3] = {alphabet[v >> 18], alphabet[v >> 12 & 63], alphabet[v >> 6 & 63]};
		buf_add(out, three, n + 1);
	}
}

void b64_encode(struct buf *out, const void *bytes, size_t n)
{
	encode(out, bytes, n, STANDARD);
	if (n % 3)
		buf_adds(out, n % 3 == 1 ? "==" : "=");
}

void b64url_encode(struct buf *out, const void *bytes, size_t n)
{
	encode(out, bytes, n, URL);
}

static int value_of(char c, bool url)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (url ? '-' : '+'))
		return 62;
	if (c == (url ? '_' : '/'))
		return 63;
	return -1;
}

static bool decode(struct buf *out, const char *text, size_t n, bool url)
{
	size_t start = out->len;
	uint32_t bits = 0;
	int held = 0;
	bool good = true;

	if (n % 4 == 1)
		return false;
	buf_reserve(out, n / 4 * 3 + n % 4 * 3 / 4);
	for (size_t i = 0; i < n && good; i++) {
		int v = value_of(text[i], url);

		good = v >= 0;
		bits = bits << 6 | (uint32_t)v;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out->data[out->len++] = (char)(bits >> held);
		}
	}
	if (bits & ((1u << held) - 1)) /* stray bits: two texts for the same bytes */
		good = false;
	if (!good)
		out->len = start;
	out->data[out->len] = '\0';
	return good;
}

bool b64url_decode(struct buf *out, const char *text, size_t n)
{
	return decode(out, text, n, true);
}

bool b64_decode(struct buf *out, const char *text, size_t n)
{
	if (n % 4)
		return false;
	if (n && text[n - 1] == '=')
		n -= text[n - 2] == '=' ? 2 : 1;
	return decode(out, text, n, false);
}

bool b64_decode_any(struct buf *out, const char *text, size_t n)
{
	for (int padding = 0; padding < 2 && n && text[n - 1] == '='; padding++)
		n--;
	return decode(out, text, n, false) || decode(out, text, n, true);
}
