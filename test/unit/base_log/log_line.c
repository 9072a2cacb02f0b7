#include "base/log_line.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

/* The line's text from its event on: the time before it is the clock's. */
static const char *written(struct log_line *line)
{
	line->text[line->len] = '\0';
	return strstr(line->text, " level=");
}

static int set_up(void **state)
{
	log_set_level(LOG_INFO);
	return 0;
}

static void a_line_is_keys_and_values_behind_its_time(void **state)
{
	struct log_line line;
	int y, mo, d, h, mi, s, n = 0;

	log_begin(&line, LOG_INFO, "request");
	log_str(&line, "endpoint", "me");
	log_int(&line, "ms", -9223372036854775807);
	log_str(&line, "none", NULL);
	assert_string_equal(
		written(&line), " level=info event=request endpoint=me ms=-9223372036854775807");
	assert_int_equal(
		sscanf(line.text, "time=%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo, &d, &h, &mi, &s, &n),
		6);
	assert_ptr_equal(line.text + n, written(&line));
}

static void no_value_can_forge_a_line_or_a_field(void **state)
{
	static const char *const CASES[][2] = {
		{"plain-1.2:3/x_", "plain-1.2:3/x_"},
		{"", "\"\""},
		{"a b", "\"a b\""},
		{"x status=200", "\"x status=200\""},
		{"a=b", "\"a=b\""},
		{"a\nlevel=error", "\"a\\x0alevel=error\""},
		{"a\r\nb", "\"a\\x0d\\x0ab\""},
		{"a\" status=200 \"", "\"a\\\" status=200 \\\"\""},
		{"a\\", "\"a\\\\\""},
		{"\\\" x=1", "\"\\\\\\\" x=1\""},
		{"\x1b[2J\x07", "\"\\x1b[2J\\x07\""},
		{"\t\x7f", "\"\\x09\\x7f\""},
		{"\xc2\x85\xe2\x80\xa8", "\"\\xc2\\x85\\xe2\\x80\\xa8\""},
	};
	char expected[128];

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct log_line line;

		log_begin(&line, LOG_WARN, "e");
		log_str(&line, "k", CASES[i][0]);
		snprintf(expected, sizeof(expected), " level=warn event=e k=%s", CASES[i][1]);
		assert_string_equal(written(&line), expected);
	}
}

static void levels_below_the_threshold_have_no_line(void **state)
{
	static const enum log_level LEVELS[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	for (size_t at = 0; at < COUNT_OF(LEVELS); at++) {
		log_set_level(LEVELS[at]);
		for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
			struct log_line line;

			log_begin(&line, LEVELS[i], "e");
			log_int(&line, "n", 1);
			check((line.len > 0) == (i <= at), "%s at %s", log_level_names[i],
				log_level_names[at]);
		}
	}
}

static void a_long_value_is_cut_and_those_behind_it_are_not(void **state)
{
	static const struct {
		char c;
		size_t size; /* as written */
	} CASES[] = {{'v', 1}, {' ', 1}, {'"', 2}, {'\n', 4}, {'\xe9', 4}};
	static char value[4096];

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct log_line line;
		const char *text;
		size_t quotes = i ? 2 : 0;

		memset(value, CASES[i].c, sizeof(value) - 1);
		log_begin(&line, LOG_INFO, "e");
		log_str(&line, "k", value);
		log_str(&line, "invocation", "real");
		text = written(&line);
		check(strstr(text, "... invocation=real") != NULL, "case %zu: %s", i, text);
		assert_int_equal(
			strlen(text), strlen(" level=info event=e k=") + quotes +
					      LOG_VALUE_MAX / CASES[i].size * CASES[i].size +
					      strlen("... invocation=real"));
	}
}

static void a_line_is_cut_at_its_limit_and_has_room_for_its_end(void **state)
{
	char value[LOG_VALUE_MAX + 1] = "";
	struct log_line line;

	memset(value, 'v', LOG_VALUE_MAX);
	log_begin(&line, LOG_INFO, "e");
	for (int i = 0; i < 10; i++)
		log_str(&line, "k", value);
	log_int(&line, "n", 7);
	assert_int_equal(line.len, LOG_LINE_MAX - 2);
	assert_null(strstr(written(&line), "n=7"));
}

static void a_value_of_the_longest_is_not_cut(void **state)
{
	char value[LOG_VALUE_MAX + 1] = "";
	struct log_line line;

	memset(value, 'v', LOG_VALUE_MAX);
	log_begin(&line, LOG_INFO, "e");
	log_str(&line, "k", value);
	assert_string_equal(strstr(written(&line), "k=") + 2, value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_is_keys_and_values_behind_its_time, set_up),
		cmocka_unit_test_setup(no_value_can_forge_a_line_or_a_field, set_up),
		cmocka_unit_test_setup(levels_below_the_threshold_have_no_line, set_up),
		cmocka_unit_test_setup(a_long_value_is_cut_and_those_behind_it_are_not, set_up),
		cmocka_unit_test_setup(a_line_is_cut_at_its_limit_and_has_room_for_its_end, set_up),
		cmocka_unit_test_setup(a_value_of_the_longest_is_not_cut, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
