/* Who is calling: the bearer token checked, in the order the Microsoft identity platform's "Access
 * tokens, validate tokens" gives, cheapest checks first so that junk never causes a key fetch.
 */
#ifndef TOKEN_CALLER_H
#define TOKEN_CALLER_H

#include <stdint.h>

#include "base/config.h"
#include "base/err.h"
#include "token/jwks.h"
#include "token/user.h"

struct caller_cache;

/* What a token is checked against.  own_uri belongs to the struct. */
struct caller_rules {
	const struct config *config;
	struct jwks *jwks;
	struct caller_cache *checked; /* tokens seen before */
	char *own_uri;                /* api://CLIENT_ID */
};

/* Only with a complete config; keeps up to TOKEN_CACHE_ENTRIES checked tokens. */
void caller_rules_init(struct caller_rules *rules, const struct config *config, struct jwks *jwks);
void caller_rules_done(struct caller_rules *rules);

struct caller_query {
	const char *authorization; /* the header's value; NULL: none */
	bool accept_graph;         /* a token whose audience is Microsoft Graph: a CALLER_GRAPH */
	int64_t now_s;
	struct deadline deadline; /* for the keys */
};

/* Checks who it is; the caller ends *ret with caller_done.  Errors: ERR_MISSING_TOKEN,
 * ERR_INVALID_REQUEST, ERR_INVALID_TOKEN, ERR_APP_ONLY_TOKEN, ERR_INSUFFICIENT_SCOPE,
 * ERR_CLIENT_NOT_ALLOWED, and those of jwks_find. */
bool caller_check(const struct caller_rules *rules, const struct caller_query *query,
	struct caller *ret, struct err *err);

#endif
