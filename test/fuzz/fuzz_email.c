/* A mail. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_content(data, size, NULL, "message/rfc822");
	return 0;
}
