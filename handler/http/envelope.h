/* The Functions host's payload envelope: in that mode each invocation is a POST whose JSON body
 * describes the client's request, and whose JSON answer describes the response.  (Azure Functions
 * custom handlers, "Request payload" and "Response payload".)
 */
#ifndef HTTP_ENVELOPE_H
#define HTTP_ENVELOPE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "http/message.h"

struct envelope {
	cJSON *tree;
	struct buf body;      /* decoded, when the host sent it as base64 */
	struct request inner; /* points into tree and body */
	const char *binding;  /* the HTTP trigger's name, "req" */
};

/* True when a request to a handler that is sent envelopes is one: all are but the host's probes. */
bool envelope_expected(const struct request *outer);

/* Reads the inner request; the path stays the outer one (the function's name).  body_max is the
 * limit of the inner body.  The envelope must be released with envelope_done either way. */
bool envelope_open(
	struct envelope *envelope, const struct request *outer, size_t body_max, struct err *err);
void envelope_done(struct envelope *envelope);

/* Wraps the answer for the output binding `res`.  The host sends a body on as text, so one that
 * is not UTF-8 without NULs cannot be carried: fails with ERR_UNSUPPORTED_MEDIA_TYPE. */
bool envelope_wrap(const struct response *inner, struct response *outer, struct err *err);

/* The whole way: opens outer, has the inner request answered by handler, and wraps the answer. */
struct envelope_way {
	size_t body_max;
	request_handler handler;
	void *context;
};
void envelope_serve(
	const struct envelope_way *way, const struct request *outer, struct response *response);

#endif
