/* The words of HTML that others wrote, such as a mail's body: what a reader needs, in a tenth of
 * the bytes.  No more than that: nothing here makes HTML safe to show. */
#ifndef CONTENT_HTML_TEXT_H
#define CONTENT_HTML_TEXT_H

#include "base/buf.h"
#include "base/json_scan.h"

/* Appends the text of UTF-8 HTML, in UTF-8 and no longer than the HTML: tags, comments, scripts and
 * styles left out, entities decoded, runs of white space made one blank, or one line end where an
 * element that stands on lines of its own begins or ends.  What is not closed goes on to the end
 * (HTML, "Tokenization"), so that the time is linear. */
void html_text(struct json_span html, struct buf *out);

#endif
