/* Graph tokens in memory, by key, each until it expires; least recently used out first.
 *
 * The cache does not know how a token is made: the caller passes a mint function and the time, so
 * tests need neither a network nor a clock.  A failure that will not go away by itself is kept for
 * a short time too, for its key alone.  Dropped tokens are wiped.
 */
#ifndef TOKEN_TOKEN_CACHE_H
#define TOKEN_TOKEN_CACHE_H

#include <stdint.h>

#include "base/crypto.h"
#include "base/deadline.h"
#include "base/err.h"
#include "base/secret.h"

struct token_cache;

/* What a mint brings: a token, or how long its failure is to be remembered. */
struct minted {
	struct secret token;
	int64_t expires_s; /* do not serve from this Unix time on */
	int64_t refresh_s; /* from this time on a fresh one is wanted; 0: never before it expires */
	int64_t hold_s; /* on failure: answer the same until this time without minting; 0: do not */
};

struct token_wish;

/* Keeps to the wish's deadline; a token it brings satisfies the wish's claims. */
typedef bool (*token_mint)(const struct token_wish *wish, struct minted *ret, struct err *err);

enum token_source {
	TOKEN_CACHED,
	TOKEN_CACHED_REFRESH, /* as TOKEN_CACHED, and this one caller is asked to refresh it */
	TOKEN_MINTED,
};

/* For expires_s of a token minted at now_s: margin_s before it expires, or where that is half of
 * its life or more, a tenth of its life before; now_s where there is none left. */
int64_t token_served_until_s(int64_t now_s, int64_t expires_s, int64_t margin_s);

struct token_cache *token_cache_new(size_t entries_max);
void token_cache_free(struct token_cache *cache);

struct token_wish {
	const unsigned char *key; /* SHA256_SIZE bytes */
	int64_t now_s;
	struct deadline deadline; /* for mint, and for waiting for another's */
	/* NULL: any token serves.  Else only one that was minted with the same claims: what was
	 * minted without them, or with others, token or failure, is replaced. */
	const char *claims;
	token_mint mint;
	void *context;
};

/* Copies a live token for the key into *ret, minting one if there is none.  Concurrent callers with
 * the same key share one mint and its outcome; each waits for it until its own deadline, then fails
 * with ERR_UPSTREAM_TIMEOUT, and a failure that came with the minter's deadline, or so shortly
 * before it that there was no time to try again, is not that of those who have more.  The lock is
 * not held while minting.  Any thread.  After TOKEN_CACHED_REFRESH the caller owes a
 * token_cache_refresh. */
bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	enum token_source *ret_source, struct err *err);

/* Mints for the key in place of the token held, with the claims that one was minted with (those of
 * the wish are not looked at).  It is served meanwhile, and stays if this fails (then asked for
 * again after retry_s seconds).  Nothing comes of it when that token has been
 * dropped or replaced by then. */
bool token_cache_refresh(
	struct token_cache *cache, const struct token_wish *wish, int64_t retry_s, struct err *err);

/* Has the token refreshed from at_s on, if it still is there: whoever was asked could not. */
void token_cache_ask_again(struct token_cache *cache, const unsigned char *key, int64_t at_s);

/* Forgets the key's token if it still is this one: the token a service has just refused. */
void token_cache_drop(
	struct token_cache *cache, const unsigned char *key, const struct secret *token);

/* Entries held now, remembered failures included. */
size_t token_cache_count(struct token_cache *cache);

#endif
