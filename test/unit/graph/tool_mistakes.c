/* What is wrong with a definition's request is said at start, with its place. */
#include "asked.h"

#define S "{`type`:`string`}"
#define ARGUMENTS                                                                                  \
	"`arguments`:{`a`:" S ",`r`:" S ",`n`:{`type`:`integer`},`c`:{`type`:`boolean`},`e`:{"     \
	"`type`:`string`,`enum`:[`one`,`two words`]},`k`:{`type`:`string`,`enum`:[`p`,`q`],"       \
	"`default`:`p`},`t`:{`type`:`string`,`format`:`date-time`},`l`:{`type`:`array`,`items`:" S \
	"}},`required`:[`r`],"

struct mistake {
	const char *request, *expected;
};

/* Each with the beginning of what is said of it. */
static void assert_mistakes(const char *format, const struct mistake *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autofree char *is = NULL;
		struct buf tool;

		buf_init(&tool);
		buf_adds(&tool, "{" ARGUMENTS "`request`:{");
		buf_adds(&tool, format);
		buf_adds(&tool, cases[i].request);
		buf_adds(&tool, "}}");
		is = asked(tool.data, "{`r`:`x`}");
		check(!strncmp(is, cases[i].expected, strlen(cases[i].expected)),
			"%s: \"%s\", not \"%s\"", cases[i].request, is, cases[i].expected);
		buf_done(&tool);
	}
}
#define ASSERT_MISTAKES(format, cases) assert_mistakes(format, cases, COUNT_OF(cases))

static void a_mistake_in_the_path_is_told_with_its_place(void **state)
{
	static const struct mistake CASES[] = {
		{"`method`:`GET`", "path: This must be a text"},
		{"`path`:7", "path: This must be a text"},
		{"`path`:``", "path: A path begins with /"},
		{"`path`:`me`", "path: A path begins with /"},
		{"`path`:`https://evil.example/`", "path: A path begins with /"},
		{"`path`:`//evil.example`", "path: A path begins with /"},
		{"`path`:`/me/../users`", "path: A path begins with /"},
		{"`path`:`/me/./x`", "path: A path begins with /"},
		{"`path`:`/me/`", "path: A path begins with /"},
		{"`path`:`/me?x=1`", "path: A path holds no such character"},
		{"`path`:`/me#x`", "path: A path holds no such character"},
		{"`path`:`/me/%2e%2e`", "path: A path holds no such character"},
		{"`path`:`/me/a b`", "path: A path holds no such character"},
		{"`path`:`/me/\\\\x`", "path: A path holds no such character"},
		{"`path`:`/me/é`", "path: A path holds no such character"},
		{"`path`:`/me/{{x}}`", "path: A path holds no braces."},
		{"`path`:`/me/{a}`", "path: An argument in a path must be required"},
		{"`path`:`/me/x{r}`", "path: An argument in a path is a whole segment"},
		{"`path`:`/me/{r}x`", "path: An argument in a path is a whole segment"},
		{"`path`:`/me/{r}{k}`", "path: An argument in a path is a whole segment"},
		{"`path`:`/me/root:{r}:/x`", "path: An argument in a path is a whole segment"},
		{"`path`:`/me/x(q='{r}`", "path: A quotation mark is not closed."},
		{"`path`:`/me/{l}`", "path: An array can only be"},
		{"`path`:`/me/{nobody}`", "path: {nobody} is none of the arguments."},
		{"`path`:`/me/{item}`", "path: {item} is none of the arguments."},
		{"`path`:`/me/{r`", "path: A brace is not closed"},
		{"`path`:`/me/r}`", "path: A brace is closed that is not open"},
		{"`path`:{`value`:`/me`,`when`:`r`}", "path: A path cannot be left out."},
		{"`path`:{`choose`:`k`,`of`:{`p`:`/me`}}", "path.of: Among paths every value"},
		{"`path`:{`choose`:`c`,`of`:{`true`:`/me`,`false`:`/x`}}",
			"path.of: Among paths every value"},
		{"`path`:{`choose`:`k`,`of`:{`p`:`/me`,`q`:`/{r}x`}}",
			"path.of.q: An argument in a path is a whole segment"},
	};

	ASSERT_MISTAKES("", CASES);
}

static void a_mistake_in_the_query_is_told_with_its_place(void **state)
{
	static const struct mistake CASES[] = {
		{"[]", "query: This must be an object."},
		{"{`a&b`:`x`}", "query.a&b: A parameter's name"},
		{"{``:`x`}", "query: A parameter's name"},
		{"{`$`:`x`}", "query.$: A parameter's name"},
		{"{`$skiptoken`:`x`}", "query.$skiptoken: This parameter is put by"},
		{"{`$SkipToken`:`x`}", "query.$SkipToken: This parameter is put by"},
		{"{`$Skip`:`1`}", "query.$Skip: This parameter is put by"},
		{"{`$top`:true}", "query.$top: Only $select can be true."},
		{"{`x`:7}", "query.x: This must be a text"},
		{"{`x`:[`y`]}", "query.x: This must be a text"},
		{"{`x`:{`value`:`y`}}", "query.x: This must be a text"},
		{"{`x`:`y {a}`}", "query.x: This argument can hold anything"},
		{"{`x`:`{a}{a}`}", "query.x: This argument can hold anything"},
		{"{`x`:`a eq {e}`}", "query.x: This argument can hold anything"},
		{"{`x`:`'{a}`}", "query.x: A quotation mark is not closed."},
		{"{`x`:`''{a}`}", "query.x: This argument can hold anything"},
		{"{`x`:`'\\`{a}\\`'`}", "query.x: An argument cannot stand between quotation"},
		{"{`x`:`\\`'{a}'\\``}", "query.x: An argument cannot stand between quotation"},
		{"{`x`:`\\`\\\\{a}\\``}", "query.x: A backslash between quotation marks"},
		{"{`x`:`\\`\\\\\\`{a}`}", "query.x: A quotation mark is not closed."},
		{"{`x`:`{l}`}", "query.x: An array can only be"},
		{"{`x`:`a\\nb`}", "query.x: This must not hold control characters."},
		{"{`x`:{`all`:[]}}", "query.x.all: This must be an array of texts."},
		{"{`x`:{`all`:`y`}}", "query.x.all: This must be an array of texts."},
		{"{`x`:{`all`:[`y`,`{a}`]}}", "query.x.all[1]: This argument can hold anything"},
		{"{`x`:{`all`:[{`all`:[`y`]}]}}", "query.x.all[0]: This must be a text"},
		{"{`x`:{`all`:[`y`],`kql`:[`z`]}}", "query.x.kql: There is no such member"},
		{"{`x`:{`all`:[`y`],`when`:`nobody`}}", "query.x.when: This must name an"},
		{"{`x`:{`kql`:[`a {a}`]}}", "query.x.kql[0]: This argument can hold anything"},
		{"{`x`:{`kql`:[`'{a}'`]}}", "query.x.kql[0]: This argument can hold anything"},
		{"{`x`:{`kql`:[`a:\\`{a}`]}}", "query.x.kql[0]: A quotation mark is not"},
		{"{`x`:{`value`:`y`,`when`:`nobody`}}", "query.x.when: This must name an"},
		{"{`x`:{`value`:`y`,`when`:[]}}", "query.x.when: This must be an argument's name"},
		{"{`x`:{`value`:`y`,`unless`:[7]}}", "query.x.unless: This must name an"},
		{"{`x`:{`value`:{`value`:`y`,`when`:`a`},`unless`:`r`}}",
			"query.x.value: Put when and unless together."},
		{"{`x`:{`choose`:`a`,`of`:{`y`:`z`}}}", "query.x.choose: It takes a boolean"},
		{"{`x`:{`choose`:`nobody`,`of`:{}}}", "query.x.choose: This must name an"},
		{"{`x`:{`choose`:`k`,`of`:{`r`:`z`}}}", "query.x.of: It lists a value that"},
		{"{`x`:{`choose`:`c`,`of`:{`yes`:`z`}}}", "query.x.of: It lists a value that"},
		{"{`x`:{`choose`:`k`,`of`:[`p`]}}", "query.x.of: This must be an object."},
		{"{`x`:{`all`:[`1`,`2`,`3`,`4`,`5`,`6`,`7`,`8`,`9`,`0`,`1`,`2`,`3`,`4`,`5`,`6`,"
		 "`7`]}}",
			"query.x.all: These are more texts"},
	};

	ASSERT_MISTAKES("`path`:`/me`,`query`:", CASES);
}

static void a_mistake_in_the_headers_is_told_with_its_place(void **state)
{
	static const struct mistake CASES[] = {
		{"[]", "headers: This must be an object."},
		{"{`Authorization`:`x`}", "headers.Authorization: A header of this name"},
		{"{`authorization`:`x`}", "headers.authorization: A header of this name"},
		{"{`Content-Type`:`x`}", "headers.Content-Type: A header of this name"},
		{"{`Content-Length`:`0`}", "headers.Content-Length: A header of this name"},
		{"{`Host`:`x`}", "headers.Host: A header of this name"},
		{"{`Accept`:`x`}", "headers.Accept: A header of this name"},
		{"{`User-Agent`:`x`}", "headers.User-Agent: A header of this name"},
		{"{`client-request-id`:`x`}", "headers.client-request-id: A header of this name"},
		{"{`traceparent`:`x`}", "headers.traceparent: A header of this name"},
		{"{`Retry-Attempt`:`x`}", "headers.Retry-Attempt: A header of this name"},
		{"{`Cookie`:`x`}", "headers.Cookie: A header of this name"},
		{"{`Connection`:`x`}", "headers.Connection: A header of this name"},
		{"{`Transfer-Encoding`:`x`}", "headers.Transfer-Encoding: A header of this name"},
		{"{`Proxy-Authorization`:`x`}", "headers.Proxy-Authorization: A header of this"},
		{"{`X: y\\r\\nHost`:`x`}", "headers.X: y\r\nHost: A header of this name"},
		{"{``:`x`}", "headers: A header of this name"},
		{"{`X`:`1`,`x`:`2`}", "headers.x: It is there twice."},
		{"{`A`:`x`,`B`:`x`,`C`:`x`,`D`:`x`,`E`:`x`}", "headers.E: There are more than 4"},
		{"{`X`:7}", "headers.X: This must be a text"},
		{"{`X`:[]}", "headers.X: This must be an array of texts."},
		{"{`X`:[`a`,`\\r\\n`]}", "headers.X[1]: A header is printable ASCII."},
		{"{`X`:`é`}", "headers.X: A header is printable ASCII."},
		{"{`X`:`{a}`}", "headers.X: This argument can hold anything"},
		{"{`X`:`'{a}'`}", "headers.X: This argument can hold anything"},
		{"{`X`:`x={t}`}", "headers.X: This argument can hold anything"},
		{"{`X`:`x={e}`}", "headers.X: This argument can hold anything"},
	};

	ASSERT_MISTAKES("`path`:`/me`,`headers`:", CASES);
}

static void a_mistake_in_the_body_is_told_with_its_place(void **state)
{
	static const struct mistake CASES[] = {
		{"{`x`:`{nobody}`}", "body.x: {nobody} is none of the arguments."},
		{"{`x`:`{item}`}", "body.x: {item} is none of the arguments."},
		{"{`x`:[1,`<{l}>`]}", "body.x[1]: An array can only be all of a value"},
		{"{`x`:{`each`:`a`,`as`:`{item}`}}", "body.x.each: This must name an array."},
		{"{`x`:{`each`:`nobody`,`as`:1}}", "body.x.each: This must name an argument."},
		{"{`x`:{`each`:`l`,`as`:{`y`:`{z}`}}}", "body.x.as.y: {z} is none of"},
		{"{`x`:{`each`:`l`,`as`:{`each`:`l`,`as`:1}}}",
			"body.x.as.each: There cannot be an each within an each."},
		{"{`x`:{`choose`:`k`,`of`:{`p`:{`y`:`{`}}}}", "body.x.of.p.y: A brace is not"},
		{"{`x`:{`value`:{`y`:`}`},`when`:`a`}}", "body.x.value.y: A brace is closed"},
	};

	ASSERT_MISTAKES("`method`:`POST`,`path`:`/me`,`body`:", CASES);
}

static void a_mistake_in_the_request_is_told_with_its_place(void **state)
{
	static const struct mistake CASES[] = {
		{"`method`:`get`", "method: This must be GET, POST, PATCH, PUT or DELETE."},
		{"`method`:`TRACE`", "method: This must be GET"},
		{"`method`:7", "method: This must be GET"},
		{"`body`:{}", "body: A GET has no body."},
		{"`url`:`x`", "url: There is no such member; those known here are: when unless "
			      "done method path"},
	};

	ASSERT_MISTAKES("`path`:`/me`,", CASES);
}

static void a_page_has_its_own_size_parameter(void **state)
{
	static char top[] = "$top";
	static const struct page_rules RULES = {.size_parameter = top, .size = 10, .size_max = 50};
	autofree char *is = asked_paged(
		"{`request`:{`path`:`/me`,`query`:{`$TOP`:`5`}}}", "{}", &RULES, NULL);

	assert_string_equal(is, "query.$TOP: This parameter is put by the result's page.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_in_the_path_is_told_with_its_place),
		cmocka_unit_test(a_mistake_in_the_query_is_told_with_its_place),
		cmocka_unit_test(a_mistake_in_the_headers_is_told_with_its_place),
		cmocka_unit_test(a_mistake_in_the_body_is_told_with_its_place),
		cmocka_unit_test(a_mistake_in_the_request_is_told_with_its_place),
		cmocka_unit_test(a_page_has_its_own_size_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
