/* Microsoft Graph, on behalf of a caller: carries out what a graph_request describes. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdint.h>

#include "base/config.h"
#include "base/err.h"
#include "base/health.h"
#include "graph/answer.h"
#include "graph/request.h"
#include "http/client.h"
#include "token/obo.h"

struct graph {
	const struct config *config;
	struct http_client *http;
	struct obo *obo;
	struct health health;
	_Atomic(int) waiting; /* calls between two tries, each holding a server thread */
	_Atomic(int) downloads;
};

/* For whom and how long, and for the log, what it took. */
struct graph_errand {
	const struct caller *caller; /* CALLER_USER or CALLER_GRAPH */
	const char *correlation_id;  /* GUID, sent as client-request-id */
	const char *trace;           /* traceparent to send on; NULL: none */
	struct deadline deadline;    /* of the whole call */
	int64_t graph_ms;            /* out: spent on Graph, retries included */
	const char *token_source;    /* out: "hit", "exchange" or "caller"; NULL: got none */
	char request_id[64];         /* out: Graph's own id of the last answer; "" if none */
	char diagnostic[256];        /* out: x-ms-ags-diagnostic of that answer; "" if none */
};

/* Carries the request out and gives the whole answer, of a status from 200 to 299 (or, of a file,
 * another that its request names), to be ended with graph_answer_done; of a batch, its deciding
 * part has such a status too.
 *
 * Retries 429 and 503 (on a fresh connection) and 504, within the deadline, and gives up at once
 * when Graph asks for a longer wait.  Of a request that is `once`, 429 and a 503 with Retry-After
 * alone, which Graph has not taken; any other 5xx, and a connection or a deadline that ends once
 * bytes of it may have gone, is ERR_OUTCOME_UNKNOWN, and a success that is too long has no body.  A
 * 401, a claims challenge, or an answer that the request's check refuses drops the cached token and
 * tries once with a new one, got with the challenge's claims; of an answer that check refuses the
 * connection is given up too. Errors of obo_token, graph_refusal and check, ERR_GRAPH_ERROR,
 * ERR_UPSTREAM_*. */
bool graph_send(struct graph *graph, const struct graph_request *request,
	struct graph_errand *errand, struct graph_answer *ret, struct err *err);

#endif
