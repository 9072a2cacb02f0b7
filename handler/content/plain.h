/* Text and HTML, in whatever charset. */
#ifndef CONTENT_PLAIN_H
#define CONTENT_PLAIN_H

#include "content/charset.h"

/* Adds the text as it is.  NULL, or a public sentence that says why it is not read. */
const char *plain_read(struct json_span bytes, enum charset declared, struct text_out *out);
/* Adds the words of HTML, which may name its charset itself. */
const char *plain_read_html(struct json_span bytes, enum charset declared, struct text_out *out);

#endif
