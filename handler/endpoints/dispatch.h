/* From a request to its answer: route, method, body, authentication, endpoint, error, log line. */
#ifndef ENDPOINTS_DISPATCH_H
#define ENDPOINTS_DISPATCH_H

#include "endpoints/endpoints.h"

/* A server_handler; context is a struct service.  Always fills the response. */
void dispatch(void *context, const struct request *request, const struct err *err,
	struct response *response);

/* Checks the caller as the row asks, filling call->caller (and caller_err).  The one place where
 * authentication is decided, whatever the transport. */
bool authenticate(struct call *call, const struct endpoint *endpoint, struct err *err);

/* The answer to an error: status, JSON body, WWW-Authenticate, Retry-After. */
void answer_error(struct call *call, const struct err *err);

#endif
