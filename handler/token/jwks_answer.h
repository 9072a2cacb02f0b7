/* What a fetch of the keys' documents brings.
 */
#ifndef TOKEN_JWKS_ANSWER_H
#define TOKEN_JWKS_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/err.h"
#include "base/json.h"
#include "token/cloud.h"
#include "token/key_set.h"

/* The strings and the tree belong to the struct. */
struct jwks_answer {
	cJSON *keys;       /* {"keys":[...]}; NULL: still the set whose tag was sent along */
	char *uri;         /* where the set was had from */
	char *etag;        /* its entity tag there; NULL: it has none */
	int64_t max_age_s; /* how long its server lets it be kept; 0: did not say */
	char *issuer; /* as the metadata names it, perhaps with {tenantid}; NULL: not to be had */
};
void jwks_answer_done(struct jwks_answer *answer);

/* Gets the document of that version from wherever it lives: TOKEN_V2 the key set and the issuer,
 * TOKEN_V1 the issuer alone.  held: uri and etag of the set that need not be sent again (NULL:
 * none).  One call at a time for each version. */
typedef bool (*jwks_fetch)(void *context, enum token_version version,
	const struct jwks_answer *held, struct jwks_answer *ret, struct err *err);

struct jwks_source {
	jwks_fetch fetch;
	void *context;
	const struct config *config; /* TENANT_ID */
};

/* The keys' document and the set in it. */
struct jwks_keys {
	struct jwks_answer answer;
	struct key_set set;
};

/* The key set and the v2 issuer.  held: the set held, and uri and etag that it is from; the set of
 * *ret is empty, and its answer.keys NULL, where that is still good.  Servers behind one address
 * may differ for a while: an answer that lacks a key of the set held is asked for once more, and
 * what either has is the set, which then has a tag if it is the second's.  ERR_UPSTREAM_UNAVAILABLE
 * when the answer holds no usable key. */
bool jwks_keys_get(const struct jwks_source *source, const struct jwks_keys *held,
	struct jwks_keys *ret, struct err *err);

#endif
