/* Graph tokens in memory, by key, each until it expires; least recently used out first.
 *
 * The cache does not know how a token is made: the caller passes a mint function and the time, so
 * tests need neither a network nor a clock.
 */
#ifndef TOKEN_TOKEN_CACHE_H
#define TOKEN_TOKEN_CACHE_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/secret.h"

struct token_cache;

struct minted {
	struct secret token;
	int64_t expires_s; /* do not serve from this Unix time on */
};

typedef bool (*token_mint)(void *context, struct minted *ret, struct err *err);

struct token_cache *token_cache_new(size_t entries_max);
void token_cache_free(struct token_cache *cache);

struct token_wish {
	const unsigned char *key; /* SHA256_SIZE bytes */
	int64_t now_s;
	token_mint mint;
	void *context;
};

/* Copies a live token for the key into *ret, minting one if there is none (*ret_hit: false).
 * Concurrent callers with the same key share one mint and its outcome.  A failed mint is not
 * cached.  The lock is not held while minting.  Any thread. */
bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	bool *ret_hit, struct err *err);

/* Forgets the key's token if it still is this one: the token a service has just refused. */
void token_cache_drop(
	struct token_cache *cache, const unsigned char *key, const struct secret *token);

/* Tokens held now. */
size_t token_cache_count(struct token_cache *cache);

#endif
