#include "token/token_cache.h"

#include <stdlib.h>

#include "base/buf.h"
#include "token/kept_token.h"

#define TRY_AGAIN_MS 1000 /* with less time left a mint does not try again what failed */

struct token_cache {
	struct kept_tokens all;
};

int64_t token_served_until_s(int64_t now_s, int64_t expires_s, int64_t margin_s)
{
	int64_t life_s = expires_s > now_s ? expires_s - now_s : 0;

	return now_s + life_s - (life_s > 2 * margin_s ? margin_s : life_s / 10);
}

struct token_cache *token_cache_new(size_t entries_max)
{
	struct token_cache *cache = xcalloc(1, sizeof(*cache));

	kept_tokens_init(&cache->all, entries_max);
	return cache;
}

void token_cache_free(struct token_cache *cache)
{
	if (!cache)
		return;
	kept_tokens_done(&cache->all);
	free(cache);
}

static void lock(struct token_cache *cache)
{
	pthread_mutex_lock(&cache->all.lru.lock);
}

static void unlock(struct token_cache *cache)
{
	pthread_mutex_unlock(&cache->all.lru.lock);
}

/* Mints with the lock released; on return the lock is held and it is settled. */
static void mint(struct token_cache *cache, struct kept_token *kept, const struct token_wish *wish)
{
	struct minted minted = {0};
	autoerr(err);
	bool good;

	unlock(cache);
	good = wish->mint(wish, &minted, &err);
	lock(cache);
	kept->minting = false;
	cache->all.minting--;
	lru_touch(&cache->all.lru, &kept->node);
	if (good)
		kept_hold_token(kept, &minted);
	else
		kept_hold_failure(kept, &err, minted.hold_s);
	kept->left_ms = good || minted.hold_s ? INT64_MAX : deadline_left_ms(wish->deadline);
	if (!good && minted.hold_s <= wish->now_s)
		kept_unlist(&cache->all, kept);
	else
		kept_tokens_evict(
			&cache->all); /* not before: a failure must not push a token out */
	pthread_cond_broadcast(&kept->settled);
}

/* One caller's way to what is settled. */
struct quest {
	const struct token_wish *wish;
	bool mine;   /* what was found is this caller's to mint */
	bool waited; /* for a mint for another scope, which is done but once */
};

static struct kept_token *find_own(struct token_cache *cache, const struct token_wish *wish)
{
	struct kept_token *kept = kept_first(&cache->all, wish->key);

	while (kept && !kept_is_for(kept, wish->scope))
		kept = kept_next(kept);
	return kept;
}

/* A live token that was got for another scope. */
static struct kept_token *find_granting(struct token_cache *cache, const struct token_wish *wish)
{
	struct kept_token *kept = kept_first(&cache->all, wish->key);

	while (kept && !(kept_fits_claims(kept, wish) && kept_is_live(kept, wish->now_s) &&
			       kept_grants(kept, wish->scope)))
		kept = kept_next(kept);
	return kept;
}

/* One for another scope that is being minted and may come to serve this one too. */
static struct kept_token *find_coming(struct token_cache *cache, const struct quest *quest)
{
	struct kept_token *kept = kept_first(&cache->all, quest->wish->key);

	if (quest->waited)
		return NULL;
	while (kept && !(kept->minting && kept_fits_claims(kept, quest->wish)))
		kept = kept_next(kept);
	return kept;
}

/* A live one, one being minted by somebody else, or a new one that the caller must mint.  What is
 * for the scope itself goes first, but a token of another scope before a failure or a wait.  The
 * lock is held. */
static struct kept_token *live_or_new(struct token_cache *cache, struct quest *quest)
{
	const struct token_wish *wish = quest->wish;
	struct kept_token *own = find_own(cache, wish), *kept = own;

	quest->mine = false;
	if (own && !own->minting &&
		!(kept_fits_claims(own, wish) && kept_is_live(own, wish->now_s)))
		kept = NULL;
	if (!kept || !kept_has_token(kept)) {
		struct kept_token *granting = find_granting(cache, wish);

		kept = granting ? granting : kept;
	}
	if (!kept)
		kept = find_coming(cache, quest);
	if (kept) {
		lru_touch(&cache->all.lru, &kept->node);
		return kept;
	}
	if (own)
		kept_forget(&cache->all, own);
	quest->mine = true;
	return kept_add(&cache->all, wish);
}

/* Whether a failure may have come of the minter's little time, of which this caller has more. */
static bool is_minters_own(const struct kept_token *kept, const struct token_wish *wish)
{
	return !kept->left_ms ||
	       (kept->left_ms < TRY_AGAIN_MS && deadline_left_ms(wish->deadline) >= TRY_AGAIN_MS);
}

static bool is_answer(const struct kept_token *kept, const struct token_wish *wish)
{
	return !kept->minting && kept_fits_claims(kept, wish) &&
	       (kept_is_for(kept, wish->scope) ? !is_minters_own(kept, wish)
					       : kept_grants(kept, wish->scope));
}

/* Until what another caller mints is settled.  For another scope it may not serve this one, so that
 * half of the time is left for a mint of one's own. */
static void await(struct token_cache *cache, struct kept_token *kept, const struct token_wish *wish)
{
	struct deadline deadline = wish->deadline;
	bool in_time = true;

	if (!kept_is_for(kept, wish->scope))
		deadline = deadline_within(deadline, deadline_left_ms(deadline) / 2);
	while (kept->minting && in_time)
		in_time = deadline_wait(deadline, &kept->settled, &cache->all.lru.lock);
}

/* What answers the quest, settled, for the caller to release; NULL when its deadline came first.
 * What a mint with other claims settled, or for a scope that does not hold this one, or a failure
 * that is its minter's own, is no answer to others: of those with time left the first to look mints
 * anew.  The lock is held, but not meanwhile. */
static struct kept_token *settle(struct token_cache *cache, struct quest *quest)
{
	for (;;) {
		struct kept_token *kept = live_or_new(cache, quest);
		bool found = !kept->minting;

		kept->holders++;
		if (quest->mine)
			mint(cache, kept, quest->wish);
		else if (!found)
			await(cache, kept, quest->wish);
		if (found || quest->mine || is_answer(kept, quest->wish))
			return kept;
		quest->waited = quest->waited || !kept_is_for(kept, quest->wish->scope);
		kept_release(kept);
		if (deadline_passed(quest->wish->deadline))
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
	struct quest quest = {.wish = wish};
	struct kept_token *kept;
	bool good;

	lock(cache);
	kept = settle(cache, &quest);
	if (!kept) {
		unlock(cache);
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left to wait for another call");
	}
	good = !kept->failure;
	if (good) {
		secret_set(ret, kept->token.data, kept->token.len);
		*ret_source = quest.mine                        ? TOKEN_MINTED
			      : take_refresh(kept, wish->now_s) ? TOKEN_CACHED_REFRESH
								: TOKEN_CACHED;
	} else {
		err_copy(kept->failure, err);
		/* what is left of it */
		if (!quest.mine && err->retry_after_s && kept->expires_s > wish->now_s)
			err->retry_after_s = (int)(kept->expires_s - wish->now_s);
	}
	kept_release(kept);
	unlock(cache);
	return good;
}

void token_cache_ask_again(struct token_cache *cache, const unsigned char *key,
	const struct secret *token, int64_t at_s)
{
	struct kept_token *kept;

	lock(cache);
	kept = kept_find(&cache->all, key, token);
	if (kept)
		kept->refresh_s = at_s;
	unlock(cache);
}

/* With a hold on it; NULL: dropped or replaced meanwhile. */
static struct kept_token *hold(
	struct token_cache *cache, const unsigned char *key, const struct secret *token)
{
	struct kept_token *kept;

	lock(cache);
	kept = kept_find(&cache->all, key, token);
	if (kept)
		kept->holders++;
	unlock(cache);
	return kept;
}

bool token_cache_refresh(struct token_cache *cache, const struct token_wish *wish,
	const struct secret *token, int64_t retry_s, struct err *err)
{
	struct kept_token *kept = hold(cache, wish->key, token);
	struct token_wish same = *wish;
	struct minted minted = {0};
	bool good;

	if (!kept)
		return true;
	same.scope = kept->scope;
	same.claims = kept->claims;
	good = wish->mint(&same, &minted, err);
	lock(cache);
	if (good) {
		kept_hold_token(kept, &minted);
		kept->received_s = wish->now_s;
	} else {
		kept->refresh_s = wish->now_s +
				  (err->retry_after_s > retry_s ? err->retry_after_s : retry_s);
	}
	kept_release(kept); /* which ends it, if it has been dropped or replaced */
	unlock(cache);
	return good;
}

/* Whether it would be found again where that token was. */
static bool goes_with(const struct kept_token *kept, const struct token_refused *refused)
{
	return kept_holds(kept, refused->token) ||
	       (kept_has_token(kept) &&
		       (kept_is_for(kept, refused->scope) || kept_grants(kept, refused->scope)));
}

void token_cache_drop(struct token_cache *cache, const struct token_refused *refused)
{
	struct kept_token *kept, *next;

	lock(cache);
	kept = kept_find(&cache->all, refused->key, refused->token)
		       ? kept_first(&cache->all, refused->key)
		       : NULL;
	for (; kept; kept = next) {
		next = kept_next(kept);
		if (goes_with(kept, refused))
			kept_forget(&cache->all, kept);
	}
	unlock(cache);
}

size_t token_cache_count(struct token_cache *cache)
{
	size_t count;

	lock(cache);
	count = cache->all.lru.count - cache->all.minting;
	unlock(cache);
	return count;
}
