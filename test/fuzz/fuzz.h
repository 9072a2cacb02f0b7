/* What the fuzz targets share.  Each is one LLVMFuzzerTestOneInput that aborts on what must not
 * be; test/fuzz/corpus/<target> holds inputs that every `make unit` replays. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy with a NUL behind it, so that reading past the end shows; the caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Cuts "Name: value" lines, up to an empty one, into the request's headers; returns what follows.
 * Lines without a colon are headers without a value. */
static inline const char *fuzz_headers(struct request *request, char *text)
{
	while (*text && *text != '\n' && request->header_count < HEADERS_MAX - 1) {
		struct header *header = &request->headers[request->header_count++];
		char *end = text + strcspn(text, "\n");
		char *next = *end ? end + 1 : end;
		char *colon = memchr(text, ':', (size_t)(end - text));

		*end = '\0';
		header->name = text;
		header->value = colon ? colon + 1 : end;
		if (colon)
			*colon = '\0';
		text = next;
	}
	return *text == '\n' ? text + 1 : text;
}

#endif
