#include "mcp/mcp_server.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "stage/mcp_bench.h"

#define RESULT(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":"
#define ERROR(id, code) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ","
#define INITIALIZE(version) REQUEST("0", "initialize", "\"protocolVersion\":" version)
#define INITIALIZED(version)                                                                       \
	RESULT("0")                                                                                \
	"{\"protocolVersion\":\"" version "\",\"capabilities\":{\"tools\":{}},"                    \
	"\"serverInfo\":" SERVER_INFO ",\"instructions\":\"Try things.\"}}"
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}"
#define PONG(id) RESULT(id) "{}}"
#define NOTE "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"

static int64_t now_ms, tick_ms; /* what the clock says, and how far each look moves it on */

int64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void)
{
	return now_ms += tick_ms;
}

static int tear_down(void **state)
{
	tick_ms = 0;
	return bench_tear_down(state);
}

static void initialize_gives_the_version_asked_for_or_our_latest(void **state)
{
	bench_expect("", INITIALIZE("\"2024-11-05\""), 200, INITIALIZED("2024-11-05"));
	bench_expect("", INITIALIZE("\"2025-03-26\""), 200, INITIALIZED("2025-03-26"));
	bench_expect("", INITIALIZE("\"2025-06-18\""), 200, INITIALIZED("2025-06-18"));
	bench_expect("", INITIALIZE("\"2025-11-25\""), 200, INITIALIZED("2025-11-25"));
	bench_expect("", INITIALIZE("\"2026-07-28\""), 200, INITIALIZED("2025-11-25"));
	bench_expect("", INITIALIZE("\"1.0\""), 200, INITIALIZED("2025-11-25"));
	bench_expect(NULL, INITIALIZE("\"2025-06-18\""), 200, INITIALIZED("2025-06-18"));
	assert_string_equal(bench.reply.era, "legacy");
}

static void initialize_is_legacy_whatever_the_headers_say(void **state)
{
	bench_expect(MODERN, INITIALIZE("\"2025-06-18\""), 200, INITIALIZED("2025-06-18"));
	bench_expect("MCP-Protocol-Version: v9\nMcp-Method: tools/list\nMcp-Name: x\n",
		INITIALIZE("\"2025-06-18\""), 200, INITIALIZED("2025-06-18"));
}

static void initialize_needs_a_version(void **state)
{
	bench_expect("", INITIALIZE("7"), 200, ERROR("0", "-32602") "*");
	bench_expect("", INITIALIZE("null"), 200, ERROR("0", "-32602") "*");
	bench_expect("", "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\"}", 200,
		ERROR("0", "-32602") "*");
}

static void the_header_chooses_the_era_of_a_request_without_meta(void **state)
{
	static const char *const LEGACY[] = {"", "MCP-Protocol-Version: 2024-11-05\n",
		"MCP-Protocol-Version: 2025-03-26\n", "MCP-Protocol-Version: 2025-06-18\n",
		"MCP-Protocol-Version: 2025-11-25\n", "Mcp-Method: nope\nMcp-Name: nope\n"};
	static const char *const OTHERS[] = {MODERN, "MCP-Protocol-Version: 2027-01-01\n",
		"MCP-Protocol-Version: 2025-01-01\n", "MCP-Protocol-Version: x\n",
		"MCP-Protocol-Version: 2025-11-25\nMCP-Protocol-Version: 2025-06-18\n"};

	for (size_t i = 0; i < COUNT_OF(LEGACY); i++)
		bench_expect(LEGACY[i], PING("1"), 200, PONG("1"));
	for (size_t i = 0; i < COUNT_OF(OTHERS); i++)
		bench_expect(OTHERS[i], PING("1"), 400, ERROR("1", "-32602") "*");
	bench_expect("", REQUEST("1", "server/discover", ""), 200, ERROR("1", "-32601") "*");
}

static void notifications_and_responses_get_no_answer(void **state)
{
	static const char *const TEXTS[] = {NOTE,
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/anything\",\"params\":{" META "}}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
		"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"\"}}"};
	static const char *const HEADERS[] = {
		"", MODERN, "MCP-Protocol-Version: 2025-06-18\n", NULL};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		for (size_t j = 0; j < COUNT_OF(HEADERS); j++)
			bench_expect(HEADERS[j], TEXTS[i], 202, "");
	}
	assert_int_equal(bench.calls, 0);
}

static void a_notification_of_an_unknown_version_is_told_so(void **state)
{
	bench_expect("MCP-Protocol-Version: v9\n", NOTE, 400,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32022,\"message\":"
		"\"Unsupported protocol version\",\"data\":{\"supported\":[*");
	assert_non_null(strstr(bench.reply.body, "\"requested\":\"v9\"}}}"));
	bench_expect("MCP-Protocol-Version: \xff\xfe\n", NOTE, 400, "{*");
	assert_non_null(strstr(bench.reply.body, "\"requested\":\"\"}}}"));
}

static void lists_and_calls_have_nothing_of_the_modern_era(void **state)
{
	bench_expect("", "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}", 200,
		RESULT("2") "{\"tools\":[{\"name\":\"ask\",*");
	assert_null(strstr(bench.reply.body, "ttlMs"));
	assert_null(strstr(bench.reply.body, "_meta"));
	assert_null(strstr(bench.reply.body, "resultType"));
	bench_expect("", CALL("3", "echo", ",\"arguments\":{\"text\":\"hi\"}"), 200,
		RESULT("3") "{\"content\":[{\"type\":\"text\",\"text\":"
			    "\"{\\\"text\\\":\\\"hi\\\"}\"}],"
			    "\"structuredContent\":{\"text\":\"hi\"},\"isError\":false}}");
}

static void rest_is_given_the_same_list(void **state)
{
	size_t n;
	const char *list = mcp_tools_text(bench.server, &n);

	assert_int_equal(n, strlen(list));
	bench_send("", "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}", 46);
	assert_memory_equal(bench.reply.body + strlen(RESULT("2")), list, n);
}

static void what_is_unknown_or_malformed_is_an_error_with_status_200(void **state)
{
	static const char *const METHODS[] = {"logging/setLevel", "resources/list", "prompts/get",
		"completion/complete", "nope", ""};

	for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
		char text[256];

		snprintf(text, sizeof(text), REQUEST("1", "%s", ""), METHODS[i]);
		bench_expect("", text, 200,
			ERROR("1", "-32601") "\"message\":"
					     "\"Method not found\"}}");
	}
	bench_expect("", CALL("1", "nope", ""), 200,
		ERROR("1", "-32602") "\"message\":\"Unknown tool: nope\"}}");
	bench_expect("", REQUEST("1", "tools/call", ""), 200, ERROR("1", "-32602") "*");
	bench_expect("", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", 200,
		ERROR("1", "-32602") "*");
	bench_expect(
		"", REQUEST("1", "tools/list", "\"cursor\":\"x\""), 200, ERROR("1", "-32602") "*");
}

static void a_batch_is_answered_by_a_batch(void **state)
{
	bench_expect("", "[" PING("1") "," NOTE " , " PING("\"b\"") "]", 200,
		"[" PONG("1") "," PONG("\"b\"") "]");
	assert_string_equal(bench.reply.method, "batch");
	bench_expect(
		"MCP-Protocol-Version: 2025-03-26\n", " [" PING("1") "] ", 200, "[" PONG("1") "]");
	bench_expect(NULL, "[" PING("1") "]", 200, "[" PONG("1") "]");
	bench_expect(NULL, "[" REQUEST("1", "server/discover", "") "]", 200,
		"[" ERROR("1", "-32601") "*");
	bench_expect("", "[" NOTE "," NOTE "]", 202, "");
	bench_expect("", "[" CALL("1", "echo", ",\"arguments\":{\"text\":\"hi\"}") "]", 200,
		"[" RESULT("1") "{\"content\":*");
	assert_string_equal(bench.reply.tool, "echo");
}

static void each_message_of_a_batch_can_be_wrong_by_itself(void **state)
{
	bench_expect("",
		"[7,{},[]," PING("null") "," INITIALIZE("\"2025-03-26\"") "," PING("9") "]", 200,
		"[{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,*");
	assert_non_null(strstr(bench.reply.body, ERROR("0", "-32600")));
	assert_non_null(strstr(bench.reply.body, PONG("9") "]"));
	assert_int_equal(bench.reply.code, -32600);
}

static void a_batch_may_come_behind_a_byte_order_mark(void **state)
{
	bench_expect("", "\xef\xbb\xbf[" PING("1") "]", 200, "[" PONG("1") "]");
}

static void a_batch_outside_its_version_is_refused(void **state)
{
	static const char *const HEADERS[] = {"MCP-Protocol-Version: 2025-06-18\n",
		"MCP-Protocol-Version: 2024-11-05\n", "MCP-Protocol-Version: 2025-11-25\n", MODERN,
		"MCP-Protocol-Version: v9\n",
		("MCP-Protocol-Version: 2025-03-26\n"
		 "MCP-Protocol-Version: 2025-06-18\n")};

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++)
		bench_expect(HEADERS[i], "[" PING("1") "]", 400,
			"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,*");
	bench_expect("", "[]", 400, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,*");
	bench_expect("", "[" PING("1") "," REQUEST("2", "tools/list", META) "]", 400,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,*");
}

static void a_batch_holds_at_most_32_messages(void **state)
{
	struct buf text;

	buf_init(&text);
	for (int i = 0; i < MCP_BATCH_MAX; i++)
		buf_adds(&text, i ? "," PING("1") : "[" PING("1"));
	buf_adds(&text, "]");
	bench_expect("", buf_text(&text), 200, "[*");
	text.len--;
	buf_adds(&text, "," PING("1") "]");
	bench_expect("", buf_text(&text), 400, "{*");
	buf_done(&text);
}

static void what_a_batch_does_not_come_to_in_its_time_is_not_run(void **state)
{
	tick_ms = MCP_BATCH_MS / 2; /* the first message at 30 s, the second at 60 */
	bench_expect("",
		"[" CALL("1", "echo", ",\"arguments\":{\"text\":\"hi\"}") "," CALL(
			"2", "echo", ",\"arguments\":{\"text\":\"hi\"}") "," NOTE "," PING("3") "]",
		200, "[" RESULT("1") "{\"content\":*");
	assert_int_equal(bench.calls, 1);
	assert_non_null(strstr(bench.reply.body, "," ERROR("2", "-32603")));
	assert_non_null(strstr(bench.reply.body, "," ERROR("3", "-32603")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(initialize_gives_the_version_asked_for_or_our_latest),
		TEST(initialize_is_legacy_whatever_the_headers_say),
		TEST(initialize_needs_a_version),
		TEST(the_header_chooses_the_era_of_a_request_without_meta),
		TEST(notifications_and_responses_get_no_answer),
		TEST(a_notification_of_an_unknown_version_is_told_so),
		TEST(lists_and_calls_have_nothing_of_the_modern_era),
		TEST(rest_is_given_the_same_list),
		TEST(what_is_unknown_or_malformed_is_an_error_with_status_200),
		TEST(a_batch_is_answered_by_a_batch),
		TEST(each_message_of_a_batch_can_be_wrong_by_itself),
		TEST(a_batch_may_come_behind_a_byte_order_mark),
		TEST(a_batch_outside_its_version_is_refused),
		TEST(a_batch_holds_at_most_32_messages),
		TEST(what_a_batch_does_not_come_to_in_its_time_is_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
