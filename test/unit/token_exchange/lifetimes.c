/* How long an exchange's outcome is good for. */
#include "token/obo.h"

#include "stage/support.h"

static void a_token_is_served_until_a_tenth_before_it_expires(void **state)
{
	static const struct {
		int64_t expires_in_s, served_s;
	} CASES[] = {{1, 1}, {9, 9}, {10, 9}, {60, 54}, {299, 270}, {600, 540}, {2999, 2700},
		{3000, 2700}, {3001, 2701}, {3600, 3300}, {86400, 86100}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(obo_expiry_s(NOW_S, CASES[i].expires_in_s, NOW_S + 100000) ==
				NOW_S + CASES[i].served_s,
			"%d s", (int)CASES[i].expires_in_s);
}

static void the_margin_is_never_more_than_five_minutes(void **state)
{
	for (int64_t expires_in_s = 3000; expires_in_s < 172800; expires_in_s += 997)
		assert_int_equal(obo_expiry_s(NOW_S, expires_in_s, NOW_S + 1000000),
			NOW_S + expires_in_s - 300);
}

static void no_token_is_served_after_the_assertion_it_was_exchanged_for(void **state)
{
	assert_int_equal(obo_expiry_s(NOW_S, 3600, NOW_S + 3301), NOW_S + 3300);
	assert_int_equal(obo_expiry_s(NOW_S, 3600, NOW_S + 3300), NOW_S + 3300);
	assert_int_equal(obo_expiry_s(NOW_S, 3600, NOW_S + 3299), NOW_S + 3299);
	assert_int_equal(obo_expiry_s(NOW_S, 86400, NOW_S + 1), NOW_S + 1);
}

static void what_an_expired_assertion_was_exchanged_for_is_held_for_half_a_minute(void **state)
{
	assert_int_equal(obo_expiry_s(NOW_S, 3600, NOW_S), NOW_S + 30);
	assert_int_equal(obo_expiry_s(NOW_S, 3600, NOW_S - 200), NOW_S + 30);
	assert_int_equal(obo_expiry_s(NOW_S, 20, NOW_S - 200), NOW_S + 18);
}

static void what_only_the_user_can_mend_is_held_for_half_a_minute(void **state)
{
	static const enum err_code HELD[] = {ERR_INVALID_TOKEN, ERR_INTERACTION_REQUIRED,
		ERR_INSUFFICIENT_CLAIMS, ERR_ACCESS_BLOCKED, ERR_APP_ONLY_TOKEN};

	for (size_t i = 0; i < COUNT_OF(HELD); i++) {
		autoerr(err);

		err_set(&err, HELD[i], "x");
		check(obo_hold_until_s(&err, NOW_S) == NOW_S + 30, "%s", err_info(HELD[i])->slug);
		err.retry_after_s = 1000; /* a throttle's word, not a refusal's */
		check(obo_hold_until_s(&err, NOW_S) == NOW_S + 30, "%s", err_info(HELD[i])->slug);
	}
}

static void missing_consent_is_held_no_longer_than_giving_it_takes(void **state)
{
	autoerr(err);

	err_set(&err, ERR_CONSENT_REQUIRED, "x");
	assert_int_equal(obo_hold_until_s(&err, NOW_S), NOW_S + 5);
}

static void what_asks_to_wait_is_held_as_long_as_it_asks(void **state)
{
	static const enum err_code CODES[] = {ERR_THROTTLED, ERR_UPSTREAM_UNAVAILABLE};

	for (size_t i = 0; i < COUNT_OF(CODES); i++) {
		autoerr(err);

		err_set(&err, CODES[i], "x");
		assert_int_equal(
			obo_hold_until_s(&err, NOW_S), CODES[i] == ERR_THROTTLED ? NOW_S + 60 : 0);
		err.retry_after_s = 1;
		assert_int_equal(obo_hold_until_s(&err, NOW_S), NOW_S + 1);
		err.retry_after_s = 3600;
		assert_int_equal(obo_hold_until_s(&err, NOW_S), NOW_S + 3600);
	}
}

static void every_other_failure_is_tried_again_at_once(void **state)
{
	int others = 0;

	for (int code = ERR_NONE + 1; code < ERR__COUNT; code++) {
		autoerr(err);

		err_set(&err, (enum err_code)code, "x");
		others += obo_hold_until_s(&err, NOW_S) == 0;
		err.retry_after_s = 60;
		if (code == ERR_UPSTREAM_TIMEOUT || code == ERR_SERVER_CONFIGURATION ||
			code == ERR_INTERNAL || code == ERR_INSUFFICIENT_SCOPE ||
			code == ERR_GRAPH_ERROR)
			check(obo_hold_until_s(&err, NOW_S) == 0, "%s", err_info(err.code)->slug);
	}
	assert_int_equal(others, ERR__COUNT - 1 - 7); /* those above are held, and a throttle */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_served_until_a_tenth_before_it_expires),
		cmocka_unit_test(the_margin_is_never_more_than_five_minutes),
		cmocka_unit_test(no_token_is_served_after_the_assertion_it_was_exchanged_for),
		cmocka_unit_test(
			what_an_expired_assertion_was_exchanged_for_is_held_for_half_a_minute),
		cmocka_unit_test(what_only_the_user_can_mend_is_held_for_half_a_minute),
		cmocka_unit_test(missing_consent_is_held_no_longer_than_giving_it_takes),
		cmocka_unit_test(what_asks_to_wait_is_held_as_long_as_it_asks),
		cmocka_unit_test(every_other_failure_is_tried_again_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
