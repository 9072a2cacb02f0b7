#include "base/json_scan.h"

#include <string.h>

#include "base/json_text.h"
#include "stage/support.h"

static struct json_span span(const char *text)
{
	return (struct json_span){text, strlen(text)};
}

static bool is(struct json_span got, const char *expected)
{
	return got.len == strlen(expected) && !memcmp(got.text, expected, got.len);
}

static const char *flaw(const char *text)
{
	bool nul = false;

	return json_flaw(text, strlen(text), &nul);
}

static void numbers_are_json_numbers(void **state)
{
	static const char *const GOOD[] = {"0", "-0", "10", "1.50", "1e5", "1E+05", "-1.0e-10"};
	static const char *const BAD[] = {"00", "01", "-", "+1", "1.", ".1", "1e", "1e+", "1.e1",
		"0x1", "1 2", "--1", "1-", "NaN"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(!flaw(GOOD[i]), "%s", GOOD[i]);
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(flaw(BAD[i]) != NULL, "%s", BAD[i]);
}

static void punctuation_is_where_it_belongs(void **state)
{
	static const char *const BAD[] = {"[,]", "[1,]", "[1 2]", "[1", "]", "{,}", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{1:2}", "{\"a\":1]", "[1}", "[1]]",
		"tru", "truee", "\"a", "\"\\", "\"\\u12", "\"\\u12g4\"", "\"\\'\""};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(flaw(BAD[i]) != NULL, "%s", BAD[i]);
}

static void u0000_is_told(void **state)
{
	bool nul = false;

	assert_null(json_flaw("[\"\\u0001\",\"\\\\u0000\"]", 20, &nul));
	assert_false(nul);
	assert_null(json_flaw("[1,{\"\\u0000\":2}]", 16, &nul));
	assert_true(nul);
}

static void a_member_is_found_by_name(void **state)
{
	struct json_span value;
	struct json_span object = span(" {\"a\" : 1 , \"b\":{\"a\":[2, 3]},\"\":4,\"a\":5} ");

	assert_true(json_find(object, "a", &value) && is(value, "1"));
	assert_true(json_find(object, "b", &value) && is(value, "{\"a\":[2, 3]}"));
	assert_true(json_find(value, "a", &value) && is(value, "[2, 3]"));
	assert_true(json_find(object, "", &value) && is(value, "4"));
	assert_false(json_find(object, "c", &value));
	assert_false(json_find(object, "aa", &value));
	assert_false(json_find(object, "A", &value));
}

static void an_escaped_name_is_found(void **state)
{
	struct json_span value;

	assert_true(json_find(span("{\"\\u0061\\/b\":1}"), "a/b", &value) && is(value, "1"));
	assert_false(json_find(span("{\"\\u0061\\u0000\":1}"), "a", &value));
	assert_false(json_find(span("{\"a\\n\":1}"), "an", &value));
	assert_true(json_find(span("{\"a\\n\":1}"), "a\n", &value));
}

static void only_objects_have_members_and_arrays_elements(void **state)
{
	static const char *const OTHERS[] = {"1", "\"{}\"", "null", "{}", "[]", " [ ] "};
	struct json_span value, element;

	for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
		element.text = NULL;
		check(!json_find(span(OTHERS[i]), "a", &value), "%s", OTHERS[i]);
		check(!json_next(span(OTHERS[i]), &element), "%s", OTHERS[i]);
	}
	assert_false(json_find(span("[\"a\",1]"), "a", &value));
	element.text = NULL;
	assert_false(json_next(span("{\"a\":1}"), &element));
}

static void elements_come_in_order(void **state)
{
	static const char *const ELEMENTS[] = {"1", "\"],[\"", "[2, [3]]", "{\"a\":[4]}", "null"};
	struct json_span array = span(" [1 , \"],[\",[2, [3]]\n,{\"a\":[4]},null ] ");
	struct json_span element = {NULL, 0};

	for (size_t i = 0; i < COUNT_OF(ELEMENTS); i++) {
		assert_true(json_next(array, &element));
		check(is(element, ELEMENTS[i]), "%zu", i);
	}
	assert_false(json_next(array, &element));
}

static void a_string_is_read_however_it_is_written(void **state)
{
	static const struct {
		const char *token, *text;
	} GOOD[] = {{"\"\"", ""}, {"\"a\\nb\"", "a\nb"}, {"\"\\u0041\\/\\\\\\\"\"", "A/\\\""},
		{"\"\\u00E9\\u20ac\\ud83d\\ude00\"", "\u00e9\u20ac\U0001f600"},
		{"\"\u00e9\"", "\u00e9"},
		{"\"\\ud83d\\ud83d\\ude00x\\ude00\"", "\ufffd\U0001f600x\ufffd"}};
	static const char *const BAD[] = {"", "7", "[\"a\"]", "null", "\"a\\u0000\""};

	for (size_t i = 0; i < COUNT_OF(GOOD) + COUNT_OF(BAD); i++) {
		bool good = i < COUNT_OF(GOOD);
		const char *token = good ? GOOD[i].token : BAD[i - COUNT_OF(GOOD)];
		struct buf text;

		buf_init(&text);
		check(json_unquote(span(token), &text) == good, "%s", token);
		if (good)
			assert_string_equal(buf_text(&text), GOOD[i].text);
		buf_done(&text);
	}
}

static void a_value_is_passed_on_as_it_is_but_for_half_pairs_and_line_ends(void **state)
{
	static const struct {
		const char *value, *passed;
	} CASES[] = {{"1.10", "1.10"}, {"[1e400, -0.0]", "[1e400, -0.0]"},
		{"[1,\r\n\t2]", "[1,  \t2]"},
		{"\"\\u0000\\/\\u00e9\\n\"", "\"\\u0000\\/\\u00e9\\n\""},
		{"\"\\ud83d\"", "\"\\ufffd\""}, {"\"\\uDE00\\uD83D\"", "\"\\ufffd\\ufffd\""},
		{"\"\\ud83d\\u0041\"", "\"\\ufffd\\u0041\""},
		{"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""}, {"\"\\\\ud83d\"", "\"\\\\ud83d\""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct buf passed;

		buf_init(&passed);
		json_pass(span(CASES[i].value), &passed);
		assert_string_equal(buf_text(&passed), CASES[i].passed);
		assert_null(flaw(buf_text(&passed)));
		buf_done(&passed);
	}
}

static void white_space_is_trimmed(void **state)
{
	assert_true(is(json_trim(span(" \t\r\n{ } \n")), "{ }"));
	assert_true(is(json_trim(span(" \t")), ""));
	assert_true(is(json_trim(span("\v1")), "\v1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_json_numbers),
		cmocka_unit_test(punctuation_is_where_it_belongs),
		cmocka_unit_test(u0000_is_told),
		cmocka_unit_test(a_member_is_found_by_name),
		cmocka_unit_test(an_escaped_name_is_found),
		cmocka_unit_test(only_objects_have_members_and_arrays_elements),
		cmocka_unit_test(elements_come_in_order),
		cmocka_unit_test(a_string_is_read_however_it_is_written),
		cmocka_unit_test(a_value_is_passed_on_as_it_is_but_for_half_pairs_and_line_ends),
		cmocka_unit_test(white_space_is_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
