/* The caller's profile: what is asked of Graph for it (GET /v1.0/me; "Get a user"), whether what
 * comes is the caller's, and in which shape the client gets it. */
#ifndef GRAPH_PROFILE_H
#define GRAPH_PROFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"
#include "graph/graph.h"
#include "token/user.h"

struct profile_query {
	const char *select; /* property names ([A-Za-z0-9_]+, the caller has seen to that)
			       separated by commas; NULL: Graph's default */
	unsigned include;   /* bits of batch.h: more to read in the same round trip */
};

/* Reads it.  *ret is Graph's JSON object, its members as the bytes that Graph sent (profile_open),
 * with what is included beside them (graph_batch_add), on one line; the caller ends it with
 * buf_done.  Errors of graph_send, among them ERR_GRAPH_ERROR for a profile that is not the
 * caller's, ERR_BAD_REQUEST for a name in select.  A graph_source's; context is a struct graph. */
bool graph_me(void *context, const struct profile_query *query, struct graph_errand *errand,
	struct buf *ret, struct err *err);

/* The $select to send for that one, so that the answer says whose it is: with `id`.  NULL stays
 * NULL: Graph's default has it.  The caller frees it. */
char *profile_select(const char *select);

/* Refuses, with ERR_GRAPH_ERROR, and logs a profile (an object) that is not the caller's or says
 * twice whose it is.  Of a caller whose own token does not say who that is, every profile is taken.
 */
bool profile_check(struct json_span profile, const struct caller *caller, struct err *err);

/* Begins the object that the client gets: the profile's members as Graph gave them, without `id`
 * where the query (as the client gave it) leaves it out, and without what its include puts beside
 * them.  More members may follow; the closing brace is the caller's. */
void profile_open(struct json_span profile, const struct profile_query *query, struct buf *out);

#endif
