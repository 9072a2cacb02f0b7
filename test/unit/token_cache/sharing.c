#include "token/token_cache.h"

#include <pthread.h>
#include <string.h>

#include "stage/minting.h"

#define THREADS 64

/* The number of the token that who gets; it does not matter where it comes from. */
static int get(const char *who, int64_t now_s)
{
	return minting_get(who, now_s, &(enum token_source){0});
}

static void a_second_call_gets_the_kept_token(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void another_key_gets_another_token(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("b", NOW_S, 2, TOKEN_MINTED);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
	assert_gets("b", NOW_S, 2, TOKEN_CACHED);
}

static void a_token_is_served_until_the_second_before_it_expires(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("a", NOW_S + 99, 1, TOKEN_CACHED);
	assert_gets("a", NOW_S + 100, 2, TOKEN_MINTED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void a_token_that_is_expired_on_arrival_serves_its_caller_only(void **state)
{
	entra.expires_s = NOW_S;
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("a", NOW_S, 2, TOKEN_MINTED);
}

static void the_least_recently_used_goes_first(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("b", NOW_S, 2, TOKEN_MINTED);
	assert_gets("c", NOW_S, 3, TOKEN_MINTED);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED); /* now b is the oldest */
	assert_gets("d", NOW_S, 4, TOKEN_MINTED);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
	assert_gets("c", NOW_S, 3, TOKEN_CACHED);
	assert_gets("d", NOW_S, 4, TOKEN_CACHED);
	assert_gets("b", NOW_S, 5, TOKEN_MINTED);
}

static void no_more_than_the_bound_is_kept(void **state)
{
	char who[2] = "A";

	for (; *who <= 'Z'; ++*who) {
		get(who, NOW_S);
		assert_true(token_cache_count(cache) <= MINTING_BOUND);
	}
	assert_int_equal(token_cache_count(cache), MINTING_BOUND);
}

static void a_failed_mint_is_not_cached(void **state)
{
	entra.refuses = true;
	assert_refused("a", NOW_S, 1);
	assert_int_equal(token_cache_count(cache), 0);
	entra.refuses = false;
	assert_gets("a", NOW_S, 2, TOKEN_MINTED);
	assert_gets("a", NOW_S, 2, TOKEN_CACHED);
}

static void a_failure_leaves_the_other_tokens_alone(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	entra.refuses = true;
	assert_refused("b", NOW_S, 2);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
}

static void a_refused_token_is_dropped(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	minting_drop("a", "token-1");
	assert_int_equal(token_cache_count(cache), 0);
	assert_gets("a", NOW_S, 2, TOKEN_MINTED);
}

static void only_the_very_token_refused_is_dropped(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	minting_drop("a", "token-0");
	minting_drop("a", "token-");
	minting_drop("a", "token-11");
	minting_drop("b", "token-1");
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
}

struct wisher {
	pthread_t thread;
	const char *who;
	int number;
	enum token_source source;
};

static void *wish(void *arg)
{
	struct wisher *wisher = arg;

	wisher->number = minting_get(wisher->who, NOW_S, &wisher->source);
	return NULL;
}

/* All threads ask for one key; the mint goes on when all but its own thread wait for it. */
static int wish_together(int expected)
{
	struct wisher wishers[THREADS];
	int hits = 0;

	entra.waiters_wanted = THREADS - 1;
	for (int i = 0; i < THREADS; i++) {
		wishers[i] = (struct wisher){.who = "a", .source = TOKEN_MINTED};
		pthread_create(&wishers[i].thread, NULL, wish, &wishers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(wishers[i].thread, NULL);
		assert_int_equal(wishers[i].number, expected);
		hits += wishers[i].source == TOKEN_CACHED;
	}
	entra.waiters_wanted = 0;
	return hits;
}

static void callers_at_once_share_one_mint(void **state)
{
	assert_int_equal(wish_together(1), THREADS - 1);
	assert_int_equal(entra.mints, 1);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
}

static void callers_at_once_share_a_failure_which_is_then_forgotten(void **state)
{
	entra.refuses = true;
	assert_int_equal(wish_together(-1), 0);
	assert_int_equal(entra.mints, 1);
	entra.refuses = false;
	assert_gets("a", NOW_S, 2, TOKEN_MINTED);
}

static void an_expired_token_is_replaced_by_one_mint(void **state)
{
	entra.expires_s = NOW_S;
	assert_gets("a", NOW_S - 1, 1, TOKEN_MINTED);
	entra.expires_s = NOW_S + 100;
	assert_int_equal(wish_together(2), THREADS - 1);
	assert_int_equal(entra.mints, 2);
}

/* A bound of none evicts the token the moment it is there, with all its waiters still waiting. */
static void waiters_get_their_token_though_it_was_evicted(void **state)
{
	minting_restart(0);
	wish_together(1);
	assert_int_equal(entra.mints, 1);
	assert_int_equal(token_cache_count(cache), 0);
	assert_gets("a", NOW_S, 2, TOKEN_MINTED);
}

/* A mint that uses the cache for another key, and drops its own: neither may block or harm. */
static bool mint_within(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	int *inner = wish->context;

	*inner = get("b", NOW_S);
	minting_drop("a", "");
	minting_drop("a", "token-1");
	assert_int_equal(token_cache_count(cache), 1);
	return minting_mint(wish, ret, err);
}

static void the_cache_is_usable_while_a_token_is_minted(void **state)
{
	unsigned char key[SHA256_SIZE];
	int inner = 0;
	struct token_wish outer = {
		.key = key, .now_s = NOW_S, .mint = mint_within, .context = &inner};
	struct secret token = {0};
	autoerr(err);
	enum token_source source;

	minting_key(key, "a");
	assert_true(token_cache_get(cache, &outer, &token, &source, &err));
	assert_int_equal(inner, 1);
	assert_string_equal(token.data, "token-2");
	secret_done(&token);
	assert_gets("a", NOW_S, 2, TOKEN_CACHED);
}

/* Many keys, small bound, drops and refusals at once: nothing to assert but that the sanitizers
 * and the count have no objection. */
static bool plain_mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	const char *who = wish->context;

	if (*who % 7 == 0)
		return err_set(err, ERR_CONSENT_REQUIRED, "refused");
	secret_set(&ret->token, who, 1);
	ret->expires_s = NOW_S + *who % 3;
	return true;
}

static void *stir(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 400; i++) {
		char who[2] = {(char)('A' + i * 7 % 26), 0};
		unsigned char key[SHA256_SIZE];
		struct token_wish one = {.key = key,
			.now_s = NOW_S + i % 2,
			.deadline = deadline_after(WHILE_MS),
			.mint = plain_mint,
			.context = who};
		struct secret token = {0};
		autoerr(err);
		enum token_source source;

		minting_key(key, who);
		if (token_cache_get(cache, &one, &token, &source, &err))
			*wrong += *token.data != *who;
		else
			*wrong += *who % 7 != 0;
		if (i % 5 == 0)
			minting_drop(who, who);
		secret_done(&token);
	}
	return NULL;
}

static void every_caller_gets_its_own_keys_token_under_load(void **state)
{
	assert_each_of(8, stir, 0);
	assert_true(token_cache_count(cache) <= MINTING_BOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, minting_set_up, minting_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_call_gets_the_kept_token),
		TEST(another_key_gets_another_token),
		TEST(a_token_is_served_until_the_second_before_it_expires),
		TEST(a_token_that_is_expired_on_arrival_serves_its_caller_only),
		TEST(the_least_recently_used_goes_first),
		TEST(no_more_than_the_bound_is_kept),
		TEST(a_failed_mint_is_not_cached),
		TEST(a_failure_leaves_the_other_tokens_alone),
		TEST(a_refused_token_is_dropped),
		TEST(only_the_very_token_refused_is_dropped),
		TEST(callers_at_once_share_one_mint),
		TEST(callers_at_once_share_a_failure_which_is_then_forgotten),
		TEST(an_expired_token_is_replaced_by_one_mint),
		TEST(waiters_get_their_token_though_it_was_evicted),
		TEST(the_cache_is_usable_while_a_token_is_minted),
		TEST(every_caller_gets_its_own_keys_token_under_load),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
