/* The cells of one sheet of an Excel workbook, as lines. */
#ifndef CONTENT_SHEET_CELLS_H
#define CONTENT_SHEET_CELLS_H

#include "content/sheet_format.h"
#include "content/sheet_strings.h"
#include "content/text_out.h"

/* What its cells refer to. */
struct sheet_book {
	struct zip *zip;
	struct text_out *out;
	struct sheet_strings strings;
	struct sheet_formats formats;
	int first_year; /* of its dates */
};

/* Adds the sheet's lines.  NULL, or a public sentence that says why it is not read. */
const char *sheet_cells_read(const struct sheet_book *book, const char *part);

#endif
