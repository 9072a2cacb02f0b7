#include "token/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lru.h"

#define CLOCK_SLACK_S 60
#define TRY_AGAIN_MS 1000 /* with less time left a mint does not try again what failed */

/* An entry is being minted, or it holds a token, or it holds a failure.  One that left the table
 * lives on until the last thread that looks at it has let go. */
struct entry {
	struct lru_node node; /* first: a node is its entry */
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
	size_t minting; /* of the entries; they do not count towards the bound; the lock guards it
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

static struct entry *find(struct token_cache *cache, const unsigned char *key)
{
	return (struct entry *)lru_find(&cache->lru, key);
}

static void entry_free(struct lru_node *node)
{
	struct entry *entry = (struct entry *)node;

	secret_done(&entry->token);
	err_done(entry->failure);
	free(entry->failure);
	free(entry->claims);
	pthread_cond_destroy(&entry->settled);
	free(entry);
}

/* Takes the entry out of the table; whoever looks at it frees it when done. */
static void unlist(struct token_cache *cache, struct entry *entry)
{
	lru_remove(&cache->lru, &entry->node);
	entry->in_table = false;
}

/* The same for one that perhaps nobody looks at. */
static void forget(struct token_cache *cache, struct entry *entry)
{
	unlist(cache, entry);
	if (!entry->holders)
		entry_free(&entry->node);
}

static void release(struct entry *entry)
{
	if (--entry->holders == 0 && !entry->in_table)
		entry_free(&entry->node);
}

void token_cache_free(struct token_cache *cache)
{
	if (!cache)
		return;
	lru_done(&cache->lru, entry_free);
	free(cache);
}

/* Back under the bound, the least recently used first; what is being minted stays. */
static void evict(struct token_cache *cache)
{
	struct lru_node *node = cache->lru.oldest;

	while (node && cache->lru.count - cache->minting > cache->lru.entries_max) {
		struct lru_node *newer = node->newer;

		if (!((struct entry *)node)->minting)
			forget(cache, (struct entry *)node);
		node = newer;
	}
}

static struct entry *add_minting(struct token_cache *cache, const struct token_wish *wish)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	memcpy(entry->node.key, wish->key, SHA256_SIZE);
	entry->claims = wish->claims ? xstrdup(wish->claims) : NULL;
	entry->received_s = wish->now_s;
	entry->minting = true;
	entry->in_table = true;
	pthread_cond_init(&entry->settled, NULL);
	lru_add(&cache->lru, &entry->node);
	cache->minting++;
	return entry;
}

/* Takes over the failure. */
static void hold_failure(struct entry *entry, struct err *err, int64_t until_s)
{
	entry->failure = xcalloc(1, sizeof(*entry->failure));
	err_move(err, entry->failure);
	entry->expires_s = until_s;
}

static void hold_token(struct entry *entry, struct minted *minted)
{
	secret_done(&entry->token);
	entry->token = minted->token;
	entry->expires_s = minted->expires_s;
	entry->refresh_s = minted->refresh_s;
}

/* Mints with the lock released; on return the lock is held and the entry settled. */
static void mint(struct token_cache *cache, struct entry *entry, const struct token_wish *wish)
{
	struct minted minted = {0};
	autoerr(err);
	bool good;

	pthread_mutex_unlock(&cache->lru.lock);
	good = wish->mint(wish, &minted, &err);
	pthread_mutex_lock(&cache->lru.lock);
	entry->minting = false;
	cache->minting--;
	lru_touch(&cache->lru, &entry->node);
	if (good)
		hold_token(entry, &minted);
	else
		hold_failure(entry, &err, minted.hold_s);
	entry->left_ms = good || minted.hold_s ? INT64_MAX : deadline_left_ms(wish->deadline);
	if (!good && minted.hold_s <= wish->now_s)
		unlist(cache, entry);
	else
		evict(cache); /* not before: a failure must not push a token out */
	pthread_cond_broadcast(&entry->settled);
}

static bool claims_fit(const struct entry *entry, const struct token_wish *wish)
{
	return !wish->claims || (entry->claims && !strcmp(entry->claims, wish->claims));
}

/* An entry from a time that has not come is of a clock that was set back: nothing it says of times
 * holds.  Callers' own readings of the time differ by less than CLOCK_SLACK_S. */
static bool is_live(const struct entry *entry, int64_t now_s)
{
	return entry->expires_s > now_s && entry->received_s <= now_s + CLOCK_SLACK_S;
}

/* The live entry for the key, one being minted by somebody else, or a new one that the caller
 * must mint.  The lock is held. */
static struct entry *live_or_new(
	struct token_cache *cache, const struct token_wish *wish, bool *ret_mine)
{
	struct entry *entry = find(cache, wish->key);

	*ret_mine = false;
	if (entry && !entry->minting &&
		(!claims_fit(entry, wish) || !is_live(entry, wish->now_s))) {
		forget(cache, entry);
		entry = NULL;
	}
	if (!entry) {
		*ret_mine = true;
		return add_minting(cache, wish);
	}
	lru_touch(&cache->lru, &entry->node);
	return entry;
}

/* Whether a failure may have come of the minter's little time, of which this caller has more. */
static bool is_minters_own(const struct entry *entry, const struct token_wish *wish)
{
	return !entry->left_ms ||
	       (entry->left_ms < TRY_AGAIN_MS && deadline_left_ms(wish->deadline) >= TRY_AGAIN_MS);
}

/* The key's entry, settled, for the caller to release; NULL when its deadline came first.  One that
 * a mint with other claims settled, or a failure that is its minter's own, is no answer to others:
 * of those with time left the first to look mints anew.  The lock is held, but not meanwhile. */
static struct entry *settle(
	struct token_cache *cache, const struct token_wish *wish, bool *ret_mine)
{
	for (;;) {
		struct entry *entry = live_or_new(cache, wish, ret_mine);
		bool in_time = true;

		entry->holders++;
		if (*ret_mine)
			mint(cache, entry, wish);
		while (entry->minting && in_time)
			in_time = deadline_wait(wish->deadline, &entry->settled, &cache->lru.lock);
		if (*ret_mine || (!entry->minting && !is_minters_own(entry, wish) &&
					 claims_fit(entry, wish)))
			return entry;
		release(entry);
		if (deadline_passed(wish->deadline))
			return NULL;
	}
}

/* Whether this caller is the one to refresh; asks no other until that is done. */
static bool take_refresh(struct entry *entry, int64_t now_s)
{
	if (!entry->refresh_s || entry->refresh_s > now_s)
		return false;
	entry->refresh_s = 0;
	return true;
}

bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	enum token_source *ret_source, struct err *err)
{
	struct entry *entry;
	bool mine, good;

	pthread_mutex_lock(&cache->lru.lock);
	entry = settle(cache, wish, &mine);
	if (!entry) {
		pthread_mutex_unlock(&cache->lru.lock);
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left to wait for another call");
	}
	good = !entry->failure;
	if (good) {
		secret_set(ret, entry->token.data, entry->token.len);
		*ret_source = mine                               ? TOKEN_MINTED
			      : take_refresh(entry, wish->now_s) ? TOKEN_CACHED_REFRESH
								 : TOKEN_CACHED;
	} else {
		err_copy(entry->failure, err);
		/* what is left of it */
		if (!mine && err->retry_after_s && entry->expires_s > wish->now_s)
			err->retry_after_s = (int)(entry->expires_s - wish->now_s);
	}
	release(entry);
	pthread_mutex_unlock(&cache->lru.lock);
	return good;
}

void token_cache_ask_again(struct token_cache *cache, const unsigned char *key, int64_t at_s)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->lru.lock);
	entry = find(cache, key);
	if (entry)
		entry->refresh_s = at_s;
	pthread_mutex_unlock(&cache->lru.lock);
}

/* The key's entry if it holds a token, with a hold on it and the claims it was minted with, which
 * the caller frees; or NULL. */
static struct entry *hold_for_refresh(
	struct token_cache *cache, const unsigned char *key, char **ret_claims)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->lru.lock);
	entry = find(cache, key);
	if (entry && (entry->minting || entry->failure)) /* dropped meanwhile */
		entry = NULL;
	if (entry) {
		entry->holders++;
		*ret_claims = entry->claims ? xstrdup(entry->claims) : NULL;
	}
	pthread_mutex_unlock(&cache->lru.lock);
	return entry;
}

bool token_cache_refresh(
	struct token_cache *cache, const struct token_wish *wish, int64_t retry_s, struct err *err)
{
	char *claims = NULL;
	struct entry *entry = hold_for_refresh(cache, wish->key, &claims);
	struct token_wish same_claims = *wish;
	struct minted minted = {0};
	bool good;

	if (!entry)
		return true;
	same_claims.claims = claims;
	good = wish->mint(&same_claims, &minted, err);
	free(claims);
	pthread_mutex_lock(&cache->lru.lock);
	if (good) {
		hold_token(entry, &minted);
		entry->received_s = wish->now_s;
	} else {
		entry->refresh_s = wish->now_s +
				   (err->retry_after_s > retry_s ? err->retry_after_s : retry_s);
	}
	release(entry); /* which ends it, if it has been dropped or replaced */
	pthread_mutex_unlock(&cache->lru.lock);
	return good;
}

void token_cache_drop(
	struct token_cache *cache, const unsigned char *key, const struct secret *token)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->lru.lock);
	entry = find(cache, key);
	if (entry && !entry->minting && entry->token.len == token->len &&
		!memcmp(entry->token.data, token->data, token->len))
		forget(cache, entry);
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
