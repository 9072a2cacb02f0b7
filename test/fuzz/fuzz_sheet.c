/* The parts of an Excel workbook, as zipped.h reads them. */
#include "zipped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_office("xl/workbook.xml", data, size);
	return 0;
}
