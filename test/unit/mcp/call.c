#include "mcp/mcp_server.h"

#include <stdio.h>
#include <string.h>

#include "stage/mcp_bench.h"

#define URL_CLIENT META_OF("\"2026-07-28\"", "{\"elicitation\":{\"url\":{}}}")
#define CONSENT "https://login.example/consent?client_id=x"

static void absent_arguments_are_none(void **state)
{
	bench_expect("", CALL("1", "image", ""), 200, "{*");
	assert_string_equal(bench.arguments, "{}");
}

/* A message of the legacy era, and one of the modern era with its headers, with that rest. */
static void expect_both(const char *method, const char *rest, const char *body)
{
	char text[768], headers[256];

	snprintf(text, sizeof(text),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s,\"_meta\":null}}",
		method, rest);
	bench_expect("", text, 200, body);
	snprintf(text, sizeof(text),
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s," META_OF(
			"\"2026-07-28\"",
			"{},\"io.modelcontextprotocol/logLevel\":null,\"traceparent\":null") "}}",
		method, rest);
	snprintf(headers, sizeof(headers), MODERN "Mcp-Method: %s\nMcp-Name: region\n", method);
	bench_expect(headers, text, 200, body);
}

static void a_member_that_is_null_is_absent(void **state)
{
	expect_both("tools/list", "\"cursor\":null", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	expect_both("tools/call", "\"name\":\"region\",\"arguments\":null",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	assert_int_equal(bench.calls, 2);
	expect_both("tools/call",
		"\"name\":\"region\",\"arguments\":{\"region\":null,\"limit\":null,\"dry\":null,"
		"\"where\":{\"zone\":null}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	assert_int_equal(bench.calls, 4);
	bench_expect("", /* no version is named: the legacy era */
		CALL("1", "image", "," META_OF("null", "null")), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":*");
}

static void a_required_argument_that_is_null_is_missing(void **state)
{
	static const char *const ARGUMENTS[] = {"null", "{}", "{\"text\":null}"};

	for (size_t i = 0; i < COUNT_OF(ARGUMENTS); i++) {
		char text[256];

		snprintf(text, sizeof(text), CALL("1", "echo", ",\"arguments\":%s"), ARGUMENTS[i]);
		bench_expect("", text, 200,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
			"\"text\":\"Missing required property text;*");
	}
	assert_int_equal(bench.calls, 0);
}

static void wrong_arguments_are_a_result_that_helps(void **state)
{
	bench_expect("", CALL("1", "echo", ""), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
		"\"text\":\"Missing required property text; for example \\\"hi\\\".\"},"
		"{\"type\":\"text\",\"text\":\"{\\\"error\\\":{\\\"code\\\":\\\"bad_request\\\","
		"\\\"status\\\":400,\\\"message\\\":\\\"Missing required property text; for "
		"example \\\\\\\"hi\\\\\\\".\\\",\\\"requestId\\\":\\\"r-1\\\"}}\"}],"
		"\"isError\":true}}");
	assert_int_equal(bench.calls, 0);
	assert_int_equal(bench.reply.err.code, ERR_BAD_REQUEST);
	assert_int_equal(bench.reply.code, 0);
	assert_string_equal(bench.reply.tool, "echo");
}

static void a_name_twice_anywhere_is_no_message(void **state)
{
	bench_expect("", CALL("1", "echo", ",\"arguments\":{\"text\":\"a\",\"text\":\"b\"}"), 400,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,*");
	assert_int_equal(bench.calls, 0);
}

static void printed_results_are_passed_on_as_they_are(void **state)
{
	bench_expect("", CALL("1", "raw", ""), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
		"\"text\":\"{\\\"big\\\":12345678901234567890}\"}],\"structuredContent\":"
		"{\"big\":12345678901234567890},\"isError\":false}}");
}

static void further_blocks_follow_the_text(void **state)
{
	bench_expect("", CALL("1", "noisy", ""), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
		"\"text\":\"{}\"},{\"type\":\"image\",\"data\":\"AA==\",\"mimeType\":\"image/"
		"png\"},"
		"{\"type\":\"text\",\"text\":\"x\"}],\"structuredContent\":{},\"isError\":false}}");
	bench_expect("", CALL("1", "image", ""), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"image\",*");
	assert_null(strstr(bench.reply.body, "structuredContent"));
}

static void a_missing_result_is_our_own_fault(void **state)
{
	bench_expect("", CALL("1", "broken", ""), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":"
		"\"Internal error\"}}");
	assert_int_equal(bench.reply.err.code, ERR_INTERNAL);
}

static void a_failure_is_a_result_and_no_http_error(void **state)
{
	static const enum err_code CODES[] = {ERR_BAD_REQUEST, ERR_APP_ONLY_TOKEN,
		ERR_CLIENT_NOT_ALLOWED, ERR_ACCESS_BLOCKED, ERR_GRAPH_FORBIDDEN, ERR_THROTTLED,
		ERR_INTERNAL, ERR_GRAPH_ERROR, ERR_NOT_CONFIGURED, ERR_UPSTREAM_TIMEOUT,
		ERR_CONSENT_REQUIRED};

	for (size_t i = 0; i < COUNT_OF(CODES); i++) {
		err_set(&bench.failure, CODES[i], "log only");
		bench_expect("", CALL("1", "fail", ""), 200,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[*");
		assert_non_null(strstr(bench.reply.body, "\"isError\":true}}"));
		check(strstr(bench.reply.body, err_info(CODES[i])->slug) != NULL, "%s",
			bench.reply.body);
		assert_null(strstr(bench.reply.body, "log only"));
		assert_int_equal(bench.reply.err.code, CODES[i]);
	}
}

static void a_failure_says_when_to_try_again(void **state)
{
	err_set(&bench.failure, ERR_THROTTLED, "429");
	bench.failure.retry_after_s = 30;
	bench_expect("", CALL("1", "fail", ""), 200, "{*");
	assert_non_null(strstr(bench.reply.body, " Try again in 30 seconds.\"}"));
	assert_non_null(strstr(bench.reply.body, "\\\"retryAfterSeconds\\\":30}}\"}"));
}

static void claims_are_told_where_there_is_no_challenge(void **state)
{
	err_set(&bench.failure, ERR_INSUFFICIENT_CLAIMS, "x");
	assert_true(err_ask_claims(&bench.failure, "e30="));
	bench_expect(NULL, CALL("1", "fail", ""), 200, "{*");
	assert_non_null(strstr(bench.reply.body, "\\\"claims\\\":\\\"e30=\\\"}}\"}"));
	bench_expect("", "[" CALL("1", "fail", "") "]", 200, "[*");
	assert_non_null(strstr(bench.reply.body, "\\\"claims\\\":\\\"e30=\\\"}}\"}"));
}

static void what_clients_sign_in_on_is_left_to_http(void **state)
{
	static const enum err_code CODES[] = {ERR_MISSING_TOKEN, ERR_INVALID_TOKEN,
		ERR_INTERACTION_REQUIRED, ERR_INSUFFICIENT_CLAIMS, ERR_INSUFFICIENT_SCOPE,
		ERR_INVALID_REQUEST};

	for (size_t i = 0; i < COUNT_OF(CODES); i++) {
		err_set(&bench.failure, CODES[i], "x");
		bench_send("", CALL("1", "fail", ""), strlen(CALL("1", "fail", "")));
		assert_true(bench.reply.refused);
		assert_null(bench.reply.body);
		assert_int_equal(bench.reply.err.code, CODES[i]);
		bench_expect(NULL, CALL("1", "fail", ""), 200, "{*");
		assert_non_null(strstr(bench.reply.body, "\"isError\":true}}"));
		assert_false(bench.reply.refused);
		bench_expect("", "[" CALL("1", "fail", "") "]", 200, "[*");
		assert_non_null(strstr(bench.reply.body, "\"isError\":true}}]"));
		assert_false(bench.reply.refused);
	}
}

static void fail_for_consent(void)
{
	err_say(&bench.failure, ERR_CONSENT_REQUIRED, "Consent is missing.");
	assert_true(err_ask_consent(&bench.failure, CONSENT));
}

static void a_client_that_can_is_sent_to_the_consent_page(void **state)
{
	fail_for_consent();
	bench_expect(CALL_HEADERS("fail"), CALL("1", "fail", "," URL_CLIENT), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\","
		"\"inputRequests\":{\"consent\":{\"method\":\"elicitation/create\",\"params\":{"
		"\"mode\":\"url\",\"message\":\"Consent is missing.\",\"url\":\"" CONSENT
		"\"}}}," RESULT_META "}}");
	assert_int_equal(bench.reply.err.code, ERR_CONSENT_REQUIRED);
	bench_expect(NULL, CALL("1", "fail", "," URL_CLIENT), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",*");
}

static void other_clients_read_where_to_consent(void **state)
{
	static const char *const CAPABILITIES[] = {"{}", "{\"elicitation\":{}}",
		"{\"elicitation\":{\"form\":{}}}", "{\"elicitation\":{\"url\":true}}"};

	fail_for_consent();
	for (size_t i = 0; i < COUNT_OF(CAPABILITIES); i++) {
		char text[512];

		snprintf(text, sizeof(text), CALL("1", "fail", "," META_OF("\"2026-07-28\"", "%s")),
			CAPABILITIES[i]);
		bench_expect(CALL_HEADERS("fail"), text, 200,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\","
			"\"content\":[{\"type\":\"text\",\"text\":\"Consent is missing. "
			"Consent is given at " CONSENT "; try again then.\"},*");
		assert_non_null(strstr(bench.reply.body, "\\\"consentUrl\\\":\\\"" CONSENT "\\\""));
	}
	bench_expect("", CALL("1", "fail", ""), 200, "{*");
	assert_non_null(strstr(bench.reply.body, "Consent is given at " CONSENT));
	bench_expect("", /* capabilities alone do not make a request modern */
		CALL("1", "fail",
			",\"_meta\":{\"io.modelcontextprotocol/clientCapabilities\":"
			"{\"elicitation\":{\"url\":{}}}}"),
		200, "{*");
	assert_non_null(strstr(bench.reply.body, "Consent is given at " CONSENT));
}

static void consent_is_asked_for_once(void **state)
{
	fail_for_consent();
	bench_expect(CALL_HEADERS("fail"),
		CALL("1", "fail",
			",\"inputResponses\":{\"consent\":{\"action\":\"decline\"}}," URL_CLIENT),
		200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",*");
	bench_expect(CALL_HEADERS("fail"),
		CALL("1", "fail", ",\"inputResponses\":{\"consent\":null}," URL_CLIENT), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",*");
	bench_expect(CALL_HEADERS("fail"),
		CALL("1", "fail", ",\"inputResponses\":{\"other\":{}}," URL_CLIENT), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",*");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(absent_arguments_are_none),
		TEST(a_member_that_is_null_is_absent),
		TEST(a_required_argument_that_is_null_is_missing),
		TEST(wrong_arguments_are_a_result_that_helps),
		TEST(a_name_twice_anywhere_is_no_message),
		TEST(printed_results_are_passed_on_as_they_are),
		TEST(further_blocks_follow_the_text),
		TEST(a_missing_result_is_our_own_fault),
		TEST(a_failure_is_a_result_and_no_http_error),
		TEST(a_failure_says_when_to_try_again),
		TEST(claims_are_told_where_there_is_no_challenge),
		TEST(what_clients_sign_in_on_is_left_to_http),
		TEST(a_client_that_can_is_sent_to_the_consent_page),
		TEST(other_clients_read_where_to_consent),
		TEST(consent_is_asked_for_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
