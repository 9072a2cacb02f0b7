/* A tool that is code: what its definition says, and may not say. */
#include "graph/compiled.h"

#include "../graph/read_definition.h"

#define COMPILED(members)                                                                          \
	"{`name`:`x`,`title`:`T`,`description`:`D`,`compiled`:`search`," members "}"
#define MAIL_READ "`permissions`:[`Mail.Read`]"
#define QUERY "`arguments`:{`query`:{`type`:`string`}},`required`:[`query`]"

static void a_tool_that_is_code_has_its_texts_and_its_argument_here(void **state)
{
	struct graph_tool tool;

	read(COMPILED(MAIL_READ "," QUERY), &tool);
	assert_string_equal(tool.compiled->name, "search");
	assert_int_equal(tool.request_count, 0);
	assert_null(tool.result);
	assert_false(tool.writes);
	assert_true(tool.idempotent);
	assert_non_null(strstr(tool.input_schema, "\"required\":[\"query\"]"));
	definition_done(&tool);
}

static void a_tool_that_is_code_cannot_be_described_as_data(void **state)
{
	static const struct {
		const char *definition, *starts;
	} CASES[] = {
		{COMPILED(MAIL_READ "," QUERY ",`request`:{`path`:`/me`}"), "x|request: "},
		{COMPILED(MAIL_READ "," QUERY ",`result`:{`say`:`x`}"), "x|result: "},
		{COMPILED(MAIL_READ "," QUERY ",`notFound`:`x`"), "x|notFound: "},
		{COMPILED(MAIL_READ "," QUERY ",`larger`:`x`"), "x|larger: "},
		{COMPILED(MAIL_READ "," QUERY ",`shared`:[`Mail.Read.Shared`]"), "x|shared: "},
		{COMPILED(MAIL_READ), "x|arguments: "},
		{COMPILED(MAIL_READ ",`arguments`:{`query`:{`type`:`string`}}"), "x|arguments: "},
		{COMPILED(MAIL_READ ",`arguments`:{`id`:{`type`:`string`}},`required`:[`id`]"),
			"x|arguments: "},
		{COMPILED(MAIL_READ
			 ",`arguments`:{`query`:{`type`:`integer`}},`required`:[`query`]"),
			"x|arguments: "},
		{COMPILED("`permissions`:[`Mail.Read`,`User.Read`]," QUERY), "x|permissions: "},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`compiled`:`find`," MAIL_READ "," QUERY
		 "}",
			"x|compiled: "},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`compiled`:true," MAIL_READ "," QUERY
		 "}",
			"x|compiled: "},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *is = mistake(CASES[i].definition);

		check(!strncmp(is, CASES[i].starts, strlen(CASES[i].starts)), "%s: %s",
			CASES[i].definition, is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_that_is_code_has_its_texts_and_its_argument_here),
		cmocka_unit_test(a_tool_that_is_code_cannot_be_described_as_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
