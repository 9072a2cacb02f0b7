#include "mcp/mcp_server.h"

#include <stdio.h>
#include <string.h>

#include "stage/mcp_bench.h"

#define ERROR(id, code, rest)                                                                      \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" rest

static void discover_tells_versions_and_what_there_is(void **state)
{
	bench_expect(DISCOVER_HEADERS, REQUEST("1", "server/discover", META), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\","
		"\"supportedVersions\":[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-"
		"26\","
		"\"2024-11-05\"],\"capabilities\":{\"tools\":{}},\"instructions\":\"Try things.\","
		"\"ttlMs\":3600000,\"cacheScope\":\"public\"," RESULT_META "}}");
	assert_string_equal(bench.reply.era, "modern");
	assert_string_equal(bench.reply.method, "server/discover");
}

static void the_list_is_sorted_and_may_be_kept(void **state)
{
	static const char *const NAMES[] = {
		"ask", "broken", "echo", "fail", "image", "noisy", "raw", "region", "sample"};
	autofree_json cJSON *answer = NULL;
	const cJSON *result, *tools;
	int64_t ttl = 0;

	bench_expect(LIST_HEADERS, REQUEST("2", "tools/list", META), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"resultType\":\"complete\",\"tools\":["
		"*");
	answer = cJSON_Parse(bench.reply.body);
	result = cJSON_GetObjectItem(answer, "result");
	tools = cJSON_GetObjectItem(result, "tools");
	assert_int_equal(cJSON_GetArraySize(tools), COUNT_OF(NAMES));
	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		assert_string_equal(
			json_string(cJSON_GetArrayItem(tools, (int)i), "name"), NAMES[i]);
	assert_true(json_integer(result, "ttlMs", &ttl) && ttl == 300000);
	assert_string_equal(json_string(result, "cacheScope"), "public");
	assert_non_null(cJSON_GetObjectItem(
		cJSON_GetObjectItem(result, "_meta"), "io.modelcontextprotocol/serverInfo"));
	assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(tools, 4), "outputSchema"));
}

static void a_call_gives_structure_and_the_same_as_text(void **state)
{
	bench_expect(CALL_HEADERS("echo"),
		CALL("\"a\"", "echo", ",\"arguments\":{\"text\":\"hi\"}," META), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{\"resultType\":\"complete\","
		"\"content\":[{\"type\":\"text\","
		"\"text\":\"{\\\"text\\\":\\\"hi\\\"}\"}],\"structuredContent\":{\"text\":\"hi\"},"
		"\"isError\":false," RESULT_META "}}");
	assert_string_equal(bench.arguments, "{\"text\":\"hi\"}");
	assert_string_equal(bench.reply.tool, "echo");
	assert_ptr_equal(bench.transport, &bench);
	assert_int_equal(bench.reply.err.code, ERR_NONE);
}

static void every_request_brings_version_and_capabilities(void **state)
{
	static const char *const PARAMS[] = {"\"x\":1", "\"_meta\":{}", "\"_meta\":7",
		"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}",
		"\"_meta\":{\"io.modelcontextprotocol/clientCapabilities\":{}}", META_OF("7", "{}"),
		META_OF("\"2026-07-28\"", "[]"), META_OF("\"2026-07-28\"", "null"),
		META_OF("null", "{}")};

	for (size_t i = 0; i < COUNT_OF(PARAMS); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/list\",\"params\":{%s}}",
			PARAMS[i]);
		bench_expect(LIST_HEADERS, text, 400, ERROR("6", "-32602", "*"));
		assert_int_equal(bench.reply.code, -32602);
	}
	bench_expect(LIST_HEADERS, "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"tools/list\"}", 400,
		ERROR("6", "-32602", "*"));
}

static void the_version_header_must_agree(void **state)
{
	static const char *const HEADERS[] = {"Mcp-Method: tools/list\n",
		"MCP-Protocol-Version: 2025-11-25\nMcp-Method: tools/list\n",
		"MCP-Protocol-Version:\nMcp-Method: tools/list\n",
		"MCP-Protocol-Version: 2026-07-28x\nMcp-Method: tools/list\n"};

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++)
		bench_expect(HEADERS[i], REQUEST("1", "tools/list", META), 400,
			ERROR("1", "-32020", "*"));
	bench_expect("mcp-protocol-VERSION: \t2026-07-28 \nMCP-METHOD:tools/list\n",
		REQUEST("1", "tools/list", META), 200, "{*");
}

static void a_version_nobody_has_is_told_which_there_are(void **state)
{
	bench_expect("MCP-Protocol-Version: v9\nMcp-Method: tools/list\n",
		REQUEST("1", "tools/list", META_OF("\"v9\"", "{}")), 400,
		ERROR("1", "-32022",
			"Unsupported protocol version\",\"data\":{\"supported\":["
			"\"2026-07-28\",\"2025-11-25\",\"2025-06-18\","
			"\"2025-03-26\",\"2024-11-05\"],\"requested\":\"v9\"}}}"));
	bench_expect("MCP-Protocol-Version: 2025-11-25\nMcp-Method: tools/list\n",
		REQUEST("1", "tools/list", META_OF("\"2025-11-25\"", "{}")), 400,
		ERROR("1", "-32022", "*"));
}

static void a_long_version_is_cut_between_characters(void **state)
{
	char text[1024], e[401] = "";

	for (int i = 0; i < 200; i++)
		strncat(e, "\xc3\xa9", 3);
	snprintf(text, sizeof(text), REQUEST("1", "ping", META_OF("\"x%s\"", "{}")), e);
	bench_send(NULL, text, strlen(text));
	assert_int_equal(bench.reply.code, -32022);
	e[62] = '\0';
	snprintf(text, sizeof(text), "\"requested\":\"x%s\"}}}", e);
	assert_string_equal(bench.reply.body + bench.reply.body_len - strlen(text), text);
}

static void the_method_header_must_agree(void **state)
{
	static const char *const HEADERS[] = {MODERN, MODERN "Mcp-Method: tools/call\n",
		MODERN "Mcp-Method: Tools/list\n", MODERN "Mcp-Method: tools/list/\n",
		MODERN "Mcp-Method: =?base64?dG9vbHMvbGlzdA==?=\n"};

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++)
		bench_expect(HEADERS[i], REQUEST("1", "tools/list", META), 400,
			ERROR("1", "-32020", "*"));
}

static void the_name_header_must_agree(void **state)
{
	static const char *const HEADERS[] = {MODERN "Mcp-Method: tools/call\n",
		CALL_HEADERS("Echo"), CALL_HEADERS(""), CALL_HEADERS("=?base64?ZWNobw=?="),
		CALL_HEADERS("=?base64?ZWN!bw==?="), CALL_HEADERS("=?base64?ZWNobw==")};
	static const char TEXT[] = CALL("1", "echo", ",\"arguments\":{\"text\":\"x\"}," META);

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++)
		bench_expect(HEADERS[i], TEXT, 400, ERROR("1", "-32020", "*"));
	assert_int_equal(bench.calls, 0);
	bench_expect(CALL_HEADERS("=?base64?ZWNobw==?="), TEXT, 200, "{*");
	assert_int_equal(bench.calls, 1);
}

static void prompts_and_resources_have_a_name_header_too(void **state)
{
	bench_expect(MODERN "Mcp-Method: prompts/get\n",
		REQUEST("1", "prompts/get", "\"name\":\"p\"," META), 400,
		ERROR("1", "-32020", "*"));
	bench_expect(MODERN "Mcp-Method: resources/read\nMcp-Name: file:///a\n",
		REQUEST("1", "resources/read", "\"uri\":\"file:///b\"," META), 400,
		ERROR("1", "-32020", "*"));
	bench_expect(MODERN "Mcp-Method: resources/read\nMcp-Name: file:///b\n",
		REQUEST("1", "resources/read", "\"uri\":\"file:///b\"," META), 404,
		ERROR("1", "-32601", "Method not found\"}}"));
}

static void methods_of_the_legacy_era_are_not_there(void **state)
{
	static const char *const METHODS[] = {"ping", "initialize", "logging/setLevel",
		"subscriptions/listen", "completion/complete", "resources/list", "prompts/list",
		"nope"};

	for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
		char text[512], headers[128];

		snprintf(text, sizeof(text), REQUEST("1", "%s", META), METHODS[i]);
		snprintf(headers, sizeof(headers), MODERN "Mcp-Method: %s\n", METHODS[i]);
		bench_expect(headers, text, 404, ERROR("1", "-32601", "*"));
	}
}

static void a_log_level_must_be_one(void **state)
{
#define LEVEL(value)                                                                               \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                   \
	"\"io.modelcontextprotocol/clientCapabilities\":{},"                                       \
	"\"io.modelcontextprotocol/logLevel\":" value "}"
	bench_expect(LIST_HEADERS, REQUEST("1", "tools/list", LEVEL("\"debug\"")), 200, "{*");
	bench_expect(LIST_HEADERS, REQUEST("1", "tools/list", LEVEL("\"loud\"")), 400,
		ERROR("1", "-32602", "*"));
	bench_expect(LIST_HEADERS, REQUEST("1", "tools/list", LEVEL("7")), 400,
		ERROR("1", "-32602", "*"));
	bench_expect(MODERN "Mcp-Method: nope\n", REQUEST("1", "nope", LEVEL("7")), 400,
		ERROR("1", "-32602", "*")); /* before the method is looked at */
}

static void a_needed_capability_must_be_declared(void **state)
{
	bench_expect(CALL_HEADERS("sample"), CALL("1", "sample", "," META), 400,
		ERROR("1", "-32021",
			"The tool needs a capability that the client did not declare\","
			"\"data\":{\"requiredCapabilities\":{\"sampling\":{}}}}}"));
	assert_int_equal(bench.calls, 0);
	bench_expect(CALL_HEADERS("sample"),
		CALL("1", "sample", "," META_OF("\"2026-07-28\"", "{\"sampling\":{}}")), 200, "{*");
}

static void unknown_tools_and_cursors_are_wrong_params(void **state)
{
	bench_expect(CALL_HEADERS("nope"), CALL("5", "nope", "," META), 200,
		ERROR("5", "-32602", "Unknown tool: nope\"}}"));
	bench_expect(CALL_HEADERS("=?base64?YQli?="), CALL("5", "a\\tb", "," META), 200,
		ERROR("5", "-32602", "Unknown tool\"}}"));
	bench_expect(CALL_HEADERS("x"), REQUEST("5", "tools/call", META), 200,
		ERROR("5", "-32602", "params.name must be a string\"}}"));
	bench_expect(CALL_HEADERS("echo"), CALL("5", "echo", ",\"arguments\":[]," META), 200,
		ERROR("5", "-32602", "params.arguments must be an object\"}}"));
	bench_expect(LIST_HEADERS, REQUEST("5", "tools/list", "\"cursor\":\"\"," META), 200,
		ERROR("5", "-32602", "Unknown cursor\"}}"));
	assert_int_equal(bench.calls, 0);
}

static void the_checks_have_an_order(void **state)
{
	/* each text is wrong in what its line says and in everything below it */
	bench_expect(
		"", REQUEST("1", "nope", META_OF("\"v9\"", "7")), 400, ERROR("1", "-32602", "*"));
	bench_expect(
		"", REQUEST("1", "nope", META_OF("\"v9\"", "{}")), 400, ERROR("1", "-32020", "*"));
	bench_expect("MCP-Protocol-Version: v9\n", REQUEST("1", "nope", META_OF("\"v9\"", "{}")),
		400, ERROR("1", "-32022", "*"));
	bench_expect(MODERN, CALL("1", "sample", "," LEVEL("7")), 400, ERROR("1", "-32020", "*"));
	bench_expect(CALL_HEADERS("sample"), CALL("1", "sample", "," LEVEL("7")), 400,
		ERROR("1", "-32021", "*"));
	bench_expect(CALL_HEADERS("region") "Mcp-Param-Region: x\n",
		CALL("1", "region", "," LEVEL("7")), 400, ERROR("1", "-32020", "*"));
	bench_expect(CALL_HEADERS("region"), CALL("1", "region", "," LEVEL("7")), 400,
		ERROR("1", "-32602", "*"));
}

static void on_stdio_no_headers_are_asked_for(void **state)
{
	bench_expect(NULL, REQUEST("1", "tools/list", META), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",*");
	bench_expect(
		NULL, CALL("1", "region", ",\"arguments\":{\"region\":\"x\"}," META), 200, "{*");
	bench_expect(NULL, REQUEST("1", "ping", META), 404, ERROR("1", "-32601", "*"));
	bench_expect(NULL, REQUEST("1", "server/discover", ""), 400, ERROR("1", "-32602", "*"));
	bench_expect(NULL, REQUEST("1", "server/discover", META_OF("\"v9\"", "{}")), 400,
		ERROR("1", "-32022", "*"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(discover_tells_versions_and_what_there_is),
		TEST(the_list_is_sorted_and_may_be_kept),
		TEST(a_call_gives_structure_and_the_same_as_text),
		TEST(every_request_brings_version_and_capabilities),
		TEST(the_version_header_must_agree),
		TEST(a_version_nobody_has_is_told_which_there_are),
		TEST(a_long_version_is_cut_between_characters),
		TEST(the_method_header_must_agree),
		TEST(the_name_header_must_agree),
		TEST(prompts_and_resources_have_a_name_header_too),
		TEST(methods_of_the_legacy_era_are_not_there),
		TEST(a_log_level_must_be_one),
		TEST(a_needed_capability_must_be_declared),
		TEST(unknown_tools_and_cursors_are_wrong_params),
		TEST(the_checks_have_an_order),
		TEST(on_stdio_no_headers_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
