/* Tokens that the cache has refreshed while it serves them. */
#include "stage/minting.h"

#include <pthread.h>
#include <string.h>

#define THREADS 64

/* A token that is due for refresh from NOW_S + 50 and lives until NOW_S + 100. */
static int set_up(void **state)
{
	minting_set_up(state);
	entra.refresh_s = NOW_S + 50;
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	return 0;
}

static void a_refresh_is_asked_for_from_its_second_on(void **state)
{
	assert_gets("a", NOW_S + 49, 1, TOKEN_CACHED);
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED_REFRESH);
}

static void a_token_without_a_refresh_time_is_never_refreshed(void **state)
{
	entra.refresh_s = 0;
	assert_gets("b", NOW_S, 2, TOKEN_MINTED);
	assert_gets("b", NOW_S + 99, 2, TOKEN_CACHED);
}

static void one_caller_only_is_asked_and_the_others_are_served(void **state)
{
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED_REFRESH);
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED);
	assert_gets("a", NOW_S + 99, 1, TOKEN_CACHED);
	assert_int_equal(entra.mints, 1);
}

struct asker {
	pthread_t thread;
	int number;
	enum token_source source;
};

static void *ask(void *arg)
{
	struct asker *asker = arg;

	asker->number = minting_get("a", NOW_S + 60, &asker->source);
	return NULL;
}

static void of_64_threads_one_is_asked_and_all_get_the_live_token(void **state)
{
	struct asker askers[THREADS];
	int asked = 0;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&askers[i].thread, NULL, ask, &askers[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].number, 1);
		assert_int_not_equal(askers[i].source, TOKEN_MINTED);
		asked += askers[i].source == TOKEN_CACHED_REFRESH;
	}
	assert_int_equal(asked, 1);
	assert_int_equal(entra.mints, 1);
}

static void a_refresh_replaces_the_token_and_both_its_times(void **state)
{
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED_REFRESH);
	entra.expires_s = NOW_S + 200;
	entra.refresh_s = NOW_S + 150;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_gets("a", NOW_S + 149, 2, TOKEN_CACHED);
	assert_gets("a", NOW_S + 150, 2, TOKEN_CACHED_REFRESH);
	assert_gets("a", NOW_S + 199, 2, TOKEN_CACHED);
	assert_gets("a", NOW_S + 200, 3, TOKEN_MINTED);
}

static void get_meanwhile(void)
{
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED);
	assert_gets("b", NOW_S + 50, 3, TOKEN_MINTED);
}

static void the_live_token_is_served_while_it_is_refreshed(void **state)
{
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED_REFRESH);
	entra.meanwhile = get_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_gets("a", NOW_S + 50, 2, TOKEN_CACHED_REFRESH);
	assert_int_equal(entra.mints, 3);
}

static void a_failed_refresh_keeps_the_token_and_asks_again_after_a_pause(void **state)
{
	entra.expires_s = NOW_S + 300;
	assert_int_equal(minting_get_anew("a", NOW_S), 2);
	assert_gets("a", NOW_S + 50, 2, TOKEN_CACHED_REFRESH);
	entra.refuses = true;
	entra.hold_s = NOW_S + 300; /* a refusal to remember, but there still is a token */
	minting_refresh("a", "token-2", NOW_S + 50);
	assert_gets("a", NOW_S + 109, 2, TOKEN_CACHED);
	assert_gets("a", NOW_S + 110, 2, TOKEN_CACHED_REFRESH);
	assert_gets("a", NOW_S + 110, 2, TOKEN_CACHED);
	assert_int_equal(entra.mints, 3);
	assert_refused("a", NOW_S + 300, 4);
}

static void whoever_could_not_refresh_has_another_asked(void **state)
{
	unsigned char key[SHA256_SIZE];
	struct secret token = {0};

	minting_key(key, "a");
	secret_set(&token, "token-1", strlen("token-1"));
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED_REFRESH);
	token_cache_ask_again(cache, key, &token, NOW_S + 51);
	assert_gets("a", NOW_S + 50, 1, TOKEN_CACHED);
	assert_gets("a", NOW_S + 51, 1, TOKEN_CACHED_REFRESH);
	minting_key(key, "b");
	token_cache_ask_again(cache, key, &token, NOW_S); /* there is none */
	assert_int_equal(token_cache_count(cache), 1);
	secret_done(&token);
}

static void a_token_dropped_before_its_refresh_is_not_minted_again(void **state)
{
	minting_drop("a", "token-1");
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_int_equal(entra.mints, 1);
	assert_int_equal(token_cache_count(cache), 0);
}

static void drop_meanwhile(void)
{
	minting_drop("a", "token-1");
}

static void a_token_dropped_during_its_refresh_stays_dropped(void **state)
{
	entra.meanwhile = drop_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_int_equal(token_cache_count(cache), 0);
	assert_gets("a", NOW_S + 50, 3, TOKEN_MINTED);
}

static void a_failed_refresh_of_a_dropped_token_leaves_nothing(void **state)
{
	entra.refuses = true;
	entra.meanwhile = drop_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_int_equal(token_cache_count(cache), 0);
	entra.refuses = false;
	assert_gets("a", NOW_S + 50, 3, TOKEN_MINTED);
}

static void replace_meanwhile(void)
{
	entra.refresh_s = 0;
	assert_int_equal(minting_get_anew("a", NOW_S + 50), 3);
}

/* The newer token may satisfy a claims challenge that the refresh knows nothing of. */
static void a_token_replaced_during_its_refresh_is_not_overwritten(void **state)
{
	entra.meanwhile = replace_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_gets("a", NOW_S + 99, 3, TOKEN_CACHED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void refuse_meanwhile(void)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + 90;
	assert_int_equal(minting_get_anew("a", NOW_S + 50), -3);
}

static void a_failure_remembered_during_a_refresh_stays_remembered(void **state)
{
	entra.meanwhile = refuse_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_refused("a", NOW_S + 89, 3);
}

static void a_remembered_failure_is_not_refreshed(void **state)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + 90;
	assert_refused("b", NOW_S, 2);
	entra.refuses = false;
	minting_refresh("b", "refusal-2", NOW_S + 50);
	assert_int_equal(entra.mints, 2);
	assert_refused("b", NOW_S + 50, 2);
}

static void evict_meanwhile(void)
{
	char who[2] = "b";

	for (int i = 0; i < MINTING_BOUND; i++, ++*who)
		assert_gets(who, NOW_S, 3 + i, TOKEN_MINTED);
}

static void a_token_evicted_during_its_refresh_does_not_come_back(void **state)
{
	entra.meanwhile = evict_meanwhile;
	minting_refresh("a", "token-1", NOW_S + 50);
	assert_int_equal(token_cache_count(cache), MINTING_BOUND);
	assert_gets("b", NOW_S, 3, TOKEN_CACHED);
}

/* Gets, refreshes, drops and evictions at once: the sanitizers must have no objection, and whoever
 * gets a token gets its own key's. */
static bool plain_mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	const char *who = wish->context;

	if (*who == 'd')
		return err_set(err, ERR_CONSENT_REQUIRED, "refusal");
	secret_set(&ret->token, who, 1);
	ret->expires_s = NOW_S + 2;
	ret->refresh_s = NOW_S;
	return true;
}

static void *stir(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 400; i++) {
		char who[2] = {(char)('a' + i % 5), 0};
		unsigned char key[SHA256_SIZE];
		struct token_wish one = {.key = key,
			.now_s = NOW_S + i % 2,
			.deadline = deadline_after(WHILE_MS),
			.claims = i % 11 == 0 ? "challenge" : NULL,
			.mint = plain_mint,
			.context = who};
		enum token_source source = TOKEN_CACHED;
		struct secret token = {0};
		autoerr(err);

		minting_key(key, who);
		if (token_cache_get(cache, &one, &token, &source, &err))
			*wrong += strcmp(token.data, who) != 0;
		else
			*wrong += *who != 'd';
		if (source == TOKEN_CACHED_REFRESH && i % 3 == 0)
			token_cache_ask_again(cache, key, &token, NOW_S);
		else if (source == TOKEN_CACHED_REFRESH)
			token_cache_refresh(cache, &one, &token, 1, &err);
		if (i % 13 == 0)
			minting_drop(who, who);
		secret_done(&token);
	}
	return NULL;
}

static void refreshes_under_load_give_every_caller_its_own_keys_token(void **state)
{
	minting_restart(MINTING_BOUND);
	assert_each_of(THREADS, stir, 0);
	assert_true(token_cache_count(cache) <= MINTING_BOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, minting_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refresh_is_asked_for_from_its_second_on),
		TEST(a_token_without_a_refresh_time_is_never_refreshed),
		TEST(one_caller_only_is_asked_and_the_others_are_served),
		TEST(of_64_threads_one_is_asked_and_all_get_the_live_token),
		TEST(a_refresh_replaces_the_token_and_both_its_times),
		TEST(the_live_token_is_served_while_it_is_refreshed),
		TEST(a_failed_refresh_keeps_the_token_and_asks_again_after_a_pause),
		TEST(whoever_could_not_refresh_has_another_asked),
		TEST(a_token_dropped_before_its_refresh_is_not_minted_again),
		TEST(a_token_dropped_during_its_refresh_stays_dropped),
		TEST(a_failed_refresh_of_a_dropped_token_leaves_nothing),
		TEST(a_token_replaced_during_its_refresh_is_not_overwritten),
		TEST(a_failure_remembered_during_a_refresh_stays_remembered),
		TEST(a_remembered_failure_is_not_refreshed),
		TEST(a_token_evicted_during_its_refresh_does_not_come_back),
		TEST(refreshes_under_load_give_every_caller_its_own_keys_token),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
