/* A file of any kind: what is read of it is text as it is promised, or a sentence. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_content(data, size, NULL, NULL);
	fuzz_content(data, size, "a.html", NULL);
	return 0;
}
