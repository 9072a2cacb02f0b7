/* An Excel workbook (ECMA-376 part 1, SpreadsheetML) as text: "## Sheet: NAME", then a line for
 * each row, with tabs between its cells.  Rows without cells are one empty line.  Numbers are as
 * they are stored, dates in ISO 8601; a formula without a result is shown itself. */
#ifndef CONTENT_SHEET_H
#define CONTENT_SHEET_H

#include "content/text_out.h"
#include "content/zip.h"

/* Adds the text of the main part.  NULL, or a public sentence that says why it is not read. */
const char *sheet_read(struct zip *zip, const char *part, struct text_out *out);

#endif
