/* A hash table by SHA-256 with an order of use, for caches of bounded size.
 *
 * Intrusive: a cache puts a struct lru_node first in its own entries, keeps their memory, takes the
 * lock around every use and sees to the bound; this only links.  Finding, adding and removing cost
 * the same at any size.
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <pthread.h>
#include <stddef.h>

#include "base/crypto.h"

struct lru_node {
	unsigned char key[SHA256_SIZE];
	struct lru_node *chain;         /* next in the bucket */
	struct lru_node *newer, *older; /* order of use */
};

struct lru {
	pthread_mutex_t lock; /* guards all, the entries too */
	size_t entries_max;   /* that the cache is to keep; more make it slower, not wrong */
	struct lru_node **buckets;
	size_t bucket_mask;
	size_t count;
	struct lru_node *newest, *oldest;
};

void lru_init(struct lru *lru, size_t entries_max);
/* Frees the table, and by entry_free (NULL: nothing) every entry that is left. */
void lru_done(struct lru *lru, void (*entry_free)(struct lru_node *node));

/* One with that key, NULL: none; and the others with it, one after the other. */
struct lru_node *lru_find(const struct lru *lru, const unsigned char *key);
struct lru_node *lru_find_next(const struct lru_node *node);
/* node->key is set; other nodes may have it too.  It becomes the newest. */
void lru_add(struct lru *lru, struct lru_node *node);
void lru_remove(struct lru *lru, struct lru_node *node);
/* Makes it the newest. */
void lru_touch(struct lru *lru, struct lru_node *node);

#endif
