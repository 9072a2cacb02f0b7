#include "http/retry_after.h"

#include "support.h"

static void retry_after_is_seconds_or_a_date_rounded_up_within_an_hour(void **state)
{
	static const struct {
		const char *value;
		int seconds;
	} CASES[] = {
		{"5", 5},
		{"0", 0},
		{"0.2", 1},
		{"1.0", 1},
		{"1.5", 2},
		{"007", 7},
		{"3599.5", 3600},
		{"3600", 3600},
		{"3601", 3600},
		{"99999999999999999999", 3600},
		{"", 0},
		{"-5", 0},
		{"+5", 0},
		{"soon", 0},
		{"5 minutes", 0},
		{"5,6", 0},
		{"1e3", 0},
		{"inf", 0},
		{"nan", 0},
		{"0x10", 0},
		{".", 0},
		{"Fri, 15 Jan 2027 08:00:30 GMT", 30},
		{"Fri, 15 Jan 2027 08:00:00 GMT", 0},
		{"Fri, 15 Jan 2027 07:59:00 GMT", 0},
		{"Fri, 15 Jan 2027 10:00:00 GMT", 3600},
		{"Sat, 15 Jan 9999 10:00:00 GMT", 3600},
		{"Fri, 15 Jan 2027 08:00:30", 0},
		{"Fri, 15 Jan 2027 08:00:30 GMT+1", 0},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(retry_after_s(CASES[i].value, NOW_S) == CASES[i].seconds, "%s",
			CASES[i].value);
}

static void a_date_counts_from_now_and_seconds_do_not(void **state)
{
	assert_int_equal(retry_after_s("Fri, 15 Jan 2027 08:00:30 GMT", NOW_S + 20), 10);
	assert_int_equal(retry_after_s("Fri, 15 Jan 2027 08:00:30 GMT", NOW_S + 30), 0);
	assert_int_equal(retry_after_s("30", NOW_S + 20), 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_after_is_seconds_or_a_date_rounded_up_within_an_hour),
		cmocka_unit_test(a_date_counts_from_now_and_seconds_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
