/* The cost of a hit in the token cache, at one user and at many. */
#include "token/token_cache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stage/support.h"

#define ASSERTION_BYTES 1500
#define HITS 4000
#define ROUNDS 5
#define FACTOR_MAX 8

static bool mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	static const char TOKEN[1500] = {'t'}; /* about as long as Graph's */

	secret_set(&ret->token, TOKEN, sizeof(TOKEN));
	ret->expires_s = NOW_S + 3600;
	return true;
}

/* As it is made of a user's token for every call. */
static void key_of(unsigned char ret[SHA256_SIZE], unsigned user)
{
	struct sha256 *sha = sha256_new();
	char assertion[ASSERTION_BYTES] = {0};

	memcpy(assertion, &user, sizeof(user));
	sha256_add(sha, assertion, sizeof(assertion));
	sha256_end(sha, ret);
}

static bool get(struct token_cache *cache, const unsigned char *key)
{
	struct token_wish wish = {.key = key, .now_s = NOW_S, .mint = mint};
	enum token_source source = TOKEN_MINTED;
	struct secret token = {0};
	autoerr(err);

	assert_true(token_cache_get(cache, &wish, &token, &source, &err));
	secret_done(&token);
	return source == TOKEN_CACHED;
}

/* Of this thread's work alone: what else the machine does is none of its cost. */
static double worked_ns(void)
{
	struct timespec worked;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &worked);
	return (double)worked.tv_sec * 1e9 + (double)worked.tv_nsec;
}

/* One after the other in an order that jumps about, as users come. */
static double round_ns(
	struct token_cache *cache, unsigned char (*keys)[SHA256_SIZE], unsigned users, bool hash)
{
	double start_ns = worked_ns();
	int hits = 0;

	for (unsigned i = 0; i < HITS; i++) {
		unsigned user = i * 7919u % users;

		if (hash)
			key_of(keys[user], user);
		hits += get(cache, keys[user]);
	}
	assert_int_equal(hits, HITS);
	return (worked_ns() - start_ns) / HITS;
}

struct cost {
	double look_up_ns; /* the cache alone: shows how far the memory is */
	double hit_ns;     /* with the key made of the user's token, as a caller pays */
};

/* Averages of the best rounds: the others were disturbed. */
static struct cost cost_at(unsigned users)
{
	static unsigned char keys[50000][SHA256_SIZE];
	struct token_cache *cache = token_cache_new(users);
	struct cost best = {1e18, 1e18};

	for (unsigned i = 0; i < users; i++) {
		key_of(keys[i], i);
		assert_false(get(cache, keys[i]));
	}
	for (int i = 0; i < ROUNDS; i++) {
		best.look_up_ns = fmin(best.look_up_ns, round_ns(cache, keys, users, false));
		best.hit_ns = fmin(best.hit_ns, round_ns(cache, keys, users, true));
	}
	assert_int_equal(token_cache_count(cache), users);
	token_cache_free(cache);
	printf("figure: token cache at %u users: look-up %.0f ns, with its key's hash %.0f ns\n",
		users, best.look_up_ns, best.hit_ns);
	fflush(stdout);
	return best;
}

static void a_hit_costs_about_the_same_at_any_number_of_users(void **state)
{
	struct cost one = cost_at(1);

	assert_true(cost_at(1000).hit_ns < FACTOR_MAX * one.hit_ns);
	assert_true(cost_at(4000).hit_ns < FACTOR_MAX * one.hit_ns);
	assert_true(cost_at(50000).hit_ns < FACTOR_MAX * one.hit_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hit_costs_about_the_same_at_any_number_of_users),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
