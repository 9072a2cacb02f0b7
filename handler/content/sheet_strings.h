/* The strings that the cells of an Excel workbook share (ECMA-376 part 1, 18.4.9 "sst"). */
#ifndef CONTENT_SHEET_STRINGS_H
#define CONTENT_SHEET_STRINGS_H

#include "base/buf.h"
#include "content/zip.h"

#define SHEET_STRINGS_BYTES_MAX (8u << 20) /* more than can be shown of them */
#define SHEET_STRINGS_MAX (1u << 20)

/* The text is as it is shown, without what is left out of that: so where many cells name a string
 * of which nothing is to be seen there is nothing to go through. */
struct sheet_strings {
	struct buf text;
	struct buf ends; /* where each ends in the text, as uint32_t */
	bool cut;        /* there are more */
};

/* Fills *ret, to be ended with sheet_strings_done, whatever it returns: NULL or a public sentence.
 * part NULL: the workbook has none. */
const char *sheet_strings_read(struct zip *zip, const char *part, struct sheet_strings *ret);
void sheet_strings_done(struct sheet_strings *strings);

/* The one of that number, as a cell names it; empty: there is none. */
struct json_span sheet_strings_at(const struct sheet_strings *strings, const char *number);

#endif
