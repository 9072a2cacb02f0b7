/* The HTTP headers that repeat what a modern request says (MCP 2026-07-28, "Transports", standard
 * headers), so that a gateway may route and check without reading bodies: they must
 * agree, or the gateway was told something else than we were.  Names ignore case, values do not. */
#ifndef MCP_HEADERS_H
#define MCP_HEADERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_scan.h"
#include "http/message.h"

/* A value as it travels: the bytes themselves, or =?base64?<base64>?= around their encoding.
 * Appends what it stands for.  False when the base64 is not right (RFC 4648 §4, with padding). */
bool header_decode(struct json_span value, struct buf *ret);

/* The value of that field, without white space around it, where it holds no comma: copies that
 * agree count as one, be they in lines of their own or in one line with commas between, as some
 * clients send them and proxies join them.  False when there is none, or they differ. */
bool header_single(const struct request *request, const char *name, struct json_span *ret);

/* The same for a value that may hold commas: copies in one line are part of it. */
bool header_whole(const struct request *request, const char *name, struct json_span *ret);

/* Whether that field is there and says `expected`, as it is or decoded; copies count likewise. */
bool header_equals(const struct request *request, const char *name, const char *expected);
bool header_decodes_to(const struct request *request, const char *name, const char *expected);

#endif
