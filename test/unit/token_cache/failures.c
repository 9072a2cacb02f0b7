/* Failures that the token cache remembers, and tokens wanted anew. */
#include "stage/minting.h"

#define THREADS 64

static void refuse_for(int64_t seconds)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + seconds;
}

static void a_failure_is_remembered_until_the_second_before_its_time(void **state)
{
	refuse_for(30);
	assert_refused("a", NOW_S, 1);
	assert_refused("a", NOW_S, 1);
	assert_refused("a", NOW_S + 29, 1);
	assert_int_equal(entra.mints, 1);
	assert_refused("a", NOW_S + 30, 2);
}

static void after_its_time_a_failure_gives_way_to_a_token(void **state)
{
	refuse_for(30);
	assert_refused("a", NOW_S, 1);
	entra.refuses = false;
	assert_refused("a", NOW_S + 29, 1);
	assert_gets("a", NOW_S + 30, 2, TOKEN_MINTED);
	assert_gets("a", NOW_S + 30, 2, TOKEN_CACHED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void a_failure_without_a_time_or_with_one_gone_by_is_not_remembered(void **state)
{
	static const int64_t HOLDS_S[] = {0, NOW_S - 1, NOW_S};

	entra.refuses = true;
	for (size_t i = 0; i < COUNT_OF(HOLDS_S); i++) {
		entra.hold_s = HOLDS_S[i];
		assert_refused("a", NOW_S, (int)i + 1);
		assert_int_equal(token_cache_count(cache), 0);
	}
}

static void a_failure_is_remembered_for_its_key_alone(void **state)
{
	assert_gets("b", NOW_S, 1, TOKEN_MINTED);
	refuse_for(30);
	assert_refused("a", NOW_S, 2);
	assert_gets("b", NOW_S, 1, TOKEN_CACHED);
	entra.refuses = false;
	assert_gets("c", NOW_S, 3, TOKEN_MINTED);
	assert_refused("a", NOW_S, 2);
}

/* As a throttle with Retry-After: 3600 for one user, while others go on. */
static void a_long_hold_of_one_key_never_holds_another(void **state)
{
	refuse_for(3600);
	entra.expires_s = NOW_S + 4000;
	assert_refused("a", NOW_S, 1);
	entra.refuses = false;
	assert_gets("b", NOW_S + 1, 2, TOKEN_MINTED);
	assert_gets("b", NOW_S + 3599, 2, TOKEN_CACHED);
	assert_refused("a", NOW_S + 3599, 1);
	assert_gets("a", NOW_S + 3600, 3, TOKEN_MINTED);
}

static void a_remembered_throttle_says_how_much_of_it_is_left(void **state)
{
	refuse_for(60);
	entra.retry_after_s = 60;
	assert_refused("a", NOW_S, 1);
	assert_int_equal(last_retry_after_s, 60);
	assert_refused("a", NOW_S + 59, 1);
	assert_int_equal(last_retry_after_s, 1);
	entra.retry_after_s = 0;
	assert_refused("b", NOW_S, 2);
	assert_refused("b", NOW_S + 1, 2);
	assert_int_equal(last_retry_after_s, 0);
}

static void dropping_a_token_does_not_forget_a_failure(void **state)
{
	refuse_for(30);
	assert_refused("a", NOW_S, 1);
	minting_drop("a", "token-1");
	assert_refused("a", NOW_S, 1);
}

static void wanted_anew_a_token_replaces_the_one_held(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_int_equal(minting_get_anew("a", NOW_S), 2);
	assert_gets("a", NOW_S, 2, TOKEN_CACHED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void wanted_anew_a_token_replaces_a_remembered_failure(void **state)
{
	refuse_for(30);
	assert_refused("a", NOW_S, 1);
	entra.refuses = false;
	assert_int_equal(minting_get_anew("a", NOW_S), 2);
	assert_gets("a", NOW_S, 2, TOKEN_CACHED);
	assert_int_equal(token_cache_count(cache), 1);
}

static void wanted_anew_a_failure_replaces_the_token_and_is_remembered(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	refuse_for(30);
	assert_int_equal(minting_get_anew("a", NOW_S), -2);
	assert_refused("a", NOW_S, 2);
	assert_int_equal(minting_get_anew("a", NOW_S), -3);
	assert_refused("a", NOW_S, 3);
	assert_int_equal(token_cache_count(cache), 1);
}

static void wanted_anew_nothing_of_another_key_is_touched(void **state)
{
	assert_gets("b", NOW_S, 1, TOKEN_MINTED);
	assert_int_equal(minting_get_anew("a", NOW_S), 2);
	assert_gets("b", NOW_S, 1, TOKEN_CACHED);
}

static void remembered_failures_count_towards_the_bound(void **state)
{
	char who[2] = "A";

	refuse_for(30);
	for (int i = 1; *who <= 'Z'; ++*who, i++)
		assert_refused(who, NOW_S, i);
	assert_int_equal(token_cache_count(cache), MINTING_BOUND);
}

static void remembered_failures_and_tokens_leave_in_order_of_use(void **state)
{
	refuse_for(30);
	assert_refused("a", NOW_S, 1);
	assert_refused("b", NOW_S, 2);
	entra.refuses = false;
	assert_gets("c", NOW_S, 3, TOKEN_MINTED);
	assert_refused("a", NOW_S, 1); /* now b is the oldest */
	assert_gets("d", NOW_S, 4, TOKEN_MINTED);
	assert_refused("a", NOW_S, 1);
	assert_gets("c", NOW_S, 3, TOKEN_CACHED);
	assert_gets("b", NOW_S, 5, TOKEN_MINTED);
}

static void failures_that_are_not_remembered_push_no_token_out(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	assert_gets("b", NOW_S, 2, TOKEN_MINTED);
	assert_gets("c", NOW_S, 3, TOKEN_MINTED);
	entra.refuses = true;
	for (int i = 4; i < 20; i++)
		assert_refused("d", NOW_S, i);
	assert_gets("a", NOW_S, 1, TOKEN_CACHED);
	assert_gets("b", NOW_S, 2, TOKEN_CACHED);
	assert_gets("c", NOW_S, 3, TOKEN_CACHED);
}

static void *ask(void *arg)
{
	int *number = arg;

	*number = minting_get("a", NOW_S, &(enum token_source){0});
	return NULL;
}

static void *ask_with_claims(void *arg)
{
	int *number = arg;

	*number = minting_get_with("a", NOW_S, "one challenge");
	return NULL;
}

/* Graph challenges every call of a user that is under way; all come back with the same claims. */
static void callers_at_once_with_the_same_claims_share_one_mint(void **state)
{
	assert_gets("a", NOW_S, 1, TOKEN_MINTED);
	entra.waiters_wanted = THREADS - 1;
	assert_each_of(THREADS, ask_with_claims, 2);
	assert_int_equal(entra.mints, 2);
	assert_int_equal(minting_get_with("a", NOW_S, "one challenge"), 2);
	assert_int_equal(minting_get_with("a", NOW_S, "another"), 3);
}

static void callers_at_once_share_a_failure_that_is_then_remembered(void **state)
{
	refuse_for(30);
	entra.waiters_wanted = THREADS - 1;
	assert_each_of(THREADS, ask, -1);
	assert_int_equal(entra.mints, 1);
	assert_refused("a", NOW_S + 29, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, minting_set_up, minting_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_is_remembered_until_the_second_before_its_time),
		TEST(after_its_time_a_failure_gives_way_to_a_token),
		TEST(a_failure_without_a_time_or_with_one_gone_by_is_not_remembered),
		TEST(a_failure_is_remembered_for_its_key_alone),
		TEST(a_long_hold_of_one_key_never_holds_another),
		TEST(a_remembered_throttle_says_how_much_of_it_is_left),
		TEST(dropping_a_token_does_not_forget_a_failure),
		TEST(wanted_anew_a_token_replaces_the_one_held),
		TEST(wanted_anew_a_token_replaces_a_remembered_failure),
		TEST(wanted_anew_a_failure_replaces_the_token_and_is_remembered),
		TEST(wanted_anew_nothing_of_another_key_is_touched),
		TEST(remembered_failures_count_towards_the_bound),
		TEST(remembered_failures_and_tokens_leave_in_order_of_use),
		TEST(failures_that_are_not_remembered_push_no_token_out),
		TEST(callers_at_once_with_the_same_claims_share_one_mint),
		TEST(callers_at_once_share_a_failure_that_is_then_remembered),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
