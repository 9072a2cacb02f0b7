/* The profile that Graph gave: whether it is the caller's, and in the shape that was asked for. */
#ifndef GRAPH_PROFILE_H
#define GRAPH_PROFILE_H

#include "base/err.h"
#include "base/json.h"
#include "token/caller.h"

/* The $select to send for that one, so that the answer says whose it is: with `id`.  NULL stays
 * NULL: Graph's default has it.  The caller frees it. */
char *profile_select(const char *select);

/* Refuses, with ERR_GRAPH_ERROR, and logs a profile that is not the caller's; takes `id` out where
 * select (as the client gave it) leaves it out.  Of a caller whose own token does not say who that
 * is, every profile is taken. */
bool profile_check(
	cJSON *profile, const struct caller *caller, const char *select, struct err *err);

#endif
