/* From an HTTP request to its response: route, Origin, method, body, the call, error, log line. */
#ifndef ENDPOINTS_DISPATCH_H
#define ENDPOINTS_DISPATCH_H

#include "http/message.h"

/* A server_handler; context is a struct service.  Always fills the response. */
void dispatch(void *context, const struct request *request, const struct err *err,
	struct response *response);

/* A body_wanted, of the same context: refuses what dispatch would refuse whatever the body. */
bool dispatch_wants_body(void *context, const struct request *request, struct response *response);

#endif
