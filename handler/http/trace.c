#include "http/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"

#define VALUE_LEN (TRACE_SIZE - 1)
#define PARENT_AT 36
#define PARENT_LEN 16

/* n lower-case hexadecimal digits. */
static bool is_hex(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

static bool all_zero(const char *text, size_t n)
{
	return strspn(text, "0") >= n;
}

bool trace_valid(const char *traceparent)
{
	size_t n = strlen(traceparent);

	if (n < VALUE_LEN || !is_hex(traceparent, 2) || !strncmp(traceparent, "ff", 2))
		return false;
	if (n > VALUE_LEN && (!strncmp(traceparent, "00", 2) || traceparent[VALUE_LEN] != '-'))
		return false;
	return traceparent[2] == '-' && is_hex(traceparent + 3, 32) && traceparent[35] == '-' &&
	       is_hex(traceparent + PARENT_AT, PARENT_LEN) && traceparent[52] == '-' &&
	       is_hex(traceparent + 53, 2) && !all_zero(traceparent + 3, 32) &&
	       !all_zero(traceparent + PARENT_AT, PARENT_LEN);
}

void trace_continue(const char *traceparent, char ret[TRACE_SIZE])
{
	char id[UUID_SIZE];

	*ret = '\0';
	if (!traceparent || !trace_valid(traceparent))
		return;
	uuid_make(id); /* its last twelve digits and first four are random */
	snprintf(ret, TRACE_SIZE, "00-%.32s-%.12s%.4s-%.2s", traceparent + 3, id + 24, id,
		traceparent + 53);
}
