#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stage/support.h"

static bool parses_n(const char *text, size_t n)
{
	cJSON *tree = NULL;
	autoerr(err);

	if (json_parse(text, n, &tree, &err)) {
		cJSON_Delete(tree);
		return true;
	}
	assert_null(tree);
	assert_int_equal(err.code, ERR_BAD_REQUEST);
	assert_true(*err.message);
	return false;
}

static bool parses(const char *text)
{
	return parses_n(text, strlen(text));
}

static bool nested(int depth, const char *open, const char *close)
{
	struct buf text;
	bool good;

	buf_init(&text);
	for (int i = 0; i < depth; i++)
		buf_adds(&text, open);
	buf_adds(&text, "7");
	for (int i = 0; i < depth; i++)
		buf_adds(&text, close);
	good = parses(buf_text(&text));
	buf_done(&text);
	return good;
}

static void documents_of_every_kind_are_read(void **state)
{
	static const char *const GOOD[] = {"{}", "[]", "null", "true", "-1.5e3", "\"\"",
		" {\"a\" : [1, 2 ]}\r\n\t", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\""};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(parses(GOOD[i]), "%s", GOOD[i]);
}

static void what_is_not_json_is_refused(void **state)
{
	static const char *const BAD[] = {"", " ", "{", "{\"a\":}", "{'a':1}", "{a:1}", "[1,]",
		"nul", "\"a", "\"\\x\"", "\"\\ud83d\"", "\"\\ude00\"", "NaN", "// x\n{}",
		"{\"a\" 1}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!parses(BAD[i]), "%s", BAD[i]);
}

static void nothing_may_follow_the_document(void **state)
{
	static const char *const BAD[] = {"{}{}", "{} x", "1 2", "{}]", "\"a\"b", "[],", "{}\v"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!parses(BAD[i]), "%s", BAD[i]);
	assert_true(parses_n("{}x", 2)); /* outside the given bytes */
}

static void depth_is_bounded_at_32(void **state)
{
	assert_true(nested(32, "[", "]"));
	assert_false(nested(33, "[", "]"));
	assert_true(nested(32, "{\"a\":", "}"));
	assert_false(nested(33, "{\"a\":", "}"));
	assert_false(nested(5000, "[", "]"));
}

static void brackets_within_strings_are_no_depth(void **state)
{
	assert_true(parses("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""));
	assert_true(parses("[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"));
	assert_true(parses("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
			   "[],[],[],[],[],[],[],[],[],[],[],[]]"));
}

static void nul_is_refused_in_every_form(void **state)
{
	assert_false(parses_n("{}\0", 3));
	assert_false(parses_n("\"a\0b\"", 5));
	assert_false(parses_n("\0", 1));
	assert_false(parses("\"\\u0000\""));
	assert_false(parses("{\"a\\u0000b\":1}"));
	assert_false(parses("\"\\\\\\u0000\""));
}

static void half_a_pair_is_replaced_when_read_softly_and_u0000_refused(void **state)
{
	static const char ODD[] = "[\"a\\ud83d\",\"\\ude00b\",\"\\ud83d\\ude00\"]";
	autofree_json cJSON *tree = NULL;
	autoerr(err);

	assert_false(parses(ODD));
	assert_true(json_parse_softly(ODD, strlen(ODD), &tree, &err));
	assert_string_equal(cJSON_GetArrayItem(tree, 0)->valuestring, "a\xef\xbf\xbd");
	assert_string_equal(cJSON_GetArrayItem(tree, 1)->valuestring, "\xef\xbf\xbd"
								      "b");
	assert_string_equal(cJSON_GetArrayItem(tree, 2)->valuestring, "\xf0\x9f\x98\x80");
	assert_false(json_parse_softly("[1", 2, &tree, &err));
	assert_false(json_parse_softly("[\"\\u0000\\ud83d\"]", 16, &tree, &err));
	assert_false(json_parse_softly("{\"a\":1,\"a\":1}", 13, &tree, &err));
}

static void an_escaped_backslash_before_u0000_is_no_nul(void **state)
{
	autofree_json cJSON *tree = NULL;
	autoerr(err);

	assert_true(json_parse("\"\\\\u0000\"", 9, &tree, &err));
	assert_string_equal(cJSON_GetStringValue(tree), "\\u0000");
	assert_true(parses("\"\\u0001\""));
	assert_true(parses("\"\\u00000\"") == false);
}

static void invalid_utf8_is_refused(void **state)
{
	static const char *const BAD[] = {"\"\x80\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"", "\"\xc3\"", "{\"\xff\":1}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!parses(BAD[i]), "case %zu", i);
}

static void control_characters_must_be_escaped(void **state)
{
	assert_false(parses("\"a\nb\""));
	assert_false(parses("\"a\x1f\""));
	assert_true(parses("\"a\\nb\""));
}

static void a_member_is_found_by_its_exact_name(void **state)
{
	autofree_json cJSON *tree = cJSON_Parse("{\"a\":\"1\",\"A\":\"3\"}");

	assert_string_equal(json_string(tree, "a"), "1");
	assert_string_equal(json_string(tree, "A"), "3");
	assert_null(json_string(tree, "b"));
}

static void a_string_is_only_a_string(void **state)
{
	autofree_json cJSON *tree = cJSON_Parse("{\"a\":1,\"b\":null,\"c\":[\"x\"],\"d\":\"\"}");

	assert_null(json_string(tree, "a"));
	assert_null(json_string(tree, "b"));
	assert_null(json_string(tree, "c"));
	assert_string_equal(json_string(tree, "d"), "");
	assert_null(json_string(NULL, "a"));
	assert_null(json_string(cJSON_GetObjectItem(tree, "c"), "a"));
}

static void integers_are_read_up_to_2_to_the_53(void **state)
{
	static const struct {
		const char *json;
		bool good;
		int64_t value;
	} CASES[] = {
		{"{\"n\":0}", true, 0},
		{"{\"n\":1800000000}", true, 1800000000},
		{"{\"n\":4294967296}", true, 4294967296},
		{"{\"n\":9007199254740992}", true, 9007199254740992},
		{"{\"n\":-9007199254740992}", true, -9007199254740992},
		{"{\"n\":9007199254740994}", false, 7},
		{"{\"n\":-9007199254740994}", false, 7},
		{"{\"n\":1e300}", false, 7},
		{"{\"n\":1e999}", false, 7},
		{"{\"n\":\"1\"}", false, 7},
		{"{\"n\":true}", false, 7},
		{"{}", false, 7},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree_json cJSON *tree = cJSON_Parse(CASES[i].json);
		int64_t value = 7;

		check(json_integer(tree, "n", &value) == CASES[i].good, "%s", CASES[i].json);
		check(value == CASES[i].value, "%s", CASES[i].json);
	}
}

static void a_tree_is_printed_compactly_and_escaped(void **state)
{
	autofree_json cJSON *tree = cJSON_CreateObject();
	autofree char *text = NULL;

	json_add(tree, "s", "a\"\n\x01\xc3\xa9");
	json_add(tree, "none", NULL);
	json_add_number(tree, "n", 123456789012345);
	json_add_array(tree, "list");
	json_add(json_add_object(tree, "o"), "k", "v");
	text = json_print(tree);
	assert_string_equal(text, "{\"s\":\"a\\\"\\n\\u0001\xc3\xa9\",\"none\":null,\"n\":"
				  "123456789012345,\"list\":[],"
				  "\"o\":{\"k\":\"v\"}}");
}

static void a_text_is_quoted_as_in_a_printed_tree(void **state)
{
	static const char *const TEXTS[] = {"", "a", "\"", "\\", "a\"b\\c\"", "/\x7f\x20\x21",
		"\xc3\xa9\"\xf0\x9f\x98\x80", "{\"a\":\"b\\n\"}"};
	char all[256];

	for (size_t i = 0; i < 127; i++)
		all[i] = (char)(i + 1);
	all[127] = '\0';
	for (size_t i = 0; i <= COUNT_OF(TEXTS); i++) {
		const char *given = i < COUNT_OF(TEXTS) ? TEXTS[i] : all;
		autofree_json cJSON *tree = cJSON_CreateString(given);
		autofree char *expected = json_print(tree);
		struct buf quoted;

		buf_init(&quoted);
		json_quote(&quoted, given);
		assert_string_equal(buf_text(&quoted), expected);
		buf_done(&quoted);
	}
}

/* An object of that many names; the last is the name at twin. */
static cJSON *object_of(int count, int twin)
{
	cJSON *object = cJSON_CreateObject();

	for (int i = 0; i < count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i < count - 1 ? i : twin);
		json_add_number(object, name, i);
	}
	return object;
}

static void a_name_that_comes_twice_is_refused_among_few_and_many(void **state)
{
	for (int count = 1; count < 40; count++) {
		for (int twin = 0; twin < count; twin++) {
			autofree_json cJSON *outer = cJSON_CreateArray();
			autofree char *text = NULL;

			cJSON_AddItemToArray(outer, object_of(count, twin));
			text = json_print(outer);
			check(parses(text) == (twin == count - 1), "%d of %d", twin, count);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_of_every_kind_are_read),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(nothing_may_follow_the_document),
		cmocka_unit_test(depth_is_bounded_at_32),
		cmocka_unit_test(brackets_within_strings_are_no_depth),
		cmocka_unit_test(nul_is_refused_in_every_form),
		cmocka_unit_test(half_a_pair_is_replaced_when_read_softly_and_u0000_refused),
		cmocka_unit_test(an_escaped_backslash_before_u0000_is_no_nul),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(control_characters_must_be_escaped),
		cmocka_unit_test(a_member_is_found_by_its_exact_name),
		cmocka_unit_test(a_string_is_only_a_string),
		cmocka_unit_test(integers_are_read_up_to_2_to_the_53),
		cmocka_unit_test(a_tree_is_printed_compactly_and_escaped),
		cmocka_unit_test(a_text_is_quoted_as_in_a_printed_tree),
		cmocka_unit_test(a_name_that_comes_twice_is_refused_among_few_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
