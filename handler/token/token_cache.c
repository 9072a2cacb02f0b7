#include "token/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* An entry is either settled (in the table and the use list) or being minted (in the table only).
 * A mint that fails takes its entry out of the table; whoever waits on it still holds it. */
struct entry {
	unsigned char key[SHA256_SIZE];
	struct secret token;
	int64_t expires_s;
	bool minting;
	bool failed;
	struct err err; /* why, when failed */
	unsigned
		holders; /* threads that look at it outside the table: the minter and the waiters */
	bool in_table;
	pthread_cond_t settled;
	struct entry *chain;         /* next in the bucket */
	struct entry *newer, *older; /* use list */
};

struct token_cache {
	pthread_mutex_t lock; /* guards all */
	size_t entries_max, count;
	struct entry **buckets;
	size_t bucket_mask;
	struct entry *newest, *oldest;
};

struct token_cache *token_cache_new(size_t entries_max)
{
	struct token_cache *cache = xcalloc(1, sizeof(*cache));
	size_t buckets = 16;

	while (buckets < entries_max)
		buckets *= 2;
	cache->entries_max = entries_max;
	cache->buckets = xcalloc(buckets, sizeof(struct entry *));
	cache->bucket_mask = buckets - 1;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

/* The key is a SHA-256, so any of its bytes are as good as a hash. */
static struct entry **bucket_of(struct token_cache *cache, const unsigned char *key)
{
	size_t hash;

	memcpy(&hash, key, sizeof(hash));
	return &cache->buckets[hash & cache->bucket_mask];
}

static struct entry *find(struct token_cache *cache, const unsigned char *key)
{
	struct entry *entry = *bucket_of(cache, key);

	while (entry && memcmp(entry->key, key, SHA256_SIZE) != 0)
		entry = entry->chain;
	return entry;
}

static void entry_free(struct entry *entry)
{
	secret_done(&entry->token);
	pthread_cond_destroy(&entry->settled);
	free(entry);
}

static void unlist(struct token_cache *cache, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
	entry->newer = entry->older = NULL;
}

static void list_newest(struct token_cache *cache, struct entry *entry)
{
	entry->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

/* Takes the entry out of the table, and frees it unless somebody still looks at it. */
static void forget(struct token_cache *cache, struct entry *entry)
{
	struct entry **at = bucket_of(cache, entry->key);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	entry->in_table = false;
	if (!entry->minting && !entry->failed) {
		unlist(cache, entry);
		cache->count--;
	}
	if (!entry->holders)
		entry_free(entry);
}

static void release(struct entry *entry)
{
	if (--entry->holders == 0 && !entry->in_table)
		entry_free(entry);
}

void token_cache_free(struct token_cache *cache)
{
	if (!cache)
		return;
	while (cache->oldest)
		forget(cache, cache->oldest);
	pthread_mutex_destroy(&cache->lock);
	free(cache->buckets);
	free(cache);
}

static struct entry *add_minting(struct token_cache *cache, const unsigned char *key)
{
	struct entry **bucket = bucket_of(cache, key);
	struct entry *entry = xcalloc(1, sizeof(*entry));

	memcpy(entry->key, key, SHA256_SIZE);
	entry->minting = true;
	entry->in_table = true;
	entry->chain = *bucket;
	*bucket = entry;
	pthread_cond_init(&entry->settled, NULL);
	return entry;
}

/* Mints with the lock released; on return the lock is held and the entry settled. */
static void mint(struct token_cache *cache, struct entry *entry, const struct token_wish *wish)
{
	struct minted minted = {0};
	struct err err;
	bool good;

	pthread_mutex_unlock(&cache->lock);
	good = wish->mint(wish->context, &minted, &err);
	pthread_mutex_lock(&cache->lock);
	entry->minting = false;
	if (good) {
		entry->token = minted.token;
		entry->expires_s = minted.expires_s;
		list_newest(cache, entry);
		cache->count++;
		if (cache->count > cache->entries_max)
			forget(cache, cache->oldest);
	} else {
		entry->failed = true;
		entry->err = err;
		forget(cache, entry);
	}
	pthread_cond_broadcast(&entry->settled);
}

/* The live entry for the key, one being minted by somebody else, or a new one that the caller
 * must mint.  The lock is held. */
static struct entry *live_or_new(
	struct token_cache *cache, const struct token_wish *wish, bool *ret_mine)
{
	struct entry *entry = find(cache, wish->key);

	*ret_mine = false;
	if (entry && !entry->minting && entry->expires_s <= wish->now_s) {
		forget(cache, entry);
		entry = NULL;
	}
	if (!entry) {
		*ret_mine = true;
		return add_minting(cache, wish->key);
	}
	if (!entry->minting) {
		unlist(cache, entry);
		list_newest(cache, entry);
	}
	return entry;
}

bool token_cache_get(struct token_cache *cache, const struct token_wish *wish, struct secret *ret,
	bool *ret_hit, struct err *err)
{
	struct entry *entry;
	bool mine, good;

	pthread_mutex_lock(&cache->lock);
	entry = live_or_new(cache, wish, &mine);
	entry->holders++;
	if (mine)
		mint(cache, entry, wish);
	while (entry->minting)
		pthread_cond_wait(&entry->settled, &cache->lock);
	good = !entry->failed;
	if (good) {
		secret_set(ret, entry->token.data, entry->token.len);
		*ret_hit = !mine;
	} else {
		*err = entry->err;
	}
	release(entry);
	pthread_mutex_unlock(&cache->lock);
	return good;
}

void token_cache_drop(
	struct token_cache *cache, const unsigned char *key, const struct secret *token)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = find(cache, key);
	if (entry && !entry->minting && entry->token.len == token->len &&
		!memcmp(entry->token.data, token->data, token->len))
		forget(cache, entry);
	pthread_mutex_unlock(&cache->lock);
}

size_t token_cache_count(struct token_cache *cache)
{
	size_t count;

	pthread_mutex_lock(&cache->lock);
	count = cache->count;
	pthread_mutex_unlock(&cache->lock);
	return count;
}
