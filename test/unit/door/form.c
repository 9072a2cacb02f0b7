#include "door/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

static struct form form;

/* ERR_NONE where it is taken. */
static enum err_code read_text(const char *text, size_t n)
{
	autoerr(err);

	form_done(&form);
	return form_read(&form, text, n, &err) ? ERR_NONE : err.code;
}

static int tear_down(void **state)
{
	form_done(&form);
	return 0;
}

static void names_and_values_are_decoded(void **state)
{
	static const char TEXT[] = "a=1&b=x%20y+z&c%5B%5D=%E2%82%AC&&d&=e&f=p=q&g=";

	assert_int_equal(read_text(TEXT, sizeof(TEXT) - 1), ERR_NONE);
	assert_string_equal(form_value(&form, "a"), "1");
	assert_string_equal(form_value(&form, "b"), "x y z");
	assert_string_equal(form_value(&form, "c[]"), "\xe2\x82\xac");
	assert_string_equal(form_value(&form, "f"), "p=q");
	assert_string_equal(form_value(&form, ""), "e");
}

static void what_has_no_value_is_as_if_it_were_not_there(void **state)
{
	assert_int_equal(read_text("a=&b", 4), ERR_NONE);
	assert_null(form_value(&form, "a"));
	assert_null(form_value(&form, "b"));
	assert_null(form_value(&form, "c"));
	assert_int_equal(read_text("", 0), ERR_NONE);
	assert_null(form_value(&form, "a"));
}

static void broken_encoding_nul_controls_and_bytes_that_are_no_text_are_refused(void **state)
{
	static const char *const BAD[] = {"a=%", "a=%4", "a=%zz", "%=a", "a=%00", "a=%0d%0aX: y",
		"a=%0a", "a=%7f", "a=%1b", "a=%c2%85", "a=%ff", "a=%c0%af", "a=%ed%a0%80",
		"a=%e2%82", "%0a=b", "a=b&c=%", "unknown=%00"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(read_text(BAD[i], strlen(BAD[i])) == ERR_BAD_REQUEST, "%s", BAD[i]);
	assert_int_equal(read_text("a=b\0c", 5), ERR_BAD_REQUEST);
	assert_int_equal(read_text("a=b\nc", 5), ERR_BAD_REQUEST);
}

static void a_name_that_is_there_twice_is_seen_in_any_case_and_encoding(void **state)
{
	static const char *const NAMES[] = {"code", "state", NULL};
	static const char *const TWICE[] = {"code=a&code=b", "code=a&x=1&code=a", "code=a&CODE=b",
		"code=a&c%6fde=", "code&code", "state=&x&state="};
	autoerr(err);

	for (size_t i = 0; i < COUNT_OF(TWICE); i++) {
		assert_int_equal(read_text(TWICE[i], strlen(TWICE[i])), ERR_NONE);
		check(!form_once(&form, NAMES, &err), "%s", TWICE[i]);
		assert_int_equal(err.code, ERR_BAD_REQUEST);
	}
	assert_int_equal(read_text("code=a&state=b&other=1&other=2", 30), ERR_NONE);
	assert_true(form_once(&form, NAMES, &err));
}

static void length_and_number_are_bounded(void **state)
{
	static char text[FORM_BYTES_MAX + 2];
	size_t n = 0;

	memset(text, 'a', sizeof(text));
	assert_int_equal(read_text(text, FORM_BYTES_MAX), ERR_NONE);
	assert_int_equal(read_text(text, FORM_BYTES_MAX + 1), ERR_BODY_TOO_LARGE);
	for (int i = 0; i < FORM_FIELDS_MAX; i++)
		n += (size_t)snprintf(text + n, 8, "a=%d&", i % 10);
	assert_int_equal(read_text(text, n), ERR_NONE);
	n += (size_t)snprintf(text + n, 8, "a=1");
	assert_int_equal(read_text(text, n), ERR_BAD_REQUEST);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_values_are_decoded),
		TEST(what_has_no_value_is_as_if_it_were_not_there),
		TEST(broken_encoding_nul_controls_and_bytes_that_are_no_text_are_refused),
		TEST(a_name_that_is_there_twice_is_seen_in_any_case_and_encoding),
		TEST(length_and_number_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
