#include "http/retry_after.h"

#include "stage/support.h"

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
		{"5 6", 0},
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

/* RFC 9110 §5.6.7: a recipient takes all three, and nothing that only resembles them. */
static void a_date_has_any_of_the_three_forms(void **state)
{
	static const struct {
		const char *value;
		int seconds;
	} CASES[] = {
		{"Fri, 15 Jan 2027 08:00:30 GMT", 30},
		{"Friday, 15-Jan-27 08:00:30 GMT", 30},
		{"Fri Jan 15 08:00:30 2027", 30},
		{"Mon Feb  1 08:00:30 2027", 3600},
		{"Fri Jan 15 07:59:30 2027", 0},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 0},
		{"5, Friday, 15-Jan-27 08:00:30 GMT,6", 30},
		{"Fri Jan 15 08:00:30 2027, Fri Jan 15 08:00:40 2027", 40},
		{"Friday, 15-Jan-27 08:00:30", 0},
		{"Friday, 15-Jan-27 08:00:30 PST", 0},
		{"Fri Jan 15 08:00:30 2027 GMT", 0},
		{"Jan 15 2027 08:00:30", 0},
		{"15 Jan 2027 08:00:30 GMT", 0},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(retry_after_s(CASES[i].value, NOW_S) == CASES[i].seconds, "%s: %d",
			CASES[i].value, retry_after_s(CASES[i].value, NOW_S));
}

static void of_a_list_the_longest_counts(void **state)
{
	static const struct {
		const char *value;
		int seconds;
	} CASES[] = {
		{"30,120", 120},
		{"120, 30", 120},
		{" 30 ,\t120 ", 120},
		{",30,,", 30},
		{"soon, 5, -1", 5},
		{"5,1e3", 5},
		{"30,9999", 3600},
		{"Fri, 15 Jan 2027 08:00:30 GMT, 10", 30},
		{"10,Fri, 15 Jan 2027 08:00:30 GMT", 30},
		{"Fri, 15 Jan 2027 08:00:30 GMT, Fri, 15 Jan 2027 08:01:00 GMT", 60},
		{"Fri, 15 Jan 2027 08:00:30 GMT 5, 7", 7},
		{"Fri, 15 Jan 2027 07:59:00 GMT, 2", 2},
		{"soon, later", 0},
		{",", 0},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(retry_after_s(CASES[i].value, NOW_S) == CASES[i].seconds, "%s: %d",
			CASES[i].value, retry_after_s(CASES[i].value, NOW_S));
}

static void of_several_fields_the_longest_counts(void **state)
{
	static const struct {
		const char *head;
		int seconds;
	} CASES[] = {{"", 0}, {"Retry-After: 30\r\nDate: x\r\nretry-after: 120\r\n", 120},
		{"Retry-After: 120\r\nRetry-After: soon\r\n", 120}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct http_reply reply = reply_make(429, CASES[i].head, "");

		check(retry_after_of(&reply, NOW_S) == CASES[i].seconds, "%s", CASES[i].head);
		http_reply_done(&reply);
	}
}

static void a_date_counts_from_now_and_seconds_do_not(void **state)
{
	assert_int_equal(retry_after_s("Fri, 15 Jan 2027 08:00:30 GMT", NOW_S + 20), 10);
	assert_int_equal(retry_after_s("Fri, 15 Jan 2027 08:00:30 GMT", NOW_S + 30), 0);
	assert_int_equal(retry_after_s("30", NOW_S + 20), 30);
}

static void a_date_of_a_reply_counts_from_the_reply_s_own_date(void **state)
{
	static const char *const HEADS[] = {"Date: Fri, 15 Jan 2027 08:00:00 GMT\r\nRetry-After: "
					    "Fri, 15 Jan 2027 08:00:30 GMT\r\n",
		"Retry-After: 30\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\n"};

	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		struct http_reply reply = reply_make(429, HEADS[i], "");

		assert_int_equal(retry_after_of(&reply, NOW_S + 86400), 30);
		assert_int_equal(retry_after_of(&reply, NOW_S - 86400), 30);
		http_reply_done(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_date_of_a_reply_counts_from_the_reply_s_own_date),
		cmocka_unit_test(retry_after_is_seconds_or_a_date_rounded_up_within_an_hour),
		cmocka_unit_test(a_date_has_any_of_the_three_forms),
		cmocka_unit_test(of_a_list_the_longest_counts),
		cmocka_unit_test(of_several_fields_the_longest_counts),
		cmocka_unit_test(a_date_counts_from_now_and_seconds_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
