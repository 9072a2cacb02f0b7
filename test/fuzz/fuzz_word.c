/* The parts of a Word document, as zipped.h reads them. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_office("word/document.xml", data, size);
	return 0;
}
