/* W3C Trace Context (Recommendation, §3.2): one field that lets an operator follow a request from
 * service to service.  We keep no trace of our own; we pass the caller's on. */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define TRACE_SIZE 56 /* 00-<32 hex>-<16 hex>-<2 hex>, and the NUL */

/* Writes the traceparent of n bytes in version 00's form into ret.  False, with ret untouched,
 * unless it is valid.  A later version is read as far as 00 goes (§4.3). */
bool trace_read(const char *text, size_t n, char ret[TRACE_SIZE]);

/* What to send on: the same trace and flags, with us (a new id) as the parent.  "" unless
 * traceparent is valid; NULL is fine. */
void trace_continue(const char *traceparent, char ret[TRACE_SIZE]);

#endif
