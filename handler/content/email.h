/* A mail as it is sent (RFC 5322, RFC 2045 to 2047), such as one that is attached to another: who
 * wrote it to whom and when, and its first part that is text. */
#ifndef CONTENT_EMAIL_H
#define CONTENT_EMAIL_H

#include "base/json_scan.h"
#include "content/text_out.h"

#define EMAIL_DEPTH_MAX 4 /* of parts within parts */

/* Adds the text; a public sentence in the place of a body that is not read. */
void email_read(struct json_span bytes, struct text_out *out);

#endif
