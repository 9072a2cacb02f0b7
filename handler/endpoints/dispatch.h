/* From a request to its answer: route, method, body, authentication, endpoint, error, log line. */
#ifndef ENDPOINTS_DISPATCH_H
#define ENDPOINTS_DISPATCH_H

#include "endpoints/endpoints.h"

/* A server_handler; context is a struct service.  Always fills the response. */
void dispatch(void *context, const struct request *request, const struct err *err,
	struct response *response);

/* Gives a zeroed call its ids, from the caller's own where it sent a good one (NULL: none). */
void call_start(struct call *call, const char *request_id);
/* Gives it the trace that the caller belongs to; NULL, or not valid: none. */
void call_trace(struct call *call, const char *traceparent);

/* Checks the caller as its row asks, filling call->caller (or call->stranger) unless it is known
 * already.  The one place where authentication is decided, whatever the transport. */
bool authenticate(struct call *call, struct err *err);

/* Notes in the call why its caller is not known. */
void stranger_is(struct call *call, const struct err *why);

/* Counts a call of its row. */
void call_count(const struct call *call, bool failed);

/* The line that every call leaves in the log; err NULL: it went well. */
void call_log(const struct call *call, const struct err *err, int64_t start_ms);

/* ERR_ORIGIN_NOT_ALLOWED for a web page that may not use /mcp. */
bool mcp_origin_check(const struct call *call, struct err *err);

/* Calls a tool's row: an mcp_runner; context is a struct service, transport the struct call of the
 * HTTP request that it came in, or NULL over stdio. */
bool mcp_run_tool(void *context, const struct mcp_call *mcp, struct outcome *ret, struct err *err);

/* The answer to an error: status, JSON body, WWW-Authenticate, Retry-After. */
void answer_error(struct call *call, const struct err *err);

#endif
