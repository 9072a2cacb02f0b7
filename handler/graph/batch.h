/* The caller's profile with more of Graph beside it, in one round trip. */
#ifndef GRAPH_BATCH_H
#define GRAPH_BATCH_H

#include "graph/answer.h"

enum {
	GRAPH_INCLUDE_PHOTO = 1,
	GRAPH_INCLUDE_MANAGER = 2,
};

/* The body of POST /v1.0/$batch for /me with that $select (NULL: default) and these parts. */
char *graph_batch_body(const char *select, unsigned include);

/* Whether that string token names an included part. */
bool graph_batch_brings(unsigned include, struct json_span name);

/* Appends the included parts of a batch's answer to an object that is still open: `photo` as
 * {contentType,data (base64)}, `manager` as Graph's object; null where there is none;
 * {"error":{code,message}}, with claims (base64) of a challenge and retryAfterSeconds where there
 * are any, where Graph refused that part alone. */
void graph_batch_add(
	const struct graph_answer *batch, unsigned include, int64_t now_s, struct buf *object);

#endif
