/* What a hostile argument can do from each kind of place: nothing but fill it. */
#include "asked.h"

#define A "`arguments`:{`a`:{`type`:`string`},`b`:{`type`:`string`}},`required`:[`a`],"
#define ID_RULE                                                                                    \
	"400: a must be an id: not empty, without / and \\, no dots alone, and not beginning "     \
	"with $."
#define NO_CONTROLS "400: a must not hold control characters."

static void a_segment_of_a_path_stays_one_segment(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/users/{a}/messages`}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`x?$filter=1#y&z`}", "GET /v1.0/users/x%3F%24filter%3D1%23y%26z/messages"},
		{"{`a`:`x%2F..%2fme`}", "GET /v1.0/users/x%252F..%252fme/messages"},
		{"{`a`:`http:evil.example@x;p=1`}",
			"GET /v1.0/users/http%3Aevil.example%40x%3Bp%3D1/messages"},
		{"{`a`:`delta() é +`}", "GET /v1.0/users/delta%28%29%20%C3%A9%20%2B/messages"},
		{"{`a`:`.x `}", "GET /v1.0/users/.x%20/messages"},
		{"{`a`:`x$value`}", "GET /v1.0/users/x%24value/messages"},
		{"{`a`:`{b}`,`b`:`y`}", "GET /v1.0/users/%7Bb%7D/messages"},
		{"{`a`:``}", ID_RULE},
		{"{`a`:`.`}", ID_RULE},
		{"{`a`:`..`}", ID_RULE},
		{"{`a`:`...`}", ID_RULE},
		{"{`a`:`.. `}", ID_RULE},
		{"{`a`:` `}", ID_RULE},
		{"{`a`:`$value`}", ID_RULE},
		{"{`a`:`x/../../me`}", ID_RULE},
		{"{`a`:`..\\\\me`}", ID_RULE},
		{"{`a`:`x\\r\\nHost: evil`}", NO_CONTROLS},
		{"{`a`:`x\\u007f`}", NO_CONTROLS},
		{"{`a`:`x\\u0085`}", NO_CONTROLS},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_string_in_a_path_ends_where_the_definition_ends_it(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/me/drive/root/search(q='{a}')`}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`x')/children?y=('`}",
			"GET "
			"/v1.0/me/drive/root/search(q='x%27%27%29%2Fchildren%3Fy%3D%28%27%27')"},
		{"{`a`:`'`}", "GET /v1.0/me/drive/root/search(q='%27%27')"},
		{"{`a`:`''`}", "GET /v1.0/me/drive/root/search(q='%27%27%27%27')"},
		{"{`a`:`%27`}", "GET /v1.0/me/drive/root/search(q='%2527')"},
		{"{`a`:``}", "GET /v1.0/me/drive/root/search(q='')"},
		{"{`a`:`..`}", "GET /v1.0/me/drive/root/search(q='..')"},
		{"{`a`:`x\\n`}", NO_CONTROLS},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_string_of_a_filter_cannot_add_a_clause(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/me`,`query`:{`$filter`:{`all`:["
				   "`startswith(n,'{a}') or n eq 'x{b}y'`,`isDraft eq false`]}}}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`x') or (1 eq 1`,`b`:`'`}",
			"GET /v1.0/me\n$filter=isDraft eq false and (startswith(n,'x'') or (1 eq "
			"1') or n eq 'x''y')"},
		{"{`a`:`x&$top=999`,`b`:`%27 or 1`}",
			"GET /v1.0/me\n$filter=isDraft eq false and (startswith(n,'x&$top=999') "
			"or n eq 'x%27 or 1y')"},
		{"{`a`:`x'\\n`,`b`:``}", NO_CONTROLS},
		{"{`a`:`x`}", "GET /v1.0/me\n$filter=isDraft eq false"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_quoted_value_of_a_query_ends_where_the_definition_ends_it(void **state)
{
	static const char TOOL[] =
		"{" A "`request`:{`path`:`/me`,`query`:{`$search`:`\\`displayName:{a}\\``}}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`x\\` OR \\`mail:y`}",
			"GET /v1.0/me\n$search=\"displayName:x\\\" OR \\\"mail:y\""},
		{"{`a`:`x\\\\`}", "GET /v1.0/me\n$search=\"displayName:x\\\\\""},
		{"{`a`:`x\\\\\\` OR`}", "GET /v1.0/me\n$search=\"displayName:x\\\\\\\" OR\""},
		{"{`a`:`x&$filter=y`}", "GET /v1.0/me\n$search=\"displayName:x&$filter=y\""},
		{"{`a`:`\\t`}", NO_CONTROLS},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_whole_value_stays_the_value_of_its_parameter(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/sites`,`query`:{`search`:`{a}`}}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`x&$top=1#y+z=%26`}", "GET /v1.0/sites\nsearch=x&$top=1#y+z=%26"},
		{"{`a`:`é\\` '`}", "GET /v1.0/sites\nsearch=é\" '"},
		{"{`a`:`\\r\\n`}", NO_CONTROLS},
	};
	autofree_json cJSON *arguments = asked_json("{`a`:`x&$top=1#y+z=%26`}");
	struct tool_problem problem;
	struct tool_request *request = asked_read(TOOL, NULL, &problem);
	struct tool_request_text text;
	autoerr(err);

	ASSERT_ASKED(TOOL, CASES);
	assert_true(tool_request_write(request, arguments, NULL, &text, &err));
	assert_string_equal(text.request.query, "search=x%26%24top%3D1%23y%2Bz%3D%2526");
	tool_request_text_done(&text);
	tool_request_free(request);
}

static void a_phrase_and_words_of_kql_stay_beside_the_other_texts(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/me/messages`,`query`:{`$search`:{"
				   "`kql`:[`{a}`,`from:\\`{b}\\``]}}}}";
	static const char NO_WORD_A[] = "400: a must hold a word to search for.";
	static const char NO_WORD_B[] = "400: b must hold a word to search for.";
	static const struct asked_case CASES[] = {
		{"{`a`:`x`,`b`:`y\\` OR to:\\`z`}",
			"GET /v1.0/me/messages\n$search=\"(x) AND from:\\\"y  OR to: z\\\"\""},
		{"{`a`:`x) OR (y`,`b`:`z`}",
			"GET /v1.0/me/messages\n$search=\"(x  OR  y) AND from:\\\"z\\\"\""},
		{"{`a`:`\\`x y\\` \\`z`,`b`:`z`}",
			"GET /v1.0/me/messages\n$search=\"(\\\"x y\\\"  z) AND from:\\\"z\\\"\""},
		{"{`a`:`x\\\\`,`b`:`y\\\\`}",
			"GET /v1.0/me/messages\n$search=\"(x\\\\) AND from:\\\"y\\\\\\\"\""},
		{"{`a`:`subject:x OR \\`y\\``}",
			"GET /v1.0/me/messages\n$search=\"subject:x OR \\\"y\\\"\""},
		{"{`a`:`x&$top=1`}", "GET /v1.0/me/messages\n$search=\"x&$top=1\""},
		{"{`a`:``}", NO_WORD_A},
		{"{`a`:`() \\` ( `}", NO_WORD_A},
		{"{`a`:`x`,`b`:``}", NO_WORD_B},
		{"{`a`:`x`,`b`:` \\` `}", NO_WORD_B},
		{"{`a`:`x\\ny`}", NO_CONTROLS},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_quoted_value_of_a_header_stays_in_it(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/me`,`headers`:{`Prefer`:["
				   "`IdType=\\`ImmutableId\\``,`outlook.timezone=\\`{a}\\``]}}}";
	static const char RULE[] = "400: a must be printable ASCII without \" and \\.";
	static const struct asked_case CASES[] = {
		{"{`a`:`W. Europe Standard Time, x=y;`}",
			"GET /v1.0/me\nPrefer: IdType=\"ImmutableId\", outlook.timezone=\"W. "
			"Europe "
			"Standard Time, x=y;\""},
		{"{`a`:`UTC\\r\\nAuthorization: x`}", NO_CONTROLS},
		{"{`a`:`UTC\\`, x=\\``}", RULE},
		{"{`a`:`UTC\\\\`}", RULE},
		{"{`a`:`Zürich`}", RULE},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void what_stands_in_a_string_of_the_body_stays_in_it(void **state)
{
	static const char TOOL[] =
		"{" A "`request`:{`method`:`POST`,`path`:`/me`,`body`:{`x`:`<{a}> {{a}}`,"
		"`y`:`{b}`}}}";
	static const struct asked_case CASES[] = {
		{"{`a`:`\\`,\\`admin\\`:true,\\`z\\`:\\``,`b`:`\\\\\\`}`}",
			"POST /v1.0/me\n{\"x\":\"<\\\",\\\"admin\\\":true,\\\"z\\\":\\\"> {a}\","
			"\"y\":\"\\\\\\\"}\"}"},
		{"{`a`:`\\u0001\\n{b}`}", "POST /v1.0/me\n{\"x\":\"<\\u0001\\n{b}> {a}\"}"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void each_element_stays_in_its_own_place(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`a`:{`type`:`array`,`items`:{`type`:`string`}}},`request`:{"
		"`method`:`POST`,`path`:`/me`,`body`:{`x`:{`each`:`a`,`as`:{`y`:`<{item}>`}},"
		"`z`:`{a}`}}}";
	static const struct asked_case CASES[] = {
		{"{`a`:[`\\`},{\\`y\\`:\\``,`{item}`]}",
			"POST /v1.0/me\n{\"x\":[{\"y\":\"<\\\"},{\\\"y\\\":\\\">\"},"
			"{\"y\":\"<{item}>\"}],\"z\":[\"\\\"},{\\\"y\\\":\\\"\",\"{item}\"]}"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

/* The schema has refused it before; a request is safe without that. */
static void an_argument_that_is_not_of_its_kind_is_refused(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`n`:{`type`:`integer`},`t`:{`type`:`boolean`},`e`:{`type`:`string`,"
		"`enum`:[`p`,`q`]},`d`:{`type`:`string`,`format`:`date-time`},`s`:{`type`:"
		"`string`},`l`:{`type`:`array`,`items`:{`type`:`string`}}},`request`:{`method`:"
		"`POST`,`path`:`/me`,`query`:{`$filter`:`a eq {n} and {t} and {e} and b gt {d} "
		"and '{s}'`},`body`:`{l}`}}";
	static const struct asked_case CASES[] = {
		{"{`n`:-3,`t`:false,`e`:`q`,`d`:`2026-11-27T10:00:00Z`,`s`:`x`,`l`:[`y`]}",
			"POST /v1.0/me\n$filter=a eq -3 and false and q and b gt "
			"2026-11-27T10:00:00Z and 'x'\n[\"y\"]"},
		{"{`n`:`1 or 1 eq 1`}", "400: n must be an integer."},
		{"{`n`:1.5}", "400: n must be an integer."},
		{"{`n`:1e300}", "400: n must be an integer."},
		{"{`t`:`true or 1 eq 1`}", "400: t must be true or false."},
		{"{`e`:`p or 1 eq 1`}", "400: e must be one of the values that its schema lists."},
		{"{`d`:`2026-11-27T10:00:00Z or 1 eq 1`}",
			"400: d must be a date and time with an offset or Z; for example "
			"2026-11-27T10:00:00Z."},
		{"{`d`:`2026-11-27`}",
			"400: d must be a date and time with an offset or Z; for example "
			"2026-11-27T10:00:00Z."},
		{"{`s`:[`x`]}", "400: s must be a string."},
		{"{`s`:{}}", "400: s must be a string."},
		{"{`l`:`x`}", "400: l must be an array of strings."},
		{"{`l`:[`x`,7]}", "400: l must be an array of strings."},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void no_argument_of_a_line_is_longer_than_a_line_may_be(void **state)
{
	static const char TOOL[] = "{" A "`request`:{`path`:`/users/{a}`}}";
	autofree char *is = NULL, *long_one = xcalloc(8002, 1);
	struct buf arguments;

	memset(long_one, 'x', 8001);
	buf_init(&arguments);
	buf_addf(&arguments, "{`a`:`%s`}", long_one);
	is = asked(TOOL, arguments.data);
	assert_string_equal(is, "400: a is too long.");
	buf_done(&arguments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_of_a_path_stays_one_segment),
		cmocka_unit_test(a_string_in_a_path_ends_where_the_definition_ends_it),
		cmocka_unit_test(a_string_of_a_filter_cannot_add_a_clause),
		cmocka_unit_test(a_quoted_value_of_a_query_ends_where_the_definition_ends_it),
		cmocka_unit_test(a_whole_value_stays_the_value_of_its_parameter),
		cmocka_unit_test(a_phrase_and_words_of_kql_stay_beside_the_other_texts),
		cmocka_unit_test(a_quoted_value_of_a_header_stays_in_it),
		cmocka_unit_test(what_stands_in_a_string_of_the_body_stays_in_it),
		cmocka_unit_test(each_element_stays_in_its_own_place),
		cmocka_unit_test(an_argument_that_is_not_of_its_kind_is_refused),
		cmocka_unit_test(no_argument_of_a_line_is_longer_than_a_line_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
