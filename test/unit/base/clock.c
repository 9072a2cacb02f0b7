#include "base/clock.h"

#include <string.h>
#include <time.h>

#include "stage/support.h"

/* The library's functions are the judge. */
static void assert_as_the_library(int64_t unix_s)
{
	char iso[CLOCK_ISO_SIZE], http[CLOCK_HTTP_SIZE], expected[64];
	time_t time = (time_t)unix_s;
	struct tm utc;

	gmtime_r(&time, &utc);
	clock_iso(unix_s, iso);
	strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &utc);
	assert_string_equal(iso, expected);
	clock_http(unix_s, http);
	strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &utc);
	assert_string_equal(http, expected);
}

static void every_day_until_the_year_2500_is_written_as_the_library_does(void **state)
{
	for (int64_t day = 0; day < 366 * 530; day++)
		assert_as_the_library(day * 86400 + day % 86400);
}

static void the_first_and_last_seconds_are_too(void **state)
{
	static const int64_t TIMES_S[] = {0, 1, 59, 60, 3599, 3600, 86399, 86400, 951782399,
		951782400, 951868799, 4107542399, 4107542400, 253402300799};

	for (size_t i = 0; i < COUNT_OF(TIMES_S); i++)
		assert_as_the_library(TIMES_S[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_until_the_year_2500_is_written_as_the_library_does),
		cmocka_unit_test(the_first_and_last_seconds_are_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
