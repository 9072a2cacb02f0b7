#include "base/text.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"

bool text_is(const char *text, const char *expected)
{
	return text && !strcmp(text, expected);
}

bool text_is_one_of(const char *text, const char *const *all)
{
	while (*all && (**all != *text || strcmp(*all, text) != 0))
		all++;
	return *all != NULL;
}

bool list_has(const char *list, char separator, const char *item)
{
	size_t n = strlen(item);

	while (n && *list) {
		const char *end = strchrnul(list, separator);

		if ((size_t)(end - list) == n && !memcmp(list, item, n))
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

bool text_is_name(const char *text, size_t max)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return *text >= 'a' && *text <= 'z' && n <= max && !text[n];
}

bool guid_valid(const char *text)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return text[36] == '\0';
}

bool b64token_valid(const char *text, size_t max)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-._~+/=");

	return n && n <= max && !text[n];
}

/* Bytes in the UTF-8 sequence that starts at p, 0 when it is not valid.  RFC 3629 §4. */
static size_t sequence(const unsigned char *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (len == 1)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* Whether eight bytes are. */
static bool all_ascii(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return !(word & 0x8080808080808080);
}

bool utf8_valid(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	while (n) {
		size_t len = n >= 8 && all_ascii(p) ? 8 : sequence(p, n);

		if (!len)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

size_t utf8_fitting(const char *text, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

size_t utf8_length(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

bool utf8_has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
			return true;
	}
	return false;
}

bool text_has_control(const char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			return true;
	}
	return false;
}

char *text_lower(char *text)
{
	for (char *p = text; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

int text_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *text_without_slash(const char *text)
{
	size_t n = strlen(text);

	while (n && text[n - 1] == '/')
		n--;
	return xstrndup(text, n);
}

const char *int_digits(int64_t value, char ret[INT_DIGITS_SIZE])
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = INT_DIGITS_SIZE - 1;

	ret[at] = '\0';
	do {
		ret[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (value < 0)
		ret[--at] = '-';
	return ret + at;
}
