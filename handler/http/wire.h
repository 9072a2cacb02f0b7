/* A response as HTTP/1.1 has it on the wire (RFC 9112 §4). */
#ifndef HTTP_WIRE_H
#define HTTP_WIRE_H

#include "base/buf.h"
#include "http/message.h"

/* Appends status line, fields (Date and, but for a 204, Content-Length too) and, unless the request
 * was HEAD, the body.  reason: the status line's phrase. */
void wire_response(
	struct buf *out, const char *method, const char *reason, const struct response *response);

#endif
