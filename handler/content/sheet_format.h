/* Which cells of an Excel workbook hold dates, which are stored as numbers: their style says it
 * (ECMA-376 part 1, 18.8.30 "numFmt"). */
#ifndef CONTENT_SHEET_FORMAT_H
#define CONTENT_SHEET_FORMAT_H

#include "base/buf.h"
#include "content/zip.h"

enum sheet_format { SHEET_NUMBER, SHEET_DATE, SHEET_TIME, SHEET_DATE_TIME };

struct sheet_formats {
	struct buf items; /* a byte for each style of a cell */
};

/* Fills *ret, to be ended with sheet_formats_done, whatever it returns: NULL or a public sentence.
 * part NULL: the workbook has no styles. */
const char *sheet_formats_read(struct zip *zip, const char *part, struct sheet_formats *ret);
void sheet_formats_done(struct sheet_formats *formats);

/* Of the style with that number, as a cell names it; NULL: it names none. */
enum sheet_format sheet_format_of(const struct sheet_formats *formats, const char *style);

/* Appends the stored number as ISO 8601 (2026-11-27, 10:00:00, 2026-11-27T10:00:00), counted in
 * days from the year 1900 or 1904.  False, with nothing added, when it is no such moment. */
bool sheet_format_date(
	const char *number, enum sheet_format format, int first_year, struct buf *out);

#endif
