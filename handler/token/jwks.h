/* The tenant's signing keys, fetched from Microsoft Entra and kept.
 *
 * The first need fetches them; a set older than its server lets it be kept (an hour at least, a day
 * at most) is fetched anew by whoever meets it; a key id that the set lacks causes one shared
 * fetch, at most one per `unknown_min_s` (keys change without notice, and junk must not turn into
 * load on Entra).  While fetches fail, a moment apart, the old set serves on, and an unknown key id
 * is answered with that failure: the key may be a new one. No fetch happens under the lock.
 */
#ifndef TOKEN_JWKS_H
#define TOKEN_JWKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"

struct jwks;

/* Gets the key set document ({"keys":[...]}) from wherever it lives, as a tree the caller frees,
 * and for how long its server lets it be kept (0: did not say). */
typedef bool (*jwks_fetch)(void *context, cJSON **ret, int64_t *ret_max_age_s, struct err *err);

struct jwks *jwks_new(jwks_fetch fetch, void *context, int64_t unknown_min_s);
void jwks_free(struct jwks *jwks);

/* The key with that id, bound to the issuer its entry names: `{tenantid}` in it stands for
 * tenant_id, and it must equal issuer or v2_issuer (the same keys sign v1 tokens).  An entry that
 * names none is not bound.  The caller releases *ret with rsa_key_free.  ERR_INVALID_TOKEN when no
 * key fits; ERR_UPSTREAM_UNAVAILABLE or _TIMEOUT when there are no keys at all.  Any thread. */
struct jwks_query {
	const char *kid;
	const char *tenant_id;
	const char *issuer;
	const char *v2_issuer;
	int64_t now_s;
};
bool jwks_find(
	struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret, struct err *err);

/* Whether the set held at now_s has a key with that id.  A set past its age is fetched anew first.
 */
bool jwks_knows(struct jwks *jwks, const char *kid, int64_t now_s);

#endif
