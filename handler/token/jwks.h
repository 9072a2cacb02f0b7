/* The tenant's signing keys, and the issuers whose tokens they sign, fetched from Microsoft Entra
 * and kept.
 *
 * Two documents: the v2 one with the keys and the issuer of v2 tokens, and the v1 one with that of
 * v1 tokens.  The first need of each fetches it; a v2 token neither needs nor awaits the v1 one.
 * What is older than its server lets it be kept (an hour at least, a day at most) is renewed while
 * it serves on; an answer that lacks a key of the set held is asked for again at once, and what
 * both lack is trusted no more.  A key id that the set lacks causes one shared fetch that its
 * callers wait for, as often as key_budget.h allows.  While fetches fail, a moment apart, the old
 * set serves on, and an unknown key id is answered with that failure: the key may be a new one.
 *
 * Every fetch has a thread of its own, and nobody's deadline: callers wait for it as long as their
 * own lets them.  jwks_free joins it.  No fetch happens under the lock.
 */
#ifndef TOKEN_JWKS_H
#define TOKEN_JWKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/deadline.h"
#include "base/err.h"
#include "token/cloud.h"
#include "token/jwks_answer.h"

struct jwks;

/* config gives TENANT_ID, AUTHORITY_HOST and KEYS_REFRESH_MIN_S, and outlives what is made. */
struct jwks *jwks_new(const struct config *config, jwks_fetch fetch, void *context);
/* Waits for fetches under way. */
void jwks_free(struct jwks *jwks);

/* Whether that tenant's tokens of that version may name that issuer, so that junk has nothing
 * fetched: as the metadata document has it; while none was read, as the clouds are known to; and
 * with the keys at hand, a v1 token any, for jwks_find to decide.  Else ERR_INVALID_TOKEN, as
 * issuer_refuse says it.  Never fetches.  Any thread. */
bool jwks_may_issue(
	struct jwks *jwks, enum token_version version, const char *issuer, struct err *err);

struct jwks_query {
	const char *kid;
	const char *issuer; /* the token's */
	enum token_version version;
	int64_t now_s;
	struct deadline deadline;
};

/* The key with that id, if the token's issuer is the documents' and the key is bound to it or to
 * the v2 issuer (the same keys sign v1 tokens); one that names no issuer is not bound.
 * The caller releases *ret with rsa_key_free.  *ret_generation is for jwks_unchanged.
 * ERR_INVALID_TOKEN when no key fits; ERR_UPSTREAM_UNAVAILABLE or _TIMEOUT when it could not be
 * fetched, or not before the deadline, or was not asked for because that was done a moment ago or
 * too often (then with retry_after_s).  Any thread. */
bool jwks_find(struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret,
	uint64_t *ret_generation, struct err *err);

/* Whether every key and issuer is still what it was when jwks_find gave that generation.  Never
 * waits for a fetch.  Any thread. */
bool jwks_unchanged(struct jwks *jwks, uint64_t generation, int64_t now_s);

#endif
