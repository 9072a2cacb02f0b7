#include "token/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lru.h"

#define CLOCK_SLACK_S 60
#define TRY_AGAIN_MS 1000 /* with less time left a mint does not try again what failed */

/* It is being minted, or it holds a token, or it holds a failure.  One that left the table
 * lives on until the last thread that looks at it has let go. */
struct kept_token {
	struct lru_node node; /* first: a node is its kept token */
	struct secret token;
	struct err *failure; /* NULL: none */
	char *claims;        /* it is minted with; NULL: none */
	int64_t expires_s;   /* of the token or of the failure */
	int64_t refresh_s;
	int64_t received_s; /* when it was minted */
	bool minting;
	int64_t left_ms; /* of the minter's time when it failed; else INT64_MAX */
	bool in_table;
	unsigned holders;
	pthread_cond_t settled;
};

struct token_cache {
	struct lru lru;
	size_t minting; /* of what is kept; they do not count towards the bound; the lock guards it
			 */
};

int64_t token_served_until_s(int64_t now_s, int64_t expires_s, int64_t margin_s)
{
	int64_t life_s = expires_s > now_s ? expires_s - now_s : 0;

	return now_s + life_s - (life_s > 2 * margin_s ? margin_s : life_s / 10);
}

struct token_cache *token_cache_new(size_t entries_max)
{
	struct token_cache *cache = xcalloc(1, sizeof(*cache));

	lru_init(&cache->lru, entries_max);
	return cache;
}

static struct kept_token *find(struct token_cache *cache, const unsigned char *key)
{
	return (struct kept_token *)lru_find(&cache->lru, key);
}

static void kept_free(struct lru_node *node)
{
	struct kept_token *kept = (struct kept_token *)node;

	secret_done(&kept->token);
	err_done(kept->failure);
	free(kept->failure);
	free(kept->claims);
	pthread_cond_destroy(&kept->settled);
	free(kept);
}

/* Takes it out of the table; whoever looks at it frees it when done. */
static void unlist(struct token_cache *cache, struct kept_token *kept)
{
	lru_remove(&cache->lru, &kept->node);
	kept->in_table = false;
}

/* The same for one that perhaps nobody looks at. */
static void forget(struct token_cache *cache, struct kept_token *kept)
{
	unlist(cache, kept);
	if (!kept->holders)
		kept_free(&kept->node);
}

static void release(struct kept_token *kept)
{
	if (--kept->holders == 0 && !kept->in_table)
		kept_free(&kept->node);
}

void token_cache_free(struct token_cache *cache)
{
	if (!cache)
		return;
	lru_done(&cache->lru, kept_free);
	free(cache);
}

/* Back under the bound, the least recently used first; what is being minted stays. */
static void evict(struct token_cache *cache)
{
	struct lru_node *node = cache->lru.oldest;

	while (node && cache->lru.count - cache->minting > cache->lru.entries_max) {
		struct lru_node *newer = node->newer;

		if (!((struct kept_token *)node)->minting)
			forget(cache, (struct kept_token *)node);
		node = newer;
	}
}

static struct kept_token *add_minting(struct token_cache *cache, const struct token_wish *wish)
{
	struct kept_token *kept = xcalloc(1, sizeof(*kept));

	memcpy(kept->node.key, wish->key, SHA256_SIZE);
	kept->claims = wish->claims ? xstrdup(wish->claims) : NULL;
	kept->received_s = wish->now_s;
	kept->minting = true;
	kept->in_table = true;
	pthread_cond_init(&kept->settled, NULL);
	lru_add(&cache->lru, &kept->node);
	cache->minting++;
	return kept;
}

/* Takes over the failure. */
static void hold_failure(struct kept_token *kept, struct err *err, int64_t until_s)
{
	kept->failure = xcalloc(1, sizeof(*kept->failure));
	err_move(err, kept->failure);
	kept->expires_s = until_s;
}

static void hold_token(struct kept_token *kept, struct minted *minted)
{
	secret_done(&kept->token);
	kept->token = minted->token;
	kept->expires_s = minted->expires_s;
	kept->refresh_s = minted->refresh_s;
}

/* Mints with the lock released; on return the lock is held and it is settled. */
static void mint(struct token_cache *cache, struct kept_token *kept, const struct token_wish *wish)
{
	struct minted minted = {0};
	autoerr(err);
	bool good;

	pthread_mutex_unlock(&cache->lru.lock);
	good = wish->mint(wish, &minted, &err);
	pthread_mutex_lock(&cache->lru.lock);
	kept->minting = false;
	cache->minting--;
	lru_touch(&cache->lru, &kept->node);
	if (good)
		hold_token(kept, &minted);
	else
		hold_failure(kept, &err, minted.hold_s);
	kept->left_ms = good || minted.hold_s ? INT64_MAX : deadline_left_ms(wish->deadline);
	if (!good && minted.hold_s <= wish->now_s)
		unlist(cache, kept);
	else
		evict(cache); /* not before: a failure must not push a token out */
	pthread_cond_broadcast(&kept->settled);
}

static bool claims_fit(const struct kept_token *kept, const struct token_wish *wish)
{
	return !wish->claims || (kept->claims && !strcmp(kept->claims, wish->claims));
}

/* What is from a time that has not come is of a clock that was set back: nothing it says of times
 * holds.  Callers' own readings of the time differ by less than CLOCK_SLACK_S. */
static bool is_live(const struct kept_token *kept, int64_t now_s)
{
	return kept->expires_s > now_s && kept->received_s <= now_s + CLOCK_SLACK_S;
}

/* The live one for the key, one being minted by somebody else, or a new one that the caller
 * must mint.  The lock is held. */
static struct kept_token *live_or_new(
	struct token_cache *cache, const struct token_wish *wish, bool *ret_mine)
{
	struct kept_token *kept = find(cache, wish->key);

	*ret_mine = false;
	if (kept && !kept->minting && (!claims_fit(kept, wish) || !is_live(kept, wish->now_s))) {
		forget(cache, kept);
		kept = NULL;
	}
	if (!kept) {
		*ret_mine = true;
		return add_minting(cache, wish);
	}
	lru_touch(&cache->lru, &kept->node);
	return kept;
}

/* Whether a failure may have come of the minter's little time, of which this caller has more. */
static bool is_minters_own(const struct kept_token *kept, const struct token_wish *wish)
{
	return !kept->left_ms ||
	       (kept->left_ms < TRY_AGAIN_MS && deadline_left_ms(wish->deadline) >= TRY_AGAIN_MS);
}

/* The key's kept token, settled, for the caller to release; NULL when its deadline came first.  One
 * that a mint with other claims settled, or a failure that is its minter's own, is no answer to
 * others: of those with time left the first to look mints anew.  The lock is held, but not
 * meanwhile. */
static struct kept_token *settle(
	struct token_cache *cache, const struct token_wish *wish, bool *ret_mine)
{
	for (;;) {
		struct kept_token *kept = live_or_new(cache, wish, ret_mine);
		bool in_time = true;

		kept->holders++;
		if (*ret_mine)
			mint(cache, kept, wish);
		while (kept->minting && in_time)
			in_time = deadline_wait(wish->deadline, &kept->settled, &cache->lru.lock);
		if (*ret_mine ||
			(!kept->minting && !is_minters_own(kept, wish) && claims_fit(kept, wish)))
			return kept;
		release(kept);
		if (deadline_passed(wish->deadline))
			return NULL;
	}
}

/* Whether this caller is the one to refresh; asks no other until that is done. */
static bool take_refresh(struct kept_token *kept, int64_t now_s)
{
	if (!kept->refresh_s || kept->refresh_s > now_s)
		return false;
	kept->refresh_s = 0;
	return true;
}

bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	enum token_source *ret_source, struct err *err)
{
	struct kept_token *kept;
	bool mine, good;

	pthread_mutex_lock(&cache->lru.lock);
	kept = settle(cache, wish, &mine);
	if (!kept) {
		pthread_mutex_unlock(&cache->lru.lock);
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left to wait for another call");
	}
	good = !kept->failure;
	if (good) {
		secret_set(ret, kept->token.data, kept->token.len);
		*ret_source = mine                              ? TOKEN_MINTED
			      : take_refresh(kept, wish->now_s) ? TOKEN_CACHED_REFRESH
								: TOKEN_CACHED;
	} else {
		err_copy(kept->failure, err);
		/* what is left of it */
		if (!mine && err->retry_after_s && kept->expires_s > wish->now_s)
			err->retry_after_s = (int)(kept->expires_s - wish->now_s);
	}
	release(kept);
	pthread_mutex_unlock(&cache->lru.lock);
	return good;
}

void token_cache_ask_again(struct token_cache *cache, const unsigned char *key, int64_t at_s)
{
	struct kept_token *kept;

	pthread_mutex_lock(&cache->lru.lock);
	kept = find(cache, key);
	if (kept)
		kept->refresh_s = at_s;
	pthread_mutex_unlock(&cache->lru.lock);
}

/* The key's, if it holds a token, with a hold on it and the claims it was minted with, which
 * the caller frees; or NULL. */
static struct kept_token *hold_for_refresh(
	struct token_cache *cache, const unsigned char *key, char **ret_claims)
{
	struct kept_token *kept;

	pthread_mutex_lock(&cache->lru.lock);
	kept = find(cache, key);
	if (kept && (kept->minting || kept->failure)) /* dropped meanwhile */
		kept = NULL;
	if (kept) {
		kept->holders++;
		*ret_claims = kept->claims ? xstrdup(kept->claims) : NULL;
	}
	pthread_mutex_unlock(&cache->lru.lock);
	return kept;
}

bool token_cache_refresh(
	struct token_cache *cache, const struct token_wish *wish, int64_t retry_s, struct err *err)
{
	char *claims = NULL;
	struct kept_token *kept = hold_for_refresh(cache, wish->key, &claims);
	struct token_wish same_claims = *wish;
	struct minted minted = {0};
	bool good;

	if (!kept)
		return true;
	same_claims.claims = claims;
	good = wish->mint(&same_claims, &minted, err);
	free(claims);
	pthread_mutex_lock(&cache->lru.lock);
	if (good) {
		hold_token(kept, &minted);
		kept->received_s = wish->now_s;
	} else {
		kept->refresh_s = wish->now_s +
				  (err->retry_after_s > retry_s ? err->retry_after_s : retry_s);
	}
	release(kept); /* which ends it, if it has been dropped or replaced */
	pthread_mutex_unlock(&cache->lru.lock);
	return good;
}

void token_cache_drop(
	struct token_cache *cache, const unsigned char *key, const struct secret *token)
{
	struct kept_token *kept;

	pthread_mutex_lock(&cache->lru.lock);
	kept = find(cache, key);
	if (kept && !kept->minting && kept->token.len == token->len &&
		!memcmp(kept->token.data, token->data, token->len))
		forget(cache, kept);
	pthread_mutex_unlock(&cache->lru.lock);
}

size_t token_cache_count(struct token_cache *cache)
{
	size_t count;

	pthread_mutex_lock(&cache->lru.lock);
	count = cache->lru.count - cache->minting;
	pthread_mutex_unlock(&cache->lru.lock);
	return count;
}
