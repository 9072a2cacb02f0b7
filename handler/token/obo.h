/* A Microsoft Graph token for a caller: out of the cache, or by an On-Behalf-Of exchange. */
#ifndef TOKEN_OBO_H
#define TOKEN_OBO_H

#include "base/err.h"
#include "base/secret.h"
#include "token/caller.h"
#include "token/entra.h"
#include "token/token_cache.h"

struct obo {
	struct entra *entra;
	struct token_cache *cache;
};

/* Copies a Graph token for a CALLER_USER into *ret.  One exchange per user token at a time; the
 * result lives until shortly before it expires, and no longer than the user's token.  Errors of
 * entra_exchange. */
bool obo_token(struct obo *obo, const struct caller *caller, const char *correlation_id,
	struct secret *ret, bool *ret_hit, struct err *err);

/* Forgets that Graph token: Graph has just refused it. */
void obo_drop(struct obo *obo, const struct caller *caller, const struct secret *token);

#endif
