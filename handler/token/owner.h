/* Whose it is what came back for a caller: the second wall behind the client's care that an answer
 * is its request's.  What an upstream says of the user must be about this user.
 */
#ifndef TOKEN_OWNER_H
#define TOKEN_OWNER_H

#include <stdbool.h>

#include "base/secret.h"
#include "token/user.h"

/* Whether two object ids are one: GUIDs, or Graph's short form of a personal account's, which
 * leaves out the dashes and the zeros in front. */
bool owner_same(const char *id, const char *other);

/* Whether the Graph token names another user or tenant than the caller's.  Graph tokens are opaque:
 * one that cannot be read, or names nobody, is nobody else's, and nothing in it ever allows
 * anything. */
bool owner_differs(const struct secret *graph_token, const struct caller *caller);

/* The object id of whom Graph's answer must be about; NULL: not known.  The caller frees it. */
char *owner_expected(const struct caller *caller);

#endif
