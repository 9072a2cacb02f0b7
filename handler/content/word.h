/* A Word document (ECMA-376 part 1, WordprocessingML) as text: headings as "# ", lists as "- ",
 * tables as "| a | b |", notes and comments at the end.  What changes under review have deleted is
 * left out. */
#ifndef CONTENT_WORD_H
#define CONTENT_WORD_H

#include "content/text_out.h"
#include "content/zip.h"

/* Adds the text of the main part.  NULL, or a public sentence that says why it is not read. */
const char *word_read(struct zip *zip, const char *part, struct text_out *out);

#endif
