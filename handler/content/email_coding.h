/* How a mail's bytes are written in letters (RFC 2045, section 6). */
#ifndef CONTENT_EMAIL_CODING_H
#define CONTENT_EMAIL_CODING_H

#include "base/buf.h"
#include "base/json_scan.h"

/* Appends what the text stands for in quoted-printable; what is broken stays as it is. */
void email_decode_quoted(struct json_span text, struct buf *out);
/* The same of RFC 2047's "Q", where _ is a blank. */
void email_decode_q(struct json_span text, struct buf *out);
/* The same in base64, up to what is none; white space within is left out. */
void email_decode_base64(struct json_span text, struct buf *out);

#endif
