#include "base/json_scan.h"

#include <string.h>

#include "support.h"

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
		cmocka_unit_test(white_space_is_trimmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
