#include "base/date_time.h"

#include <string.h>

#include "base/clock.h"
#include "stage/support.h"

static void a_moment_is_brought_to_utc(void **state)
{
	static const char *const READ[][2] = {
		{"2026-11-27T10:00:00Z", "2026-11-27T10:00:00Z"},
		{"2026-11-27T10:00:00+01:00", "2026-11-27T09:00:00Z"},
		{"2026-11-27T10:00:00-09:30", "2026-11-27T19:30:00Z"},
		{"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"},
		{"2028-03-01T00:15:00+05:45", "2028-02-29T18:30:00Z"},
		{"2026-11-27T10:00Z", "2026-11-27T10:00:00Z"},
		{"2026-11-27T10:00:59.9999999Z", "2026-11-27T10:00:59Z"},
		{"2026-11-27T10:00:00-00:00", "2026-11-27T10:00:00Z"},
		{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
	};

	for (size_t i = 0; i < COUNT_OF(READ); i++) {
		char written[CLOCK_ISO_SIZE] = "";
		int64_t unix_s;
		bool good = date_time_read(READ[i][0], &unix_s);

		if (good)
			clock_iso(unix_s, written);
		check(good && !strcmp(written, READ[i][1]), "%s gives \"%s\"", READ[i][0], written);
	}
}

static void every_day_is_read_as_it_is_written(void **state)
{
	for (int64_t day = 0; day < 366 * 530; day++) {
		int64_t unix_s = day * 86400 + day % 86400, read = -1;
		char text[CLOCK_ISO_SIZE];

		clock_iso(unix_s, text);
		check(date_time_read(text, &read) && read == unix_s, "%s", text);
	}
}

static void what_is_no_moment_with_an_offset_is_refused(void **state)
{
	static const char *const BAD[] = {"", "2026-11-27", "2026-11-27T10:00:00", "now",
		"2026-02-29T10:00:00Z", "1900-02-29T10:00:00Z", "2100-02-29T10:00:00Z",
		"2026-00-01T10:00:00Z", "2026-13-01T10:00:00Z", "2026-04-31T10:00:00Z",
		"2026-11-00T10:00:00Z", "2026-11-27T24:00:00Z", "2026-11-27T10:60:00Z",
		"2026-11-27T10:00:60Z", "2026-11-27T10:00:00.Z", "2026-11-27T10:00:00z",
		"2026-11-27t10:00:00Z", "2026-11-27 10:00:00Z", " 2026-11-27T10:00:00Z",
		"2026-11-27T10:00:00Z ", "2026-11-27T10:00:00ZZ", "2026-11-27T10:00:00+1:00",
		"2026-11-27T10:00:00+01", "2026-11-27T10:00:00+0100", "2026-11-27T10:00:00+24:00",
		"2026-11-27T10:00:00+01:60", "2026-11-27T10Z", "26-11-27T10:00:00Z",
		"+2026-11-27T10:00:00Z", "20261127T100000Z", "2026-W48-5T10:00:00Z",
		"2026-11-27T10:00:00Z' or 1 eq 1", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "-1-11-27T10:00:00Z"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		int64_t unix_s = 7;

		check(!date_time_read(BAD[i], &unix_s) && unix_s == 7, "\"%s\" is taken", BAD[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_is_brought_to_utc),
		cmocka_unit_test(every_day_is_read_as_it_is_written),
		cmocka_unit_test(what_is_no_moment_with_an_offset_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
