/* A media type, a line, and a text of that type: any charset, HTML or none. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	size_t n = strcspn(text, "\n");

	text[n] = '\0';
	n += n < size;
	fuzz_content((const uint8_t *)text + n, size - n, NULL, text);
	free(text);
	return 0;
}
