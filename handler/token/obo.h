/* A Microsoft Graph token for a caller: out of the cache, or by an On-Behalf-Of exchange. */
#ifndef TOKEN_OBO_H
#define TOKEN_OBO_H

#include <pthread.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/worker.h"
#include "token/entra.h"
#include "token/token_cache.h"
#include "token/user.h"

#define OBO_REFRESHES_MAX 8 /* background refreshes at once */

struct obo {
	struct entra *entra;
	struct token_cache *cache;
	pthread_mutex_t lock; /* guards what follows */
	struct worker refreshers[OBO_REFRESHES_MAX];
};

void obo_init(struct obo *obo, struct entra *entra, struct token_cache *cache);
/* Waits for the background refreshes.  Nothing else may use it any more. */
void obo_done(struct obo *obo);

/* Copies a Graph token for the caller and the scope into *ret: one that was got for this user token
 * and was granted all of the scope, whatever it was got for; one asked for with claims is new.  One
 * exchange per user token and scope at a time, and of scopes that come at once the first alone,
 * where what it brings serves all; the result lives until shortly before it expires, and no longer
 * than the user's token.  Past Entra's refresh_in it is renewed in the background, once, and served
 * meanwhile.  A refusal that only the user can mend, and a throttle, are remembered for that user
 * token and scope.  Errors of entra_exchange. */
bool obo_token(struct obo *obo, const struct entra_request *request, struct secret *ret,
	enum token_source *ret_source, struct err *err);

/* Forgets that Graph token, got by that request: Graph has just refused it.  The next for that
 * scope comes of an exchange. */
void obo_drop(struct obo *obo, const struct entra_request *request, const struct secret *token);

/* From this Unix time on a token received at now_s is not to be served: min(300 s, a tenth) before
 * it expires, and never after the user's own token; where that has expired already, within
 * the skew a caller is allowed, for half a minute. */
int64_t obo_expiry_s(int64_t now_s, int64_t expires_in_s, int64_t assertion_expires_s);

/* Until when a refusal is remembered; 0: not at all. */
int64_t obo_hold_until_s(const struct err *err, int64_t now_s);

#endif
