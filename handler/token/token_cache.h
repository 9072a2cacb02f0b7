/* Graph tokens in memory, by key and scope, each until it expires; least recently used out first.
 * The key says whose they are, and nothing ever passes from one key to another.  A token that was
 * granted more than the scope it was minted for serves the key's other scopes too.
 *
 * The cache does not know how a token is made: the caller passes a mint function and the time, so
 * tests need neither a network nor a clock.  Nor what a permission is: scope_names.h says whether
 * what was granted holds a scope.  A failure that will not go away by itself is kept for a short
 * time too, for its key and scope alone.  Dropped tokens are wiped.
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
	char *granted; /* permissions beside the wish's scope, as scope_names_read gives them, which
			  the cache frees; NULL: none */
	int64_t expires_s; /* do not serve from this Unix time on */
	int64_t refresh_s; /* from this time on a fresh one is wanted; 0: never before it expires */
	int64_t hold_s; /* on failure: answer the same until this time without minting; 0: do not */
};

struct token_wish;

/* Keeps to the wish's deadline; a token it brings is for the wish's scope and satisfies its claims.
 */
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
	const char *scope;        /* NULL: the key's tokens are all for the same */
	int64_t now_s;
	struct deadline deadline; /* for mint, and for waiting for another's */
	/* NULL: any token serves.  Else only one that was minted with the same claims: what was
	 * minted for that scope without them, or with others, token or failure, is replaced. */
	const char *claims;
	token_mint mint;
	void *context;
};

/* Copies a live token for the key and the scope into *ret, minting one if there is none.
 * Concurrent callers with the same key and scope share one mint and its outcome; each waits for it
 * until its own deadline, then fails with ERR_UPSTREAM_TIMEOUT, and a failure that came with the
 * minter's deadline, or so shortly before it that there was no time to try again, is not that of
 * those who have more.  A mint for another scope of the key is awaited too, but once and for half
 * of the caller's time: when its token does not hold this scope, or it fails, the caller mints for
 * itself.  The lock is not held while minting.  Any thread.  After TOKEN_CACHED_REFRESH the caller
 * owes a token_cache_refresh. */
bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	enum token_source *ret_source, struct err *err);

/* Mints for the key in place of that token, for the scope and with the claims that it was minted
 * with (those of the wish are not looked at).  It is served meanwhile, and stays if this fails
 * (then asked for again after retry_s seconds).  Nothing comes of it when that token has been
 * dropped or replaced by then. */
bool token_cache_refresh(struct token_cache *cache, const struct token_wish *wish,
	const struct secret *token, int64_t retry_s, struct err *err);

/* Has that token refreshed from at_s on, if it still is there: whoever was asked could not. */
void token_cache_ask_again(struct token_cache *cache, const unsigned char *key,
	const struct secret *token, int64_t at_s);

/* What a service has just refused, and what it was wanted for. */
struct token_refused {
	const unsigned char *key;
	const char *scope;
	const struct secret *token;
};

/* Forgets that token if it still is there, for every scope; and with it the key's others that would
 * serve that scope, so that the next for it is a new one. */
void token_cache_drop(struct token_cache *cache, const struct token_refused *refused);

/* Entries held now, remembered failures included. */
size_t token_cache_count(struct token_cache *cache);

#endif
