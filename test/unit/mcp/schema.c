#include "mcp/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "stage/support.h"

static struct schema *schema_new(const char *text)
{
	struct schema *schema = NULL;
	autoerr(err);

	check(schema_try(text, &schema, &err), "%s: %s", text, err.detail);
	return schema;
}

/* Checks the JSON text; *message "" when it is allowed. */
static void message_of(const char *schema_text, const char *json, char *message)
{
	struct schema *schema = schema_new(schema_text);
	autofree_json cJSON *value = NULL;
	autoerr(err);

	check(json_parse(json, strlen(json), &value, &err), "%s", json);
	*message = '\0';
	if (!schema_check(schema, value, &err)) {
		assert_int_equal(err.code, ERR_BAD_REQUEST);
		snprintf(message, sizeof(err.message), "%s", err.message);
	}
	schema_free(schema);
}

struct row {
	const char *schema, *json, *message; /* "": allowed */
};

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char message[192];

		message_of(rows[i].schema, rows[i].json, message);
		check(!strcmp(message, rows[i].message), "%s with %s\n-> %s", rows[i].json,
			rows[i].schema, message);
	}
}
#define CHECK_ROWS(rows) check_rows(rows, COUNT_OF(rows))

static void types_are_told_apart(void **state)
{
	static const char *const VALUES[] = {
		"null", "true", "7", "7.5", "\"7\"", "[7]", "{\"a\":7}"};
	static const struct {
		const char *type, *allowed; /* by VALUES: x yes */
	} TYPES[] = {{"null", "x      "}, {"boolean", " x     "}, {"integer", "  x    "},
		{"number", "  xx   "}, {"string", "    x  "}, {"array", "     x "},
		{"object", "      x"}};

	for (size_t t = 0; t < COUNT_OF(TYPES); t++) {
		for (size_t v = 0; v < COUNT_OF(VALUES); v++) {
			char schema[64], message[192];

			snprintf(schema, sizeof(schema), "{\"type\":\"%s\"}", TYPES[t].type);
			message_of(schema, VALUES[v], message);
			check(!*message == (TYPES[t].allowed[v] == 'x'), "%s as %s: %s", VALUES[v],
				TYPES[t].type, message);
		}
	}
}

static void a_wrong_type_names_the_place_and_the_right_one(void **state)
{
	static const struct row ROWS[] = {
		{"{\"type\":\"object\"}", "[]", "The value must be an object."},
		{"{\"type\":[\"string\",\"null\"]}", "7", "The value must be null or a string."},
		{"{\"type\":[\"string\",\"null\"]}", "null", ""},
		{"{\"properties\":{\"a\":{\"type\":\"boolean\"}}}", "{\"a\":0}",
			"a must be true or false."},
		{"{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":{\"type\":\"array\"}}}}}"
		 "}",
			"{\"a\":[{\"b\":[]},{\"b\":\"x\"}]}", "a[1].b must be an array."},
		{"{\"properties\":{\"a\":{\"type\":\"number\",\"examples\":[1.5,2]}}}",
			"{\"a\":\"x\"}", "a must be a number; for example 1.5."},
	};

	CHECK_ROWS(ROWS);
}

static void integers_have_no_fraction_and_fit_a_double(void **state)
{
	static const struct row ROWS[] = {
		{"{\"type\":\"integer\"}", "7.0", ""},
		{"{\"type\":\"integer\"}", "1e3", ""},
		{"{\"type\":\"integer\"}", "-9007199254740992", ""},
		{"{\"type\":\"integer\"}", "9007199254740994", "The value must be an integer."},
		{"{\"type\":\"integer\"}", "1e999", "The value must be an integer."},
		{"{\"type\":\"number\"}", "1e999", "The value must be a number."},
		{"{\"type\":\"number\"}", "9007199254740994", ""},
	};

	CHECK_ROWS(ROWS);
}

static void an_optional_property_that_is_null_is_absent(void **state)
{
#define PROPERTY(schema) "{\"properties\":{\"a\":" schema "},\"additionalProperties\":false}"
	static const struct row ROWS[] = {
		{PROPERTY("{\"type\":\"string\"}"), "{\"a\":null}", ""},
		{PROPERTY("{\"type\":\"string\",\"enum\":[\"x\"]}"), "{\"a\":null}", ""},
		{PROPERTY("{\"type\":\"array\",\"minItems\":1}"), "{\"a\":null}", ""},
		{PROPERTY("{\"type\":[\"integer\",\"boolean\"]}"), "{\"a\":null}", ""},
		{PROPERTY(PROPERTY("{\"type\":\"string\"}")), "{\"a\":{\"a\":null}}", ""},
		{PROPERTY("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"), "{\"a\":[null]}",
			"a[0] must be a string."},
		{PROPERTY("{\"type\":\"string\"}"), "{\"b\":null}",
			"Unknown property b; allowed: a."},
		{"{\"type\":\"object\"}", "null", "The value must be an object."},
	};

	CHECK_ROWS(ROWS);
}

static void a_required_property_that_is_null_is_missing(void **state)
{
#define REQUIRED(type) "{\"properties\":{\"a\":{\"type\":" type "}},\"required\":[\"a\"]}"
	static const struct row ROWS[] = {
		{REQUIRED("\"string\""), "{\"a\":null}", "Missing required property a."},
		{REQUIRED("\"object\""), "{\"a\":null}", "Missing required property a."},
		{REQUIRED("[\"string\",\"null\"]"), "{\"a\":null}", ""},
	};

	CHECK_ROWS(ROWS);
}

static void what_is_required_must_be_there(void **state)
{
	static const struct row ROWS[] = {
		{"{\"required\":[\"text\"]}", "{}", "Missing required property text."},
		{"{\"required\":[\"text\"]}", "{\"text\":null}", ""},
		{"{\"required\":[\"text\"]}", "{\"Text\":1}", "Missing required property text."},
		{"{\"properties\":{\"text\":{\"examples\":[\"hi\"]}},\"required\":[\"text\"]}",
			"{}", "Missing required property text; for example \"hi\"."},
		{"{\"properties\":{\"a\":{\"required\":[\"b\"]}}}", "{\"a\":{}}",
			"Missing required property a.b."},
		{"{\"properties\":{\"a\":{\"enum\":[\"x\",\"y\"]}},\"required\":[\"a\"]}", "{}",
			"Missing required property a; for example \"x\"."},
	};

	CHECK_ROWS(ROWS);
}

#define CLOSED "{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}"

static void unknown_properties_are_refused_where_the_schema_is_closed(void **state)
{
	static const struct row ROWS[] = {
		{CLOSED, "{\"a\":1,\"b\":[]}", ""},
		{CLOSED, "{\"c\":1}", "Unknown property c; allowed: a, b."},
		{CLOSED, "{\"A\":1}", "Unknown property A; allowed: a, b."},
		{"{\"additionalProperties\":false}", "{\"x\":1}",
			"Unknown property x; none is allowed."},
		{"{\"properties\":{\"o\":" CLOSED "}}", "{\"o\":{\"c\":1}}",
			"Unknown property o.c; allowed: a, b."},
		{"{\"properties\":{\"a\":{}}}", "{\"c\":1}", ""},
		{"{\"additionalProperties\":true}", "{\"c\":1}", ""},
	};

	CHECK_ROWS(ROWS);
}

static void names_that_are_long_or_odd_are_not_repeated(void **state)
{
	static const struct row ROWS[] = {
		{CLOSED, "{\"\":1}", "Unknown property of that name; allowed: a, b."},
		{CLOSED, "{\"a b\":1}", "Unknown property of that name; allowed: a, b."},
		{CLOSED, "{\"\\u001b[31m\":1}", "Unknown property of that name; allowed: a, b."},
		{CLOSED, "{\"\xc3\xa9\":1}", "Unknown property of that name; allowed: a, b."},
		{CLOSED, "{\"abcdefghijklmnopqrstuvwxyz0123456\":1}",
			"Unknown property of that name; allowed: a, b."},
		{CLOSED, "{\"abcdefghijklmnopqrstuvwxyz012345\":1}",
			"Unknown property abcdefghijklmnopqrstuvwxyz012345; allowed: a, b."},
	};

	CHECK_ROWS(ROWS);
}

static void values_are_those_listed(void **state)
{
	static const struct row ROWS[] = {
		{"{\"items\":{\"enum\":[\"photo\",\"manager\"]}}", "[\"photo\",\"Photo\"]",
			"The value[1] must be one of \"photo\", \"manager\"."},
		{"{\"properties\":{\"n\":{\"enum\":[1,null,true]}}}", "{\"n\":\"1\"}",
			"n must be one of 1, null, true."},
		{"{\"enum\":[1,null]}", "null", ""},
		{"{\"enum\":["
		 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaa\"]}",
			"1", "The value must be one of the values its schema lists."},
	};

	CHECK_ROWS(ROWS);
}

static void lengths_count_code_points(void **state)
{
	static const struct row ROWS[] = {
		{"{\"minLength\":2,\"maxLength\":3}", "\"\xc3\xa9\xf0\x9f\x98\x80\xc3\xa9\"", ""},
		{"{\"maxLength\":3}", "\"abcd\"", "The value must have at most 3 characters."},
		{"{\"minLength\":1}", "\"\"", "The value must have at least 1 character."},
		{"{\"maxLength\":3}", "[1,2,3,4]", ""},
	};

	CHECK_ROWS(ROWS);
}

#define WORD "{\"pattern\":\"^[A-Za-z]{1,8}$\",\"examples\":[\"mail\"]}"

static void strings_match_their_pattern(void **state)
{
	static const struct row ROWS[] = {
		{WORD, "\"displayN\"", ""},
		{WORD, "\"displayNa\"",
			"The value must match ^[A-Za-z]{1,8}$; for example \"mail\"."},
		{WORD, "\"a\\nb\"", "The value must match ^[A-Za-z]{1,8}$; for example \"mail\"."},
		{WORD, "\"a\\n\"", "The value must match ^[A-Za-z]{1,8}$; for example \"mail\"."},
		{WORD, "7", ""},
		{"{\"pattern\":\"b+\"}", "\"abc\"", ""}, /* not anchored */
		{"{\"pattern\":\"b+\"}", "\"ac\"", "The value must match b+."},
	};

	CHECK_ROWS(ROWS);
}

static void a_string_is_too_long_for_a_pattern_beyond_4096_bytes(void **state)
{
	char json[SCHEMA_PATTERN_BYTES_MAX + 4], message[192];

	memset(json, 'a', sizeof(json));
	json[0] = '"';
	memcpy(json + 4097, "\"", 2);
	message_of("{\"pattern\":\"a\"}", json, message);
	assert_string_equal(message, "");
	memcpy(json + 4097, "a\"", 3);
	message_of("{\"pattern\":\"a\"}", json, message);
	assert_string_equal(message, "The value must have at most 4096 bytes.");
}

static void arrays_have_their_limits(void **state)
{
	static const struct row ROWS[] = {
		{"{\"minItems\":1,\"maxItems\":2}", "[1]", ""},
		{"{\"minItems\":1}", "[]", "The value must have at least 1 item."},
		{"{\"maxItems\":2}", "[1,2,3]", "The value must have at most 2 items."},
		{"{\"maxItems\":9,\"uniqueItems\":true}", "[1,\"1\",true,[1],[2]]", ""},
		{"{\"maxItems\":9,\"uniqueItems\":true}", "[[1],2,[1.0]]",
			"The value must not hold an item twice."},
		{"{\"uniqueItems\":false}", "[1,1]", ""},
	};

	CHECK_ROWS(ROWS);
}

static void numbers_have_their_limits(void **state)
{
	static const struct row ROWS[] = {
		{"{\"minimum\":1,\"maximum\":2.5}", "1", ""},
		{"{\"minimum\":1,\"maximum\":2.5}", "2.5", ""},
		{"{\"properties\":{\"top\":{\"minimum\":1,\"default\":3}}}", "{\"top\":0.5}",
			"top must be at least 1."},
		{"{\"maximum\":2.5}", "3", "The value must be at most 2.5."},
		{"{\"maximum\":2.5}", "\"3\"", ""},
	};

	CHECK_ROWS(ROWS);
}

static void annotations_say_nothing(void **state)
{
	static const struct row ROWS[] = {
		{"{\"title\":\"t\",\"description\":\"d\",\"default\":1,\"examples\":[],"
		 "\"x-mcp-header\":\"H\"}",
			"null", ""},
	};

	CHECK_ROWS(ROWS);
}

static void a_refusal_always_fits_and_is_whole(void **state)
{
	struct buf schema, json;
	char message[192];

	buf_init(&schema);
	buf_init(&json);
	for (int i = 0; i < 10; i++) {
		buf_adds(&schema, "{\"properties\":{\"a_rather_long_name_of_a_property\":");
		buf_adds(&json, "{\"a_rather_long_name_of_a_property\":");
	}
	buf_adds(&schema, "{\"pattern\":\"^aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			  "aaaaaaaaaaaaaaaaaaaaaaaaaa$\",\"examples\":"
			  "[\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"]}");
	buf_adds(&json, "\"b\"");
	for (int i = 0; i < 10; i++) {
		buf_adds(&schema, "}}");
		buf_adds(&json, "}");
	}
	message_of(buf_text(&schema), buf_text(&json), message);
	check(*message && message[strlen(message) - 1] == '.', "%s", message);
	check(utf8_valid(message, strlen(message)), "%s", message);
	buf_done(&schema);
	buf_done(&json);
}

static void the_tree_is_the_schemas_text(void **state)
{
	struct schema *schema = schema_new("{\"type\":\"object\"}");

	assert_string_equal(json_string(schema_tree(schema), "type"), "object");
	schema_free(schema);
	schema_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_told_apart),
		cmocka_unit_test(a_wrong_type_names_the_place_and_the_right_one),
		cmocka_unit_test(integers_have_no_fraction_and_fit_a_double),
		cmocka_unit_test(an_optional_property_that_is_null_is_absent),
		cmocka_unit_test(a_required_property_that_is_null_is_missing),
		cmocka_unit_test(what_is_required_must_be_there),
		cmocka_unit_test(unknown_properties_are_refused_where_the_schema_is_closed),
		cmocka_unit_test(names_that_are_long_or_odd_are_not_repeated),
		cmocka_unit_test(values_are_those_listed),
		cmocka_unit_test(lengths_count_code_points),
		cmocka_unit_test(strings_match_their_pattern),
		cmocka_unit_test(a_string_is_too_long_for_a_pattern_beyond_4096_bytes),
		cmocka_unit_test(arrays_have_their_limits),
		cmocka_unit_test(numbers_have_their_limits),
		cmocka_unit_test(annotations_say_nothing),
		cmocka_unit_test(a_refusal_always_fits_and_is_whole),
		cmocka_unit_test(the_tree_is_the_schemas_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
