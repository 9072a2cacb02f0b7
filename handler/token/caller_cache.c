#include "token/caller_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lru.h"

struct checked_caller {
	struct lru_node node; /* first: a node is its caller */
	struct caller caller; /* without the token */
	struct caller_proof proof;
};

struct caller_cache {
	struct lru lru;
};

struct caller_cache *caller_cache_new(size_t entries_max)
{
	struct caller_cache *cache = xcalloc(1, sizeof(*cache));

	lru_init(&cache->lru, entries_max);
	return cache;
}

static void checked_free(struct lru_node *node)
{
	caller_done(&((struct checked_caller *)node)->caller);
	free(node);
}

static void forget(struct caller_cache *cache, struct lru_node *node)
{
	lru_remove(&cache->lru, node);
	checked_free(node);
}

void caller_cache_free(struct caller_cache *cache)
{
	if (!cache)
		return;
	lru_done(&cache->lru, checked_free);
	free(cache);
}

/* Copies a good caller into *ret, and what keys it was checked with; forgets one that is not good.
 */
static bool copy_good(struct caller_cache *cache, const unsigned char key[SHA256_SIZE],
	int64_t now_s, struct caller *ret, uint64_t *ret_generation)
{
	struct checked_caller *checked;
	bool good;

	pthread_mutex_lock(&cache->lru.lock);
	checked = (struct checked_caller *)lru_find(&cache->lru, key);
	good = checked && checked->proof.checked_s <= now_s && checked->proof.until_s > now_s;
	if (good) {
		caller_copy(&checked->caller, ret);
		*ret_generation = checked->proof.generation;
		lru_touch(&cache->lru, &checked->node);
	} else if (checked) {
		forget(cache, &checked->node);
	}
	pthread_mutex_unlock(&cache->lru.lock);
	return good;
}

static void forget_key(struct caller_cache *cache, const unsigned char key[SHA256_SIZE])
{
	struct lru_node *node;

	pthread_mutex_lock(&cache->lru.lock);
	node = lru_find(&cache->lru, key);
	if (node)
		forget(cache, node);
	pthread_mutex_unlock(&cache->lru.lock);
}

/* The key set has a lock of its own, so it is asked with ours released. */
bool caller_cache_get(struct caller_cache *cache, const unsigned char key[SHA256_SIZE],
	struct jwks *jwks, int64_t now_s, struct caller *ret)
{
	struct caller caller = {0};
	uint64_t generation;

	if (!copy_good(cache, key, now_s, &caller, &generation))
		return false;
	if (!jwks_unchanged(jwks, generation, now_s)) {
		caller_done(&caller);
		forget_key(cache, key);
		return false;
	}
	*ret = caller;
	return true;
}

void caller_cache_put(struct caller_cache *cache, const unsigned char key[SHA256_SIZE],
	const struct caller *caller, const struct caller_proof *proof)
{
	struct checked_caller *checked = xcalloc(1, sizeof(*checked));
	struct lru_node *known;

	memcpy(checked->node.key, key, SHA256_SIZE);
	caller_copy(caller, &checked->caller);
	checked->proof = *proof;
	pthread_mutex_lock(&cache->lru.lock);
	known = lru_find(&cache->lru, key);
	if (known) /* another thread checked the same token meanwhile */
		forget(cache, known);
	lru_add(&cache->lru, &checked->node);
	if (cache->lru.count > cache->lru.entries_max)
		forget(cache, cache->lru.oldest);
	pthread_mutex_unlock(&cache->lru.lock);
}
