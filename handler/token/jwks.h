/* The tenant's signing keys, and the issuers whose tokens they sign, fetched from Microsoft Entra
 * and kept.
 *
 * The first need fetches them.  A set older than its server lets it be kept (an hour at least, a
 * day at most) is renewed in the background, while it serves on; jwks_free joins the thread that
 * does it.  A key id that the set lacks causes one shared fetch that its callers wait for, at most
 * one per KEYS_REFRESH_MIN_S (keys change without notice, and junk must not turn into load on
 * Entra).  While fetches fail, a moment apart, the old set serves on, and an unknown key id is
 * answered with that failure: the key may be a new one.  No fetch happens under the lock.
 */
#ifndef TOKEN_JWKS_H
#define TOKEN_JWKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "token/cloud.h"

struct jwks;

/* What a fetch brings; the strings and the tree belong to the struct. */
struct jwks_answer {
	cJSON *keys;       /* {"keys":[...]}; NULL: still the set whose tag was sent along */
	char *uri;         /* where the set was had from */
	char *etag;        /* its entity tag there; NULL: it has none */
	int64_t max_age_s; /* how long its server lets it be kept; 0: did not say */
	/* as the metadata documents name them, perhaps with {tenantid}; NULL: not to be had */
	char *issuers[TOKEN_VERSION__COUNT];
};
void jwks_answer_done(struct jwks_answer *answer);

/* Gets the documents from wherever they live.  held: uri and etag of the set that need not be sent
 * again (NULL: none).  One call at a time. */
typedef bool (*jwks_fetch)(
	void *context, const struct jwks_answer *held, struct jwks_answer *ret, struct err *err);

/* config gives TENANT_ID, AUTHORITY_HOST and KEYS_REFRESH_MIN_S, and outlives what is made. */
struct jwks *jwks_new(const struct config *config, jwks_fetch fetch, void *context);
/* Waits for a renewal under way. */
void jwks_free(struct jwks *jwks);

/* Whether that tenant's tokens of that version name that issuer: as the metadata document has it,
 * or while none was read, as the clouds are known to.  Never fetches.  Any thread. */
bool jwks_may_issue(struct jwks *jwks, enum token_version version, const char *issuer);

struct jwks_query {
	const char *kid;
	const char *issuer; /* the token's */
	enum token_version version;
	int64_t now_s;
};

/* The key with that id, if the token's issuer is the documents' and the key's entry is bound to it
 * or to the v2 issuer (the same keys sign v1 tokens); an entry that names no issuer is not bound.
 * The caller releases *ret with rsa_key_free.  *ret_generation is for jwks_unchanged.
 * ERR_INVALID_TOKEN when no key fits; ERR_UPSTREAM_UNAVAILABLE or _TIMEOUT when it could not be
 * fetched.  Any thread. */
bool jwks_find(struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret,
	uint64_t *ret_generation, struct err *err);

/* Whether every key and issuer is still what it was when jwks_find gave that generation.  Never
 * waits for a fetch.  Any thread. */
bool jwks_unchanged(struct jwks *jwks, uint64_t generation, int64_t now_s);

#endif
