/* Microsoft Graph, on behalf of a caller. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdint.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"
#include "base/health.h"
#include "http/client.h"
#include "token/obo.h"

struct graph {
	const struct config *config;
	struct http_client *http;
	struct obo *obo;
	struct health health;
	_Atomic(int) waiting; /* calls between two tries, each holding a server thread */
};

/* One call: what is asked, and for the log, what it took. */
struct graph_call {
	const struct caller *caller; /* CALLER_USER or CALLER_GRAPH */
	const char *select;          /* property names ([A-Za-z0-9_]+, the caller has seen to that)
					separated by commas; NULL: Graph's default */
	unsigned include;            /* bits of batch.h: more to read in the same round trip */
	const char *correlation_id;  /* GUID, sent as client-request-id */
	const char *trace;           /* traceparent to send on; NULL: none */
	struct deadline deadline;    /* of the whole call */
	int64_t graph_ms;            /* out: spent on Graph, retries included */
	const char *token_source;    /* out: "hit", "exchange" or "caller"; NULL: got none */
	char request_id[64];         /* out: Graph's own id of the last answer; "" if none */
	char diagnostic[256];        /* out: x-ms-ags-diagnostic of that answer; "" if none */
};

/* Reads the caller's profile (GET /v1.0/me; "Get a user").  *ret is Graph's JSON object, its
 * members as the bytes that Graph sent (profile_open), with the parts of `include` beside them
 * (graph_batch_add), on one line; the caller ends it with buf_done.  Retries
 * 429, 503 (on a fresh connection) and 504 within the deadline, and gives up at once when
 * Graph asks for a longer wait.  A 401, a claims challenge, or a profile that is not the caller's
 * drops the cached token and tries once with a new one, got with the challenge's claims.  Errors of
 * obo_token, and ERR_INVALID_TOKEN, ERR_INSUFFICIENT_CLAIMS, ERR_GRAPH_FORBIDDEN, ERR_NOT_FOUND,
 * ERR_BAD_REQUEST (a name in select), ERR_THROTTLED, ERR_GRAPH_ERROR, ERR_UPSTREAM_*. */
bool graph_me(struct graph *graph, struct graph_call *call, struct buf *ret, struct err *err);

#endif
