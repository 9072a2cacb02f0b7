#include "mcp/headers.h"

#include <stdio.h>
#include <string.h>

#include "stage/mcp_bench.h"

#define REGION_CALL(arguments) CALL("1", "region", ",\"arguments\":{" arguments "}," META)
#define ZONE "\"where\":{\"zone\":\"z\"}"

static bool decodes(const char *value, const char *expected)
{
	struct buf decoded;
	bool good;

	buf_init(&decoded);
	good = header_decode((struct json_span){value, strlen(value)}, &decoded) &&
	       !strcmp(buf_text(&decoded), expected) && decoded.len == strlen(expected);
	buf_done(&decoded);
	return good;
}

static void a_value_may_travel_as_base64(void **state)
{
	assert_true(decodes("plain", "plain"));
	assert_true(decodes("", ""));
	assert_true(decodes("=?base64?SGVsbG8=?=", "Hello"));
	assert_true(decodes("=?base64?w6k=?=", "\xc3\xa9"));
	assert_true(decodes("=?base64?"
			    "?=",
		""));
}

static void an_incomplete_wrapping_is_plain_text(void **state)
{
	static const char *const PLAIN[] = {"=?base64?SGVsbG8=", "SGVsbG8=?=", "=?base64?=",
		"=?BASE64?SGVsbG8=?=", "=?base64?", "x=?base64?SGVsbG8=?="};

	for (size_t i = 0; i < COUNT_OF(PLAIN); i++)
		check(decodes(PLAIN[i], PLAIN[i]), "%s", PLAIN[i]);
}

static void wrong_base64_is_no_value(void **state)
{
	static const char *const BAD[] = {
		"=?base64?SGVsbG8?=", "=?base64?SGVs!!!bG8=?=", "=?base64?SGVsbG8==?=",
		"=?base64?=?=", "=?base64?SGVsbG9=?=", "=?base64?SGVs bG8=?=", "=?base64?-_-_?="};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		struct buf decoded;

		buf_init(&decoded);
		check(!header_decode((struct json_span){BAD[i], strlen(BAD[i])}, &decoded), "%s",
			BAD[i]);
		buf_done(&decoded);
	}
}

static void a_header_repeats_its_argument(void **state)
{
	static const struct {
		const char *headers, *arguments;
		bool good;
	} CASES[] = {
		{"", "", true},
		{"Mcp-Param-Region: eu\n", "\"region\":\"eu\"", true},
		{"mcp-param-region:  eu\t\n", "\"region\":\"eu\"", true},
		{"Mcp-Param-Region: =?base64?ZXU=?=\n", "\"region\":\"eu\"", true},
		{"Mcp-Param-Region: =?base64?ZXU?=\n", "\"region\":\"eu\"", false},
		{"Mcp-Param-Region: ZXU=\n", "\"region\":\"ZXU=\"", true},
		{"Mcp-Param-Region: EU\n", "\"region\":\"eu\"", false},
		{"", "\"region\":\"eu\"", false},
		{"Mcp-Param-Region: eu\n", "", false},
		{"Mcp-Param-Region: eu\n", "\"region\":null", false},
		{"Mcp-Param-Region: eu\nMcp-Param-Region: eu\n", "\"region\":\"eu\"", true},
		{"Mcp-Param-Region: eu\nMcp-Param-Region: us\n", "\"region\":\"eu\"", false},
		{"Mcp-Param-Region: us\nMcp-Param-Region: eu\n", "\"region\":\"eu\"", false},
		{"Mcp-Param-Region: eu, eu\n", "\"region\":\"eu\"", false},
		{"Mcp-Param-Region: eu, eu\n", "\"region\":\"eu, eu\"", true},
		{"Mcp-Param-Region:\n", "\"region\":\"\"", true},
		{"Mcp-Param-Limit: 42\n", "\"limit\":42", true},
		{"Mcp-Param-Limit: 42\n", "\"limit\":42.0", true},
		{"Mcp-Param-Limit: 4.2e1\n", "\"limit\":42", true},
		{"Mcp-Param-Limit: 43\n", "\"limit\":42", false},
		{"Mcp-Param-Limit: 042\n", "\"limit\":42", false},
		{"Mcp-Param-Limit: +42\n", "\"limit\":42", false},
		{"Mcp-Param-Limit: x\n", "\"limit\":42", false},
		{"Mcp-Param-Limit: true\n", "\"limit\":1", false},
		{"Mcp-Param-Dry: true\n", "\"dry\":true", true},
		{"Mcp-Param-Dry: false\n", "\"dry\":false", true},
		{"Mcp-Param-Dry: True\n", "\"dry\":true", false},
		{"Mcp-Param-Dry: 1\n", "\"dry\":true", false},
		{"Mcp-Param-Zone: z\n", ZONE, true},
		{"Mcp-Param-Zone: y\n", ZONE, false},
		{"", ZONE, false},
		{"Mcp-Param-Other: x\n", "", true},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char headers[256], text[512];

		snprintf(headers, sizeof(headers), CALL_HEADERS("region") "%s", CASES[i].headers);
		snprintf(text, sizeof(text), REGION_CALL("%s"), CASES[i].arguments);
		bench_expect(headers, text, CASES[i].good ? 200 : 400,
			CASES[i].good
				? "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*"
				: "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32020,*");
	}
}

static void copies_of_a_field_that_agree_count_as_one(void **state)
{
#define METHOD "Mcp-Method: tools/call\n"
#define NAME "Mcp-Name: echo\n"
	static const struct {
		const char *headers;
		bool good;
	} CASES[] = {
		{MODERN MODERN METHOD METHOD NAME NAME, true},
		{"MCP-Protocol-Version: 2026-07-28, 2026-07-28\n"
		 "Mcp-Method: tools/call ,tools/call\nMcp-Name: echo,\techo,echo \n",
			true},
		{MODERN METHOD NAME "mcp-name: echo, echo\n", true},
		{MODERN METHOD "Mcp-Name: =?base64?ZWNobw==?=, =?base64?ZWNobw==?=\n", true},
		{MODERN METHOD NAME "Mcp-Session-Id: a\nMcp-Session-Id: b\n", true},
		{MODERN "MCP-Protocol-Version: 2025-11-25\n" METHOD NAME, false},
		{"MCP-Protocol-Version: 2025-11-25\n" MODERN METHOD NAME, false},
		{"MCP-Protocol-Version: 2026-07-28, 2025-11-25\n" METHOD NAME, false},
		{"MCP-Protocol-Version: 2026-07-28,\n" METHOD NAME, false},
		{"MCP-Protocol-Version: 2026-07-28 2026-07-28\n" METHOD NAME, false},
		{MODERN METHOD "Mcp-Method: tools/list\n" NAME, false},
		{MODERN "Mcp-Method: tools/list, tools/call\n" NAME, false},
		{MODERN METHOD NAME "Mcp-Name: fail\n", false},
		{MODERN METHOD "Mcp-Name: echo, fail\n", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		bench_expect(CASES[i].headers,
			CALL("1", "echo", ",\"arguments\":{\"text\":\"x\"}," META),
			CASES[i].good ? 200 : 400,
			CASES[i].good
				? "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*"
				: "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32020,*");
}

static void copies_of_a_legacy_version_that_agree_count_as_one(void **state)
{
#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"
#define PONG "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"
	static const char *const SAME[] = {"MCP-Protocol-Version: 2025-11-25, 2025-11-25\n",
		"MCP-Protocol-Version: 2025-11-25\nMCP-Protocol-Version:2025-11-25 \n"};
	static const char *const OTHER[] = {"MCP-Protocol-Version: 2025-11-25, 2025-06-18\n",
		"MCP-Protocol-Version: 2025-11-25\nMCP-Protocol-Version: 2025-06-18\n",
		("MCP-Protocol-Version: 2025-06-18\n" MODERN)};

	for (size_t i = 0; i < COUNT_OF(SAME); i++) {
		bench_expect(SAME[i], PING, 200, PONG);
		bench_expect(SAME[i], NOTE, 202, "");
	}
	for (size_t i = 0; i < COUNT_OF(OTHER); i++) {
		bench_expect(OTHER[i], PING, 400, "{*");
		bench_expect(OTHER[i], NOTE, 400, "{*");
	}
	bench_expect(
		"MCP-Protocol-Version: 2025-03-26, 2025-03-26\n", "[" PING "]", 200, "[" PONG "]");
}

static void a_name_with_a_comma_in_it_is_no_list(void **state)
{
	bench_expect(MODERN "Mcp-Method: resources/read\nMcp-Name: file:///a,file:///a\n",
		REQUEST("1", "resources/read", "\"uri\":\"file:///a,file:///a\"," META), 404,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,*");
}

static void an_argument_no_header_can_say_is_the_schemas_to_refuse(void **state)
{
	bench_expect(CALL_HEADERS("region"), REGION_CALL("\"region\":[]"), 200, "{*");
	assert_non_null(strstr(bench.reply.body, "region must be a string."));
}

static void the_legacy_era_has_no_such_headers(void **state)
{
	bench_expect("Mcp-Param-Region: x\n",
		CALL("1", "region", ",\"arguments\":{\"region\":\"eu\"}"), 200, "{*");
	assert_int_equal(bench.calls, 1);
}

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define OTHER "00-11111111111111111111111111111111-2222222222222222-00"

static void the_trace_of_the_message_goes_before_the_headers(void **state)
{
	static const char PLAIN[] = CALL("1", "image", "");
	static const char TRACED[] = CALL(
		"1", "image", ",\"_meta\":{\"traceparent\":\"" TRACE "\"}");
	static const char BROKEN[] = CALL("1", "image", ",\"_meta\":{\"traceparent\":\"x\"}");

	bench_expect("", PLAIN, 200, "{*");
	assert_string_equal(bench.traceparent, "");
	bench_expect("traceparent: " OTHER " \n", PLAIN, 200, "{*");
	assert_string_equal(bench.traceparent, OTHER);
	bench_expect("traceparent: " OTHER "\ntraceparent: " TRACE "\n", PLAIN, 200, "{*");
	assert_string_equal(bench.traceparent, "");
	bench_expect("traceparent:" OTHER "\n", TRACED, 200, "{*");
	assert_string_equal(bench.traceparent, TRACE);
	bench_expect("traceparent:" OTHER "\n", BROKEN, 200, "{*");
	assert_string_equal(bench.traceparent, OTHER);
	bench_expect(NULL, TRACED, 200, "{*");
	assert_string_equal(bench.traceparent, TRACE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_travel_as_base64),
		cmocka_unit_test(an_incomplete_wrapping_is_plain_text),
		cmocka_unit_test(wrong_base64_is_no_value),
		TEST(a_header_repeats_its_argument),
		TEST(copies_of_a_field_that_agree_count_as_one),
		TEST(copies_of_a_legacy_version_that_agree_count_as_one),
		TEST(a_name_with_a_comma_in_it_is_no_list),
		TEST(an_argument_no_header_can_say_is_the_schemas_to_refuse),
		TEST(the_legacy_era_has_no_such_headers),
		TEST(the_trace_of_the_message_goes_before_the_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
