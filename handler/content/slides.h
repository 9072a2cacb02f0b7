/* A PowerPoint presentation (ECMA-376 part 1, PresentationML) as text: "## Slide 1" for each slide
 * in the order they are shown, titles as "### ", tables as "| a | b |", the speaker's notes below.
 */
#ifndef CONTENT_SLIDES_H
#define CONTENT_SLIDES_H

#include "content/text_out.h"
#include "content/zip.h"

/* Adds the text of the main part.  NULL, or a public sentence that says why it is not read. */
const char *slides_read(struct zip *zip, const char *part, struct text_out *out);

#endif
