#include "token/key_budget.h"

#include <string.h>

#define PAUSE_MIN_S 2

void key_budget_init(struct key_budget *budget, int64_t keys_refresh_min_s)
{
	*budget = (struct key_budget){.refill_s = keys_refresh_min_s / KEY_BUDGET};
}

static void hash_of(const char *kid, unsigned char ret[SHA256_SIZE])
{
	struct sha256 *sha = sha256_new();

	sha256_add(sha, kid, strlen(kid));
	sha256_end(sha, ret);
}

/* Its place in absent, or KEY_BUDGET_ABSENT_MAX. */
static size_t place_of(const struct key_budget *budget, const unsigned char kid[SHA256_SIZE])
{
	size_t i = 0;

	while (i < KEY_BUDGET_ABSENT_MAX &&
		(!budget->absent[i].asked_s ||
			memcmp(budget->absent[i].kid, kid, SHA256_SIZE) != 0))
		i++;
	return i;
}

/* What is spent, as the time it takes to grow back; all of it has, where the clock was set back. */
static int64_t spent_s(const struct key_budget *budget, int64_t now_s)
{
	int64_t spent_s = budget->full_at_s - now_s;

	return spent_s > 0 && spent_s <= KEY_BUDGET * budget->refill_s ? spent_s : 0;
}

enum key_budget_say key_budget_ask(
	const struct key_budget *budget, const char *kid, int64_t now_s, int64_t *ret_wait_s)
{
	unsigned char hash[SHA256_SIZE];
	int64_t wait_s = spent_s(budget, now_s) - (KEY_BUDGET - 1) * budget->refill_s;
	size_t place;

	hash_of(kid, hash);
	place = place_of(budget, hash);
	if (place < KEY_BUDGET_ABSENT_MAX) {
		int64_t since_s = now_s - budget->absent[place].asked_s;

		if (since_s >= 0 && since_s < budget->absent[place].pause_s)
			return KEY_BUDGET_ABSENT;
	}
	if (wait_s <= 0)
		return KEY_BUDGET_FETCH;
	*ret_wait_s = wait_s;
	return KEY_BUDGET_SPENT;
}

void key_budget_spend(struct key_budget *budget, int64_t now_s)
{
	budget->full_at_s = now_s + spent_s(budget, now_s) + budget->refill_s;
}

void key_budget_note_absent(struct key_budget *budget, const char *kid, int64_t start_s)
{
	struct absent_key *absent;
	unsigned char hash[SHA256_SIZE];
	size_t place;

	hash_of(kid, hash);
	place = place_of(budget, hash);
	if (place == KEY_BUDGET_ABSENT_MAX) {
		place = budget->next++ % KEY_BUDGET_ABSENT_MAX;
		budget->absent[place] = (struct absent_key){.pause_s = PAUSE_MIN_S / 2};
		memcpy(budget->absent[place].kid, hash, SHA256_SIZE);
	}
	absent = &budget->absent[place];
	if (absent->asked_s == start_s)
		return;
	absent->asked_s = start_s;
	absent->pause_s *= 2;
	if (absent->pause_s > budget->refill_s)
		absent->pause_s = budget->refill_s;
}
