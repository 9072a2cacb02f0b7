/* Tokens already checked, by the SHA-256 of their bytes, so that the signature of one seen before
 * is not computed again.  Bounded; the least recently used goes first; a token stays no longer than
 * it is valid, and no longer than the keys and issuers it was checked with; a clock that was set
 * back has it checked anew.  Any thread. */
#ifndef TOKEN_CALLER_CACHE_H
#define TOKEN_CALLER_CACHE_H

#include <stdint.h>

#include "base/crypto.h"
#include "token/jwks.h"
#include "token/user.h"

struct caller_cache;

struct caller_cache *caller_cache_new(size_t entries_max);
void caller_cache_free(struct caller_cache *cache);

/* Copies what is known of the token with that hash into *ret, without the token itself.  False when
 * it is not known, is not good at now_s, or jwks is not what it was checked with. */
bool caller_cache_get(struct caller_cache *cache, const unsigned char key[SHA256_SIZE],
	struct jwks *jwks, int64_t now_s, struct caller *ret);

struct caller_proof {
	uint64_t generation; /* of the keys it was checked with, from jwks_find */
	int64_t checked_s;   /* good from this Unix time */
	int64_t until_s;     /* to the second before this one */
};

/* Remembers a checked caller.  Copies. */
void caller_cache_put(struct caller_cache *cache, const unsigned char key[SHA256_SIZE],
	const struct caller *caller, const struct caller_proof *proof);

#endif
