#include "mcp/lines.h"

#include <string.h>
#include <unistd.h>

#include "stage/support.h"

#define LINE_MAX_BYTES 8

static int fds[2];
static struct lines lines;

static int set_up(void **state)
{
	lines_init(&lines, LINE_MAX_BYTES);
	return pipe(fds);
}

static int tear_down(void **state)
{
	lines_done(&lines);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* Lets the lines read that text. */
static void feed(const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(write(fds[1], text, n), n);
	assert_int_equal(lines_read(&lines, fds[0]), n);
}

static void expect_line(const char *text)
{
	struct json_span line;

	assert_int_equal(lines_next(&lines, &line), LINES_LINE);
	check(line.len == strlen(text) && !memcmp(line.text, text, line.len), "%s", text);
}

static void expect(enum lines_event event)
{
	struct json_span line;

	assert_int_equal(lines_next(&lines, &line), event);
}

static void lines_are_given_out_one_by_one(void **state)
{
	expect(LINES_NEED_MORE);
	feed("one\ntwo\r\n \n\n thr");
	expect_line("one");
	expect_line("two");
	expect(LINES_NEED_MORE);
	feed("ee\n");
	expect_line("three");
	expect(LINES_NEED_MORE);
}

static void what_is_held_may_be_read_later(void **state)
{
	feed("1\n2\n");
	expect_line("1");
	feed("3\n");
	expect_line("2");
	expect_line("3");
	expect(LINES_NEED_MORE);
}

static void a_line_may_have_the_greatest_length(void **state)
{
	feed("12345678");
	expect(LINES_NEED_MORE);
	feed("\n");
	expect_line("12345678");
	feed("12345678\n");
	expect_line("12345678");
}

static void a_longer_one_is_told_once_and_skipped(void **state)
{
	feed("123456789\nok\n");
	expect(LINES_TOO_LONG);
	expect_line("ok");
	feed("123456789");
	expect(LINES_TOO_LONG);
	expect(LINES_NEED_MORE);
	feed("abc");
	expect(LINES_NEED_MORE);
	feed("0123456789");
	expect(LINES_NEED_MORE);
	feed("x\nok\n");
	expect_line("ok");
	expect(LINES_NEED_MORE);
}

static void a_byte_order_mark_is_not_of_the_line(void **state)
{
	feed("\xef\xbb\xbfone\n\xef\xbb\xbf \r\n");
	expect_line("one");
	expect(LINES_NEED_MORE);
}

static void end_the_input(void)
{
	close(fds[1]);
	fds[1] = -1;
	assert_int_equal(lines_read(&lines, fds[0]), 0);
}

static void the_end_of_the_input_is_told(void **state)
{
	end_the_input();
	expect(LINES_NEED_MORE);
}

static void the_end_of_the_input_ends_its_last_line(void **state)
{
	feed("one\ntwo");
	expect_line("one");
	end_the_input();
	expect_line("two");
	expect(LINES_NEED_MORE);
	assert_int_equal(lines_read(&lines, fds[0]), 0);
	expect(LINES_NEED_MORE);
}

static void a_last_line_that_is_too_long_is_told_once(void **state)
{
	feed("123456789");
	expect(LINES_TOO_LONG);
	feed("12");
	end_the_input();
	expect(LINES_NEED_MORE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_given_out_one_by_one),
		TEST(what_is_held_may_be_read_later),
		TEST(a_line_may_have_the_greatest_length),
		TEST(a_longer_one_is_told_once_and_skipped),
		TEST(a_byte_order_mark_is_not_of_the_line),
		TEST(the_end_of_the_input_is_told),
		TEST(the_end_of_the_input_ends_its_last_line),
		TEST(a_last_line_that_is_too_long_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
