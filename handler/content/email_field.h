/* The fields of a mail's header, and of a part's (RFC 5322, 2.2). */
#ifndef CONTENT_EMAIL_FIELD_H
#define CONTENT_EMAIL_FIELD_H

#include "base/json_scan.h"
#include "content/text_out.h"

#define EMAIL_HEADER_BYTES_MAX (256u << 10) /* looked at for fields */

/* Cuts the header off the front of *rest, which becomes the body behind the empty line. */
struct json_span email_take_header(struct json_span *rest);

/* The first field of that name, as it is written, line ends and all; empty: there is none. */
struct json_span email_field(struct json_span header, const char *name);

/* The value of a parameter of a field, such as of "text/plain; charset=x", without quotes; empty:
 * there is none. */
struct json_span email_parameter(struct json_span field, const char *name);

/* Adds a field's text on one line, with words decoded that are encoded in a charset that is read
 * (RFC 2047). */
void email_add_field(struct json_span field, struct text_out *out);

#endif
