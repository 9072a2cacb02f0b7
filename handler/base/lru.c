#include "base/lru.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void lru_init(struct lru *lru, size_t entries_max)
{
	size_t buckets = 16;

	while (buckets < entries_max)
		buckets *= 2;
	*lru = (struct lru){.entries_max = entries_max, .bucket_mask = buckets - 1};
	pthread_mutex_init(&lru->lock, NULL);
	lru->buckets = xcalloc(buckets, sizeof(struct lru_node *));
}

void lru_done(struct lru *lru, void (*entry_free)(struct lru_node *node))
{
	while (entry_free && lru->oldest) {
		struct lru_node *node = lru->oldest;

		lru->oldest = node->newer;
		entry_free(node);
	}
	pthread_mutex_destroy(&lru->lock);
	free(lru->buckets);
	*lru = (struct lru){0};
}

/* The key is a SHA-256, so any of its bytes are as good as a hash. */
static struct lru_node **bucket_of(const struct lru *lru, const unsigned char *key)
{
	size_t hash;

	memcpy(&hash, key, sizeof(hash));
	return &lru->buckets[hash & lru->bucket_mask];
}

/* From that one of a chain on. */
static struct lru_node *first_with(struct lru_node *node, const unsigned char *key)
{
	while (node && memcmp(node->key, key, SHA256_SIZE) != 0)
		node = node->chain;
	return node;
}

struct lru_node *lru_find(const struct lru *lru, const unsigned char *key)
{
	return first_with(*bucket_of(lru, key), key);
}

struct lru_node *lru_find_next(const struct lru_node *node)
{
	return first_with(node->chain, node->key);
}

static void unlist(struct lru *lru, struct lru_node *node)
{
	*(node->newer ? &node->newer->older : &lru->newest) = node->older;
	*(node->older ? &node->older->newer : &lru->oldest) = node->newer;
	node->newer = node->older = NULL;
}

static void list_newest(struct lru *lru, struct lru_node *node)
{
	node->older = lru->newest;
	*(lru->newest ? &lru->newest->newer : &lru->oldest) = node;
	lru->newest = node;
}

void lru_add(struct lru *lru, struct lru_node *node)
{
	struct lru_node **bucket = bucket_of(lru, node->key);

	node->chain = *bucket;
	node->newer = node->older = NULL;
	*bucket = node;
	list_newest(lru, node);
	lru->count++;
}

void lru_remove(struct lru *lru, struct lru_node *node)
{
	struct lru_node **at = bucket_of(lru, node->key);

	while (*at != node)
		at = &(*at)->chain;
	*at = node->chain;
	unlist(lru, node);
	lru->count--;
}

void lru_touch(struct lru *lru, struct lru_node *node)
{
	if (lru->newest == node)
		return;
	unlist(lru, node);
	list_newest(lru, node);
}
