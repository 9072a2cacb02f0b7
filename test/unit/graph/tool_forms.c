/* What of a request is there in a call: conditions, choices, defaults, and what is left out. */
#include "asked.h"

#define S "{`type`:`string`}"
#define ARGUMENTS                                                                                  \
	"`arguments`:{`a`:" S ",`b`:" S ",`c`:{`type`:`boolean`},`d`:{`type`:`string`,`default`:"  \
	"`x`},`e`:{`type`:`string`,`enum`:[`one`,`two`,`three`]},`l`:{`type`:`array`,`items`:" S   \
	"}},"
#define TOOL(request) "{" ARGUMENTS "`request`:{" request "}}"

static void a_text_without_its_argument_is_left_out_as_a_whole(void **state)
{
	static const char OF_QUERY[] = TOOL(
		"`path`:`/me`,`query`:{`x`:`'{a}{b}'`,`y`:`{d}`,`z`:`1`}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me\ny=x\nz=1"},
		{"{`a`:`1`}", "GET /v1.0/me\ny=x\nz=1"},
		{"{`a`:`1`,`b`:null,`d`:null}", "GET /v1.0/me\ny=x\nz=1"},
		{"{`a`:`1`,`b`:`2`,`d`:`3`}", "GET /v1.0/me\nx='12'\ny=3\nz=1"},
		{"{`a`:``,`b`:``}", "GET /v1.0/me\nx=''\ny=x\nz=1"},
	};

	ASSERT_ASKED(OF_QUERY, CASES);
}

static void conditions_ask_what_the_caller_gave_not_what_is_by_default(void **state)
{
	static const char OF_QUERY[] = TOOL(
		"`path`:`/me`,`query`:{`one`:{`value`:`1`,`when`:`a`},`any`:{`value`:`1`,"
		"`when`:[`a`,`b`]},`none`:{`value`:`1`,`unless`:[`a`,`b`]},`both`:{`value`:"
		"`1`,`when`:`a`,`unless`:`b`},`default`:{`value`:`1`,`when`:`d`}}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me\nnone=1"},
		{"{`a`:``}", "GET /v1.0/me\none=1\nany=1\nboth=1"},
		{"{`b`:`x`}", "GET /v1.0/me\nany=1"},
		{"{`a`:`x`,`b`:`x`}", "GET /v1.0/me\none=1\nany=1"},
		{"{`d`:`x`}", "GET /v1.0/me\nnone=1\ndefault=1"},
	};

	ASSERT_ASKED(OF_QUERY, CASES);
}

static void a_choice_takes_the_values_text_or_nothing(void **state)
{
	static const char OF_QUERY[] = TOOL(
		"`path`:`/me`,`query`:{`x`:{`choose`:`e`,`of`:{`one`:`1`,`two`:{`choose`:`c`,"
		"`of`:{`true`:`2{d}`}}}}}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me"},
		{"{`e`:`one`}", "GET /v1.0/me\nx=1"},
		{"{`e`:`two`}", "GET /v1.0/me"},
		{"{`e`:`two`,`c`:true}", "GET /v1.0/me\nx=2"},
		{"{`e`:`three`}", "GET /v1.0/me"},
	};
	autofree char *bare = asked(OF_QUERY, "{`e`:`two`,`c`:true}");

	/* {d} holds anything, so it is refused there */
	assert_string_equal(bare, "query.x.of.two.of.true: This argument can hold anything, so it "
				  "must stand between quotation marks here.");
	{
		static const char GOOD[] = TOOL(
			"`path`:`/me`,`query`:{`x`:{`choose`:`e`,`of`:{`one`:`1`,`two`:{`choose`:"
			"`c`,`of`:{`true`:`2`}}}}}");

		ASSERT_ASKED(GOOD, CASES);
	}
}

static void clauses_are_joined_by_and_constant_ones_first(void **state)
{
	static const char OF_QUERY[] = TOOL(
		"`path`:`/me`,`query`:{`$filter`:{`all`:[`a eq '{a}'`,`x eq 1 or y eq 1`,"
		"{`value`:`when`,`when`:`b`},{`choose`:`c`,`of`:{`true`:`c or d`}},`last`]},"
		"`none`:{`all`:[`b eq '{b}'`]}}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me\n$filter=(x eq 1 or y eq 1) and last"},
		{"{`a`:`or`,`c`:true}", "GET /v1.0/me\n$filter=(x eq 1 or y eq 1) and last and "
					"a eq 'or' and (c or d)"},
		{"{`b`:``}", "GET /v1.0/me\n$filter=(x eq 1 or y eq 1) and last and when\n"
			     "none=b eq ''"},
	};

	ASSERT_ASKED(OF_QUERY, CASES);
}

static void kql_of_no_text_is_no_search(void **state)
{
	static const char OF_QUERY[] = TOOL(
		"`path`:`/me`,`query`:{`$search`:{`kql`:[`{a}`,{`choose`:`c`,`of`:{`true`:"
		"`x OR y`}},`kind:{e}`],`unless`:`b`}}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me"},
		{"{`a`:`x`,`b`:`y`}", "GET /v1.0/me"},
		{"{`e`:`one`}", "GET /v1.0/me\n$search=\"kind:one\""},
		{"{`c`:true}", "GET /v1.0/me\n$search=\"x OR y\""},
		{"{`c`:true,`e`:`one`}", "GET /v1.0/me\n$search=\"(x OR y) AND kind:one\""},
		{"{`a`:`p q`,`e`:`one`}", "GET /v1.0/me\n$search=\"(p q) AND kind:one\""},
	};

	ASSERT_ASKED(OF_QUERY, CASES);
}

static void a_header_of_no_text_is_left_out(void **state)
{
	static const char OF_HEADERS[] = TOOL(
		"`path`:`/me`,`headers`:{`Prefer`:[`x=\\`{a}\\``,`y={e}`],`If-Match`:`{e}`,"
		"`ConsistencyLevel`:{`value`:`eventual`,`when`:`b`}}");
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me"},
		{"{`a`:`1`}", "GET /v1.0/me\nPrefer: x=\"1\""},
		{"{`a`:`1`,`e`:`two`}", "GET /v1.0/me\nPrefer: x=\"1\", y=two\nIf-Match: two"},
		{"{`b`:`1`}", "GET /v1.0/me\nConsistencyLevel: eventual"},
	};

	ASSERT_ASKED(OF_HEADERS, CASES);
}

static void what_lost_all_its_members_is_left_out_of_the_body_too(void **state)
{
	static const char OF_BODY[] = TOOL(
		"`method`:`PATCH`,`path`:`/me`,`body`:{`a`:{`b`:{`c`:`{a}`}},`l`:[`{b}`,"
		"{`x`:`{b}`}],`e`:{},`f`:[],`i`:{`each`:`l`,`as`:{`value`:`{item}`,"
		"`when`:`c`}}}");
	static const char ALL[] = TOOL("`method`:`POST`,`path`:`/me`,`body`:{`a`:[`{a}`]}");
	static const struct asked_case CASES[] = {
		{"{}", "PATCH /v1.0/me\n{\"e\":{},\"f\":[]}"},
		{"{`a`:`1`}", "PATCH /v1.0/me\n{\"a\":{\"b\":{\"c\":\"1\"}},\"e\":{},\"f\":[]}"},
		{"{`b`:`1`}", "PATCH /v1.0/me\n{\"l\":[\"1\",{\"x\":\"1\"}],\"e\":{},\"f\":[]}"},
		{"{`l`:[`1`]}", "PATCH /v1.0/me\n{\"e\":{},\"f\":[]}"},
		{"{`l`:[`1`],`c`:false}", "PATCH /v1.0/me\n{\"e\":{},\"f\":[],\"i\":[\"1\"]}"},
		{"{`l`:[],`c`:false}", "PATCH /v1.0/me\n{\"e\":{},\"f\":[],\"i\":[]}"},
	};
	static const struct asked_case NOTHING[] = {{"{}", "POST /v1.0/me"}};

	ASSERT_ASKED(OF_BODY, CASES);
	ASSERT_ASKED(ALL, NOTHING);
}

static void the_body_keeps_json_that_is_no_form(void **state)
{
	static const char OF_BODY[] = TOOL(
		"`method`:`POST`,`path`:`/me`,`body`:{`n`:1.5,`t`:true,`z`:null,`s`:`{{}}`,"
		"`value`:{`value`:`x`},`choose`:{`choose`:`x`,`of`:`y`,`more`:1},"
		"`when`:{`when`:`x`},`as`:{`each`:`x`},`c`:`{c}`,`two`:`{e} {c}`}");
	static const struct asked_case CASES[] = {
		{"{`c`:false,`e`:`one`}",
			"POST /v1.0/me\n{\"n\":1.5,\"t\":true,\"z\":null,\"s\":\"{}\","
			"\"value\":{\"value\":\"x\"},\"choose\":{\"choose\":\"x\",\"of\":\"y\","
			"\"more\":1},\"when\":{\"when\":\"x\"},\"as\":{\"each\":\"x\"},"
			"\"c\":false,\"two\":\"one false\"}"},
	};

	ASSERT_ASKED(OF_BODY, CASES);
}

static void a_path_is_chosen_by_a_default_too(void **state)
{
	static const char OF_PATH[] =
		"{`arguments`:{`k`:{`type`:`string`,`enum`:[`a`,`b`],`default`:`b`}},`request`:{"
		"`path`:{`choose`:`k`,`of`:{`a`:`/me/a`,`b`:`/me/b`}}}}";
	static const struct asked_case CASES[] = {
		{"{}", "GET /v1.0/me/b"}, {"{`k`:`a`}", "GET /v1.0/me/a"}};

	ASSERT_ASKED(OF_PATH, CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_without_its_argument_is_left_out_as_a_whole),
		cmocka_unit_test(conditions_ask_what_the_caller_gave_not_what_is_by_default),
		cmocka_unit_test(a_choice_takes_the_values_text_or_nothing),
		cmocka_unit_test(clauses_are_joined_by_and_constant_ones_first),
		cmocka_unit_test(kql_of_no_text_is_no_search),
		cmocka_unit_test(a_header_of_no_text_is_left_out),
		cmocka_unit_test(what_lost_all_its_members_is_left_out_of_the_body_too),
		cmocka_unit_test(the_body_keeps_json_that_is_no_form),
		cmocka_unit_test(a_path_is_chosen_by_a_default_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
