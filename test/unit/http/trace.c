#include "http/trace.h"

#include <string.h>

#include "stage/support.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"

static bool is_trace(const char *text)
{
	char trace[TRACE_SIZE];

	return trace_read(text, strlen(text), trace);
}

static void a_traceparent_is_four_lower_case_fields_none_of_zeros(void **state)
{
	static const char *const GOOD[] = {"00-" TRACE "-" PARENT "-01",
		"00-" TRACE "-" PARENT "-00", "01-" TRACE "-" PARENT "-01",
		"cc-" TRACE "-" PARENT "-01-what-the-future-brings"};
	static const char *const BAD[] = {"", "00", "00-" TRACE "-" PARENT,
		"00-" TRACE "-" PARENT "-", "00-" TRACE "-" PARENT "-0",
		"00-" TRACE "-" PARENT "-01-x", "00-" TRACE "-" PARENT "-011",
		"ff-" TRACE "-" PARENT "-01", "01-" TRACE "-" PARENT "-01x",
		"0g-" TRACE "-" PARENT "-01", "00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01",
		"00-00000000000000000000000000000000-" PARENT "-01",
		"00-" TRACE "-0000000000000000-01", "00_" TRACE "-" PARENT "-01",
		"00-" TRACE "_" PARENT "-01", "00-" TRACE "-" PARENT "_01",
		"00-" TRACE "-" PARENT "-zz", "\r\n-" TRACE "-" PARENT "-01"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(is_trace(GOOD[i]), "%s", GOOD[i]);
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!is_trace(BAD[i]), "%s", BAD[i]);
}

static void what_is_sent_on_keeps_the_trace_and_its_flags_with_us_as_the_parent(void **state)
{
	char first[TRACE_SIZE], second[TRACE_SIZE];

	trace_continue("00-" TRACE "-" PARENT "-01", first);
	trace_continue("cc-" TRACE "-" PARENT "-00-more", second);
	assert_true(is_trace(first) && is_trace(second));
	assert_memory_equal(first, "00-" TRACE "-", 36);
	assert_memory_equal(second, "00-" TRACE "-", 36);
	assert_string_equal(first + 52, "-01");
	assert_string_equal(second + 52, "-00");
	assert_memory_not_equal(first + 36, PARENT, 16);
	assert_memory_not_equal(first + 36, second + 36, 16);
}

static void without_a_good_one_nothing_is_sent_on(void **state)
{
	char trace[TRACE_SIZE] = "x";

	trace_continue(NULL, trace);
	assert_string_equal(trace, "");
	trace_continue("00-" TRACE "-" PARENT "-0", trace);
	assert_string_equal(trace, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_traceparent_is_four_lower_case_fields_none_of_zeros),
		cmocka_unit_test(
			what_is_sent_on_keeps_the_trace_and_its_flags_with_us_as_the_parent),
		cmocka_unit_test(without_a_good_one_nothing_is_sent_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
