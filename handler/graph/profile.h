/* The profile that Graph gave: whether it is the caller's, and in the shape that was asked for. */
#ifndef GRAPH_PROFILE_H
#define GRAPH_PROFILE_H

#include "base/err.h"
#include "base/json_scan.h"
#include "token/user.h"

/* The $select to send for that one, so that the answer says whose it is: with `id`.  NULL stays
 * NULL: Graph's default has it.  The caller frees it. */
char *profile_select(const char *select);

/* Refuses, with ERR_GRAPH_ERROR, and logs a profile (an object) that is not the caller's or says
 * twice whose it is.  Of a caller whose own token does not say who that is, every profile is taken.
 */
bool profile_check(struct json_span profile, const struct caller *caller, struct err *err);

/* Begins the object that the client gets: the profile's members as Graph gave them, without `id`
 * where select (as the client gave it) leaves it out, and without what include (bits of batch.h)
 * puts beside them.  More members may follow; the closing brace is the caller's. */
void profile_open(struct json_span profile, const char *select, unsigned include, struct buf *out);

#endif
