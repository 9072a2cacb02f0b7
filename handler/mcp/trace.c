#include "mcp/trace.h"

#include <string.h>

#define LEN (TRACEPARENT_SIZE - 1)

/* n lower-case hexadecimal digits, not all of them `except`. */
static bool is_hex(const char *text, size_t n, char except)
{
	char all[33];

	memset(all, except, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		if (!text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return memcmp(text, all, n) != 0;
}

bool trace_read(const char *text, size_t n, char *ret)
{
	static const char MODEL[] = "vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-ff";

	if (n < LEN)
		return false;
	for (size_t i = 0; i < LEN; i++) {
		if ((MODEL[i] == '-') != (text[i] == '-'))
			return false;
	}
	if (!is_hex(text, 2, 'f') || !is_hex(text + 3, 32, '0') || !is_hex(text + 36, 16, '0') ||
		!is_hex(text + 53, 2, '-'))
		return false;
	if (n > LEN && (text[LEN] != '-' || !memcmp(text, "00", 2)))
		return false;
	memcpy(ret, text, LEN);
	memcpy(ret, "00", 2);
	ret[LEN] = '\0';
	return true;
}
