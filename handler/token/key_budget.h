/* How often key ids that nobody knows may have the keys fetched.  Keys change without notice, so an
 * unknown id may be a new key's; and anybody can make one up, so it must not turn into load on
 * Entra.  Hence:
 *
 * Fetches for unknown ids come out of a budget of KEY_BUDGET, of which one grows back every
 * KEYS_REFRESH_MIN_S / KEY_BUDGET.  A fetch brings everybody's keys: whoever empties the budget has
 * them fetched that often for all.  An id that a fetch has not brought is asked for again only
 * after 2 s, then 4, 8 and so on up to that time, so none can empty it by itself.
 *
 * Its owner locks. */
#ifndef TOKEN_KEY_BUDGET_H
#define TOKEN_KEY_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"

#define KEY_BUDGET 10
#define KEY_BUDGET_ABSENT_MAX 64

struct key_budget {
	int64_t refill_s;  /* in which one grows back */
	int64_t full_at_s; /* when all of it will have grown back */
	struct absent_key {
		unsigned char kid[SHA256_SIZE]; /* its hash */
		int64_t asked_s;                /* 0: no entry */
		int64_t pause_s;                /* from then on */
	} absent[KEY_BUDGET_ABSENT_MAX];        /* the oldest goes first */
	size_t next;
};

void key_budget_init(struct key_budget *budget, int64_t keys_refresh_min_s);

enum key_budget_say {
	KEY_BUDGET_FETCH,
	KEY_BUDGET_ABSENT, /* a fetch has just not brought it */
	KEY_BUDGET_SPENT,  /* *ret_wait_s until a fetch is possible */
};
enum key_budget_say key_budget_ask(
	const struct key_budget *budget, const char *kid, int64_t now_s, int64_t *ret_wait_s);

/* A fetch for an unknown key id went well. */
void key_budget_spend(struct key_budget *budget, int64_t now_s);
/* One that began at start_s did not bring this one.  Said by all who waited for it, it counts once.
 */
void key_budget_note_absent(struct key_budget *budget, const char *kid, int64_t start_s);

#endif
