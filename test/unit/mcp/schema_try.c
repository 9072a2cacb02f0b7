/* Schemas that others wrote. */
#include <stdio.h>
#include <string.h>

#include "mcp/schema.h"
#include "stage/support.h"

static void text_that_is_no_schema_of_the_subset_is_told_by_its_keyword(void **state)
{
	static const struct {
		const char *text, *keyword;
	} CASES[] = {
		{"{\"type\":\"text\"}", "type"},
		{"{\"type\":[]}", "type"},
		{"{\"type\":[\"string\",7]}", "type"},
		{"{\"type\":7}", "type"},
		{"{\"properties\":[]}", "properties"},
		{"{\"properties\":{\"a\":7}}", "a"},
		{"{\"properties\":{\"a\":{},\"b\":{\"enum\":[]},\"c\":{}}}", "enum"},
		{"{\"items\":{\"items\":{\"$ref\":\"#\"}}}", "$ref"},
		{"{\"required\":[7]}", "required"},
		{"{\"required\":\"a\"}", "required"},
		{"{\"additionalProperties\":{}}", "additionalProperties"},
		{"{\"pattern\":\"(\"}", "pattern"},
		{"{\"pattern\":7}", "pattern"},
		{"{\"format\":\"email\"}", "format"},
		{"{\"minLength\":\"7\"}", "minLength"},
		{"{\"minLength\":-1}", "minLength"},
		{"{\"maxLength\":1.5}", "maxLength"},
		{"{\"minItems\":-0.5}", "minItems"},
		{"{\"maxItems\":null}", "maxItems"},
		{"{\"minimum\":\"0\"}", "minimum"},
		{"{\"maximum\":{}}", "maximum"},
		{"{\"uniqueItems\":1}", "uniqueItems"},
		{"{\"uniqueItems\":true}", "uniqueItems"},
		{"{\"uniqueItems\":true,\"maxItems\":1001}", "uniqueItems"},
		{"{\"description\":7}", "description"},
		{"{\"title\":[]}", "title"},
		{"{\"examples\":7}", "examples"},
		{"{\"oneOf\":[]}", "oneOf"},
		{"[]", "the schema"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct schema *schema = NULL;
		char sentence[96];
		autoerr(err);

		check(!schema_try(CASES[i].text, &schema, &err), "%s", CASES[i].text);
		snprintf(sentence, sizeof(sentence), "%s is not of the subset of JSON Schema",
			CASES[i].keyword);
		check(!strcmp(err.detail, sentence), "%s: %s", CASES[i].text, err.detail);
		assert_null(schema);
	}
}

#define TEN(text) text text text text text text text text text text

/* Compiled as they are, these take the stack, the memory or the time of the whole program. */
static void a_pattern_has_a_bound_to_what_it_costs(void **state)
{
	static const struct {
		const char *pattern;
		bool good;
	} CASES[] = {
		{"^[A-Za-z0-9_-]{1,256}$", true},
		{"^[0-9A-F]{8}-([0-9A-F]{4}-){3}[0-9A-F]{12},[^,]{1,64}$", true},
		{"^(a|b)?(c+){2}[]+*{}()]\\\\[.]{0,3}x{2,}$", true},
		{TEN("(") "a" TEN(")"), true},
		{TEN(TEN("(")) "a" TEN(TEN(")")), false},
		{"(((a{1,100}){1,100}){1,100})", false},
		{TEN("(") "a" TEN("){1,9}"), false},
		{TEN("(") "a" TEN("+)"), false},
		{"a{99}{99}", false},
		{"[a-z]{1001}", false},
		{"a{99999999999999999999}", false},
		{"^(a*)*\\\\1$", false},
		{"^\\\\d+$", false},
		{"a\\\\", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct schema *schema = NULL;
		char text[1024];
		autoerr(err);

		snprintf(text, sizeof(text), "{\"pattern\":\"%s\"}", CASES[i].pattern);
		check(schema_try(text, &schema, &err) == CASES[i].good, "%s", CASES[i].pattern);
		schema_free(schema);
	}
}

#define WHEN(more)                                                                                 \
	"{\"properties\":{\"start\":{\"type\":\"string\",\"format\":\"date-time\"" more "}}}"

static void a_date_time_has_an_offset(void **state)
{
	static const struct {
		const char *schema, *json, *message; /* "": allowed */
	} CASES[] = {
		{WHEN(""), "{\"start\":\"2026-11-27T10:00:00Z\"}", ""},
		{WHEN(""), "{\"start\":\"2026-11-27T10:00:00+01:00\"}", ""},
		{WHEN(""), "{\"start\":\"2026-11-27T10:00:00\"}",
			"start must be a date and time with an offset or Z, such as "
			"2026-11-27T10:00:00Z."},
		{WHEN(",\"examples\":[\"2026-01-02T03:04:05Z\"]"), "{\"start\":\"today\"}",
			"start must be a date and time with an offset or Z; for example "
			"\"2026-01-02T03:04:05Z\"."},
		{WHEN(""), "{\"start\":null}", ""},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree_json cJSON *value = NULL;
		struct schema *schema = NULL;
		autoerr(err);

		assert_true(schema_try(CASES[i].schema, &schema, &err));
		assert_true(json_parse(CASES[i].json, strlen(CASES[i].json), &value, &err));
		check(schema_check(schema, value, &err) == !*CASES[i].message, "%s", CASES[i].json);
		check(!strcmp(err.message, CASES[i].message), "%s", err.message);
		schema_free(schema);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_is_no_schema_of_the_subset_is_told_by_its_keyword),
		cmocka_unit_test(a_pattern_has_a_bound_to_what_it_costs),
		cmocka_unit_test(a_date_time_has_an_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
