#include "graph/definition.h"

#include "read_definition.h"

#define DEFINITION(members)                                                                        \
	"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`Mail.Read`],"                   \
	"`result`:{`pick`:{`id`:`id`}}," members "}"
#define GET_ME "`request`:{`path`:`/me`}"
#define LOOKS(look)                                                                                \
	"`writes`:{`destructive`:false,`idempotent`:false},`unsure`:`U`,`confirm`:`C`,`look`:"     \
	"{" look "},`request`:{`method`:`POST`,`path`:`/me/x`}"
#define SHARED "`shared`:[`Mail.Read.Shared`],"
#define ABC                                                                                        \
	"`arguments`:{`a`:{`type`:`string`,`default`:`x`},`b`:{`type`:`string`},`c`:{`type`:"      \
	"`boolean`}}"

static void a_definition_brings_its_texts_and_permissions(void **state)
{
	struct graph_tool tool;

	read("{`name`:`get_it`,`title`:`Get it`,`description`:`Gets it.`,`permissions`:["
	     "`Mail.Read`,`Sites.Read.All`],`larger`:`preview`,`notFound`:`No such thing.`,"
	     "`request`:{`path`:`/me`},`result`:{`pick`:{`id`:`id`}}}",
		&tool);
	assert_string_equal(tool.name, "get_it");
	assert_string_equal(tool.title, "Get it");
	assert_string_equal(tool.description, "Gets it.");
	assert_string_equal(tool.set, "mail");
	assert_string_equal(tool.not_found, "No such thing.");
	assert_string_equal(tool.permissions[0], "Mail.Read");
	assert_string_equal(tool.permissions[1], "Sites.Read.All");
	assert_null(tool.permissions[2]);
	assert_string_equal(tool.input_schema,
		"{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
	definition_done(&tool);
}

static void the_schema_has_the_arguments_and_those_of_a_page(void **state)
{
	struct graph_tool tool;

	read("{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`Mail.Read`],"
	     "`arguments`:{`a`:{`type`:`string`}},`required`:[`a`],"
	     "`request`:{`path`:`/me/{a}`,`query`:{`$select`:true}},`result`:{`list`:`value`,"
	     "`as`:`mails`,`pick`:{`id`:`id`,`from`:`from.name`},"
	     "`page`:{`size`:`$top`,`default`:10,`max`:50}}}",
		&tool);
	assert_string_equal(tool.input_schema,
		"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},"
		"\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":50},"
		"\"cursor\":{\"type\":\"string\"}},\"required\":[\"a\"],"
		"\"additionalProperties\":false}");
	definition_done(&tool);
}

static void a_tool_with_shared_permissions_has_another_schema_with_mailbox(void **state)
{
	struct graph_tool tool;

	read(DEFINITION("`shared`:[`Mail.Read.Shared`],`arguments`:{`a`:{`type`:`string`}},"
			"`request`:{`path`:`/me/messages`}"),
		&tool);
	assert_string_equal(tool.shared[0], "Mail.Read.Shared");
	assert_null(tool.shared[1]);
	assert_null(strstr(tool.input_schema, "mailbox"));
	assert_string_equal(tool.shared_schema,
		"{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"mailbox\":{"
		"\"type\":\"string\",\"description\":\"Address or id of a shared mailbox\"}},"
		"\"additionalProperties\":false}");
	definition_done(&tool);
	read(DEFINITION(GET_ME), &tool);
	assert_null(tool.shared[0]);
	assert_null(tool.shared_schema);
	definition_done(&tool);
}

static void select_is_what_the_result_picks(void **state)
{
	autofree_json cJSON *arguments = cJSON_CreateObject();
	struct tool_request_text text;
	struct graph_tool tool;
	autoerr(err);

	read("{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`Mail.Read`],"
	     "`request`:{`path`:`/me`,`query`:{`$select`:true}},"
	     "`result`:{`pick`:{`id`:`id`,`from`:`from.name`,`mail`:`from.mail`}}}",
		&tool);
	assert_true(tool_request_write(tool.requests[0], arguments, NULL, &text, &err));
	assert_string_equal(text.request.query, "$select=id%2Cfrom");
	tool_request_text_done(&text);
	definition_done(&tool);
}

#define UNSURE "`unsure`:`Who knows.`,`confirm`:`Do it?`"
#define WRITES "`writes`:{`destructive`:true,`idempotent`:true}," UNSURE
#define PUT "{`path`:`/me`,`method`:`PUT`}"

static void a_tool_reads_unless_it_says_that_it_writes(void **state)
{
	static const struct {
		const char *definition;
		bool writes, destructive, idempotent;
	} CASES[] = {
		{DEFINITION(GET_ME), false, false, true},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`POST`}"), false, false, true},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`POST`},`writes`:{`destructive`:"
			    "false,`idempotent`:false}," UNSURE),
			true, false, false},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`DELETE`},`writes`:{`destructive`:"
			    "true,`idempotent`:true}," UNSURE),
			true, true, true},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct graph_tool tool;

		read(CASES[i].definition, &tool);
		check(tool.writes == CASES[i].writes && tool.destructive == CASES[i].destructive &&
				tool.idempotent == CASES[i].idempotent,
			"%s", CASES[i].definition);
		definition_done(&tool);
	}
}

#define FIFTY "12345678901234567890123456789012345678901234567890"

/* Definitions, and how what is told of each begins. */
static void assert_mistakes(const char *const (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autofree char *is = mistake(cases[i][0]);

		check(!strncmp(is, cases[i][1], strlen(cases[i][1])), "%s: \"%s\"", cases[i][0],
			is);
	}
}

static void a_mistake_is_told_with_the_tool_and_its_place(void **state)
{
	static const char *const CASES[][2] = {
		{"[]", "|name: "},
		{"{}", "|name: "},
		{"{`name`:`X`}", "|name: "},
		{"{`name`:`1x`}", "|name: "},
		{"{`name`:`x-y`}", "|name: "},
		{"{`name`:`x2345678901234567890123456789012345678901234567890123456789012345`}",
			"|name: "},
		{"{`name`:`shared`}", "|name: "},
		{"{`name`:`x`}", "x|title: This must be a text"},
		{"{`name`:`x`,`title`:`T`}", "x|description: This must be a text"},
		{"{`name`:`x`,`title`:`T`,`description`:`a\\nb`}", "x|description: "},
		{"{`name`:`x`,`title`:`T`,`description`:`D`}", "x|permissions: This must name"},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[]}",
			"x|permissions: This must name"},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`A`,`B`,`C`,`D`,`E`,"
		 "`F`,`G`,`H`,`I`]}",
			"x|permissions: This must name"},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`Mail.Read "
		 "offline_access`]}",
			"x|permissions: A permission is written"},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`.default`]}",
			"x|permissions: A permission is written"},
		{DEFINITION("`tags`:[]," GET_ME), "x|tags: There is no such member"},
		{DEFINITION("`notFound`:``," GET_ME), "x|notFound: This must be a text"},
		{DEFINITION("`larger`:true," GET_ME), "x|larger: This must be a text"},
		{DEFINITION("`request`:7"), "x|request: This must be an object."},
		{DEFINITION("`request`:{`path`:`/{a}`}"),
			"x|request.path: {a} is none of the arguments."},
		{"{`name`:`x`,`title`:`T`,`description`:`D`,`permissions`:[`A`]," GET_ME "}",
			"x|result"},
	};

	assert_mistakes(CASES, COUNT_OF(CASES));
}

static void a_mistake_in_what_writes_is_told_with_its_place(void **state)
{
	static const char *const CASES[][2] = {
		{DEFINITION(GET_ME ",`writes`:{`destructive`:false,`idempotent`:true}"),
			"x|writes: A GET never writes."},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`PATCH`}"),
			"x|writes: Say what this method writes"},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`PUT`},`writes`:true"),
			"x|writes: This must be"},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`PUT`},`writes`:{`destructive`:"
			    "true}"),
			"x|writes: This must be"},
		{DEFINITION("`request`:{`path`:`/me`,`method`:`PUT`},`writes`:{`destructive`:"
			    "true,`idempotent`:true,`x`:1}"),
			"x|writes.x: There is no such member"},
		{DEFINITION("`request`:" PUT ",`writes`:{`destructive`:true,`idempotent`:true}"),
			"x|unsure: This must be a text of one line."},
		{DEFINITION(GET_ME ",`unsure`:`Who knows.`"),
			"x|unsure: This tool writes nothing."},
		{DEFINITION("`request`:" PUT ",`writes`:{`destructive`:true,`idempotent`:true},"
			    "`unsure`:`" FIFTY FIFTY FIFTY FIFTY "x`"),
			"x|unsure: This must be at most 200 bytes long."},
		{DEFINITION("`request`:[" PUT "," PUT "]," WRITES),
			"x|request[0].done: Say what is done after it."},
		{DEFINITION("`request`:[]," WRITES), "x|request: This is one request, or an array"},
		{DEFINITION("`request`:[" PUT "," PUT "," PUT "]," WRITES),
			"x|request: This is one request, or an array"},
		{DEFINITION("`request`:[{`path`:`/me`},{`path`:`/me`}]"),
			"x|request: This is one request, or an array"},
		{DEFINITION("`request`:[" PUT ",{`path`:`/me`}]," WRITES),
			"x|writes: A GET never writes."},
		{DEFINITION("`request`:[{`done`:`D`,`path`:`/me`,`method`:`PUT`},{`path`:`/"
			    "me`}]," WRITES),
			"x|writes: A GET never writes."},
		{DEFINITION("`request`:[{`done`:`" FIFTY "12345678901`,`path`:`/me`,`method`:"
			    "`PUT`}," PUT "]," WRITES),
			"x|request[0].done: This must be a sentence of at most 60 bytes."},
		{DEFINITION("`request`:[{`done`:`D`,`path`:`/me`,`method`:`PUT`},{`path`:`/{a}`,"
			    "`method`:`PUT`}]," WRITES),
			"x|request[1].path: {a} is none of the arguments."},
		{DEFINITION("`request`:{`when`:`a`,`path`:`/me`}"),
			"x|request.when: This must name an argument."},
	};

	assert_mistakes(CASES, COUNT_OF(CASES));
}

static void a_mistake_of_what_is_shared_is_told_with_its_place(void **state)
{
	static const char *const CASES[][2] = {
		{DEFINITION(GET_ME ",`shared`:[]"), "x|shared: This must name"},
		{DEFINITION(GET_ME ",`shared`:`A`"), "x|shared: This must name"},
		{DEFINITION(GET_ME ",`shared`:[`.default`]"), "x|shared: A permission is written"},
		{DEFINITION(SHARED GET_ME), "x|request.path: With shared every path begins"},
		{DEFINITION(SHARED "`request`:{`path`:`/users/messages`}"),
			"x|request.path: With shared every path begins"},
		{DEFINITION(SHARED "`request`:{`path`:`/meet/messages`}"),
			"x|request.path: With shared every path begins"},
		{DEFINITION(SHARED "`arguments`:{`a`:{`type`:`string`,`default`:`x`}},"
				   "`request`:{`path`:`/{a}/messages`}"),
			"x|request.path: With shared every path begins"},
		{DEFINITION(SHARED "`arguments`:{`c`:{`type`:`boolean`,`default`:true}},`request`:"
				   "{`path`:{`choose`:`c`,`of`:{`true`:`/me/x`,`false`:`/x`}}}"),
			"x|request.path: With shared every path begins"},
		{DEFINITION(SHARED LOOKS("`path`:`/me/x`,`permissions`:[`A`],`pick`:{`y`:`y`}")),
			"x|look.shared: This stands where"},
		{DEFINITION(SHARED LOOKS("`path`:`/me/x`,`shared`:[`A`],`pick`:{`y`:`y`}")),
			"x|look.shared: This stands where"},
		{DEFINITION(LOOKS("`path`:`/me/x`,`permissions`:[`A`],`shared`:[`A`],`pick`:{`y`:"
				  "`y`}")),
			"x|look.shared: This stands where"},
		{DEFINITION(SHARED LOOKS("`path`:`/x`,`pick`:{`y`:`y`}")),
			"x|look.path: With shared every path begins"},
		{DEFINITION(SHARED "`arguments`:{`mailbox`:{`type`:`string`}},"
				   "`request`:{`path`:`/me/x`}"),
			"x|arguments.mailbox: With shared this argument is there already."},
	};

	assert_mistakes(CASES, COUNT_OF(CASES));
}

static void a_mistake_in_an_argument_is_told_with_its_place(void **state)
{
	static const char *const CASES[][2] = {
		{"`arguments`:[]", "x|arguments: This must be an object."},
		{"`arguments`:{`A`:{`type`:`string`}}", "x|arguments.A: An argument's name"},
		{"`arguments`:{`limit`:{`type`:`integer`}}", "x|arguments.limit: An argument's"},
		{"`arguments`:{`cursor`:{`type`:`string`}}", "x|arguments.cursor: An argument's"},
		{"`arguments`:{`item`:{`type`:`string`}}", "x|arguments.item: An argument's"},
		{"`arguments`:{`a`:7}", "x|arguments.a: This must be an object."},
		{"`arguments`:{`a`:{}}", "x|arguments.a.type: This must be string,"},
		{"`arguments`:{`a`:{`type`:`number`}}", "x|arguments.a.type: This must be string,"},
		{"`arguments`:{`a`:{`type`:[`string`]}}", "x|arguments.a.type: This must be"},
		{"`arguments`:{`a`:{`type`:`array`}}", "x|arguments.a.type: This must be string,"},
		{"`arguments`:{`a`:{`type`:`array`,`items`:{`type`:`integer`}}}",
			"x|arguments.a.type: This must be string,"},
		{"`arguments`:{`a`:{`type`:`string`,`anyOf`:[]}}",
			"x|arguments.a.anyOf: There is no such member"},
		{"`arguments`:{`a`:{`type`:`string`,`format`:`date`}}",
			"x|arguments.a.format: The only format known is date-time."},
		{"`arguments`:{`a`:{`type`:`integer`,`format`:`date-time`}}",
			"x|arguments.a.type: Only a string"},
		{"`arguments`:{`a`:{`type`:`string`,`enum`:[]}}",
			"x|arguments.a.enum: This must be an array of strings."},
		{"`arguments`:{`a`:{`type`:`string`,`enum`:[`x`,7]}}",
			"x|arguments.a.enum: Its values must be strings"},
		{"`arguments`:{`a`:{`type`:`string`,`enum`:[`x`],`format`:`date-time`}}",
			"x|arguments.a.format: A string has an enum or a format"},
		{"`arguments`:{`a`:{`type`:`string`,`enum`:[`x`],`default`:`y`}}",
			"x|arguments.a.default: This must be one of"},
		{"`arguments`:{`a`:{`type`:`integer`,`default`:`1`}}",
			"x|arguments.a.default: This must be an integer."},
		{"`arguments`:{`a`:{`type`:`string`,`format`:`date-time`,`default`:`now`}}",
			"x|arguments.a.default: This must be a date and time"},
		{"`required`:[`a`]", "x|required: It names what is no argument."},
		{"`required`:`a`", "x|required: This must be an array"},
		{"`arguments`:{`a`:{`type`:`string`},`b`:{`type`:`string`},`c`:{`type`:`string`},"
		 "`d`:{`type`:`string`},`e`:{`type`:`string`},`f`:{`type`:`string`},`g`:{`type`:"
		 "`string`},`h`:{`type`:`string`},`i`:{`type`:`string`},`j`:{`type`:`string`},"
		 "`k`:{`type`:`string`},`l`:{`type`:`string`},`m`:{`type`:`string`},`n`:{`type`:"
		 "`string`},`o`:{`type`:`string`},`p`:{`type`:`string`},`q`:{`type`:`string`}}",
			"x|arguments: There are more than 16 arguments."},
		{"`excludes`:{`a`:[`b`]}", "x|excludes: This must be"},
		{ABC ",`excludes`:[]", "x|excludes: This must be"},
		{ABC ",`excludes`:[[`a`]]", "x|excludes: This must be"},
		{ABC ",`excludes`:{`a`:`b`}", "x|excludes: This must be"},
		{ABC ",`excludes`:{`a`:[]}", "x|excludes: This must be"},
		{ABC ",`excludes`:{`a`:[`d`]}", "x|excludes: This must be"},
		{ABC ",`excludes`:{`d`:[`a`]}", "x|excludes: This must be"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct buf definition;
		autofree char *is = NULL;

		buf_init(&definition);
		buf_addf(&definition, DEFINITION(GET_ME ",%s"), CASES[i][0]);
		is = mistake(definition.data);
		check(!strncmp(is, CASES[i][1], strlen(CASES[i][1])), "%s: \"%s\"", CASES[i][0],
			is);
		buf_done(&definition);
	}
}

static void arguments_that_exclude_each_other_are_refused_by_both_names(void **state)
{
	static const char *const CASES[][2] = {
		{"{}", ""},
		{"{`a`:`1`}", ""},
		{"{`b`:`1`,`c`:true}", ""},
		{"{`a`:`1`,`b`:null}", ""},
		{"{`a`:null,`b`:`1`}", ""},
		{"{`a`:`1`,`b`:``}", "b cannot be given together with a."},
		{"{`c`:false,`a`:`1`}", "c cannot be given together with a."},
	};
	struct graph_tool tool;

	read(DEFINITION(ABC ",`excludes`:{`a`:[`b`,`c`]}," GET_ME), &tool);
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree_json cJSON *arguments = asked_json(CASES[i][0]);
		autoerr(err);
		bool allowed = definition_allows(&tool, arguments, &err);

		check(allowed == !*CASES[i][1] && !strcmp(err.message, CASES[i][1]), "%s: \"%s\"",
			CASES[i][0], err.message);
	}
	definition_done(&tool);
	read(DEFINITION(GET_ME), &tool);
	{
		autoerr(err);

		assert_true(definition_allows(&tool, NULL, &err));
	}
	definition_done(&tool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_definition_brings_its_texts_and_permissions),
		cmocka_unit_test(the_schema_has_the_arguments_and_those_of_a_page),
		cmocka_unit_test(a_tool_with_shared_permissions_has_another_schema_with_mailbox),
		cmocka_unit_test(select_is_what_the_result_picks),
		cmocka_unit_test(a_tool_reads_unless_it_says_that_it_writes),
		cmocka_unit_test(a_mistake_is_told_with_the_tool_and_its_place),
		cmocka_unit_test(a_mistake_in_what_writes_is_told_with_its_place),
		cmocka_unit_test(a_mistake_of_what_is_shared_is_told_with_its_place),
		cmocka_unit_test(a_mistake_in_an_argument_is_told_with_its_place),
		cmocka_unit_test(arguments_that_exclude_each_other_are_refused_by_both_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
