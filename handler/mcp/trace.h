/* The traceparent of W3C Trace Context (§3.2): which trace a request belongs to. */
#ifndef MCP_TRACE_H
#define MCP_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACEPARENT_SIZE 56

/* Writes the n bytes in version 00's form into ret[TRACEPARENT_SIZE].  False, with ret untouched,
 * unless they are valid.  A later version is read as far as 00 goes (§4.3). */
bool trace_read(const char *text, size_t n, char *ret);

#endif
