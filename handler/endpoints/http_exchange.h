/* A call that came as an HTTP request, and its response. */
#ifndef ENDPOINTS_HTTP_EXCHANGE_H
#define ENDPOINTS_HTTP_EXCHANGE_H

#include "endpoints/call.h"
#include "http/message.h"

struct http_exchange {
	struct call call; /* first: a call taken over HTTP is its exchange */
	struct identity identity;
	struct record record;
	struct admission_pass pass;
	const struct request *request;
	struct response *response;
	cJSON *arguments; /* owned: the call's */
	bool head_only;   /* the body is still to come */
	bool goes_on;     /* and is wanted: there is no answer yet */
};

/* The body as JSON; *ret stays as it is where there is none. */
bool exchange_read_json(const struct http_exchange *exchange, cJSON **ret, struct err *err);

#endif
