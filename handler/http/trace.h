/* W3C Trace Context (Recommendation, §3.2): one field that lets an operator follow a request from
 * service to service.  We keep no trace of our own; we pass the caller's on. */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include <stdbool.h>

#define TRACE_SIZE 56 /* 00-<32 hex>-<16 hex>-<2 hex>, and the NUL */

/* True for a version 00 traceparent, or the part of a later version's that 00 defines. */
bool trace_valid(const char *traceparent);

/* What to send on: the same trace and flags, with us (a new id) as the parent.  "" unless valid;
 * NULL is fine. */
void trace_continue(const char *traceparent, char ret[TRACE_SIZE]);

#endif
