/* The parts of a PowerPoint presentation, as zipped.h reads them. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_office("ppt/presentation.xml", data, size);
	return 0;
}
