/* What Microsoft Graph answered, in one form whether it came as a reply of its own or as one part
 * of a $batch ("Combine multiple HTTP requests using JSON batching").  JSON is checked (json_flaw)
 * and kept as the bytes it is. */
#ifndef GRAPH_ANSWER_H
#define GRAPH_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"
#include "graph/request.h"
#include "http/client.h"

struct graph_answer {
	int status;
	struct json_span body; /* text NULL: not JSON, empty, or cut */
	bool cut;              /* longer than it may be */
	int retry_after_s;     /* 0: not given */
	char code[64];         /* of an error, its deepest code; "" if none */
	char *claims;          /* of a claims challenge, base64; NULL: none */
	char request_id[64];   /* "" if none */
	char diagnostic[256];  /* where in Graph it was answered; "" if not said */
	char media_type[128];  /* of a reply; "": not said */
	char *location;        /* of a reply of 302, a secret: it opens a file; NULL: not one */
	int64_t connection;    /* that brought it, for http_distrust */
	struct buf bytes;      /* those that body is in; a part of a batch owns none */
};

/* Reads a reply, whose body it takes over, at now_s (for a Retry-After that is a date).  Ended with
 * graph_answer_done. */
void graph_answer_read(struct http_reply *reply, int64_t now_s, struct graph_answer *ret);
void graph_answer_done(struct graph_answer *answer);

/* Reads the part with that id of a batch's answer, which must outlive *ret; ended with
 * graph_answer_done too.  False when there is none. */
bool graph_answer_part(
	const struct graph_answer *batch, const char *id, int64_t now_s, struct graph_answer *ret);

/* Whether Graph says, by a 429 or a 503 with Retry-After, that it has not taken the request. */
bool graph_answer_untaken(const struct graph_answer *answer);

/* Turns an answer that is no success into our error: by HTTP status, then challenge.  request gives
 * its sentences (NULL: the usual ones); of one that is `once` it is ERR_OUTCOME_UNKNOWN where Graph
 * failed with it.  Always false. */
bool graph_refusal(
	const struct graph_answer *answer, const struct graph_request *request, struct err *err);

#endif
