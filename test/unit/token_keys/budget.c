#include "token/key_budget.h"

#include <stdio.h>

#include "stage/support.h"

#define REFILL_S 30

static struct key_budget budget;
static int64_t wait_s;

static int set_up(void **state)
{
	key_budget_init(&budget, 300);
	return 0;
}

static enum key_budget_say ask(const char *kid, int64_t after_s)
{
	wait_s = 0;
	return key_budget_ask(&budget, kid, NOW_S + after_s, &wait_s);
}

static void spend(int count, int64_t after_s)
{
	for (int i = 0; i < count; i++) {
		assert_int_equal(ask("any", after_s), KEY_BUDGET_FETCH);
		key_budget_spend(&budget, NOW_S + after_s);
	}
}

static void a_full_budget_is_ten_fetches_and_one_grows_back_in_a_tenth_of_the_time(void **state)
{
	spend(KEY_BUDGET, 0);
	assert_int_equal(ask("any", 0), KEY_BUDGET_SPENT);
	assert_int_equal(wait_s, REFILL_S);
	assert_int_equal(ask("any", REFILL_S - 1), KEY_BUDGET_SPENT);
	assert_int_equal(wait_s, 1);
	spend(1, REFILL_S);
	assert_int_equal(ask("any", REFILL_S), KEY_BUDGET_SPENT);
	spend(KEY_BUDGET, REFILL_S + KEY_BUDGET * REFILL_S);
	assert_int_equal(ask("any", REFILL_S + KEY_BUDGET * REFILL_S), KEY_BUDGET_SPENT);
}

static void one_key_id_alone_never_empties_the_budget(void **state)
{
	int fetches = 0;

	for (int second = 0; second < 86400; second++) {
		enum key_budget_say say = ask("junk", second);

		assert_int_not_equal(say, KEY_BUDGET_SPENT);
		if (say == KEY_BUDGET_ABSENT)
			continue;
		fetches++;
		key_budget_spend(&budget, NOW_S + second);
		key_budget_note_absent(&budget, "junk", NOW_S + second);
		assert_int_equal(ask("other", second), KEY_BUDGET_FETCH);
	}
	assert_in_range(fetches, 86400 / REFILL_S, 86400 / REFILL_S + 4);
}

static void any_number_of_key_ids_get_no_more_than_the_budget(void **state)
{
	int fetches = 0;
	char kid[32];

	for (int second = 0; second < 3600; second++) {
		for (int i = 0; i < 10; i++) {
			snprintf(kid, sizeof(kid), "junk-%d-%d", second, i);
			if (ask(kid, second) != KEY_BUDGET_FETCH)
				continue;
			fetches++;
			key_budget_spend(&budget, NOW_S + second);
			key_budget_note_absent(&budget, kid, NOW_S + second);
		}
	}
	assert_int_equal(fetches, KEY_BUDGET + 3599 / REFILL_S);
}

static void of_absent_key_ids_the_latest_are_remembered(void **state)
{
	char kid[32];

	for (int i = 0; i <= KEY_BUDGET_ABSENT_MAX; i++) {
		snprintf(kid, sizeof(kid), "junk-%d", i);
		key_budget_note_absent(&budget, kid, NOW_S);
	}
	assert_int_equal(ask("junk-0", 1), KEY_BUDGET_FETCH);
	for (int i = 1; i <= KEY_BUDGET_ABSENT_MAX; i++) {
		snprintf(kid, sizeof(kid), "junk-%d", i);
		check(ask(kid, 1) == KEY_BUDGET_ABSENT, "%s", kid);
	}
}

static void however_many_wait_for_a_fetch_it_counts_once(void **state)
{
	for (int i = 0; i < 100; i++)
		key_budget_note_absent(&budget, "key", NOW_S);
	assert_int_equal(ask("key", 1), KEY_BUDGET_ABSENT);
	assert_int_equal(ask("key", 2), KEY_BUDGET_FETCH);
}

static void a_clock_set_back_withholds_nothing(void **state)
{
	spend(KEY_BUDGET, 0);
	key_budget_note_absent(&budget, "key", NOW_S);
	assert_int_equal(ask("key", -3600), KEY_BUDGET_FETCH);
	spend(KEY_BUDGET, -3600);
	assert_int_equal(ask("key", -3600), KEY_BUDGET_SPENT);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_budget_is_ten_fetches_and_one_grows_back_in_a_tenth_of_the_time),
		TEST(one_key_id_alone_never_empties_the_budget),
		TEST(any_number_of_key_ids_get_no_more_than_the_budget),
		TEST(of_absent_key_ids_the_latest_are_remembered),
		TEST(however_many_wait_for_a_fetch_it_counts_once),
		TEST(a_clock_set_back_withholds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
