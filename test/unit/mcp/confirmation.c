/* A tool that asks before it does something, in the answers of both eras where nobody waits. */
#include "mcp/mcp_server.h"

#include <stdio.h>
#include <string.h>

#include "stage/mcp_bench.h"

#define FORM_CLIENT META_OF("\"2026-07-28\"", "{\"elicitation\":{\"form\":{}}}")
#define BOTH_CLIENT META_OF("\"2026-07-28\"", "{\"elicitation\":{\"form\":{},\"url\":{}}}")
#define ASKED                                                                                      \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\","             \
	"\"inputRequests\":{\"confirm\":{\"method\":\"elicitation/create\",\"params\":{"           \
	"\"mode\":\"form\",\"message\":\"Do it?\",\"requestedSchema\":{\"type\":\"object\","       \
	"\"properties\":{\"confirm\":{\"type\":\"boolean\",\"title\":\"Yes, do this\"}},"          \
	"\"required\":[\"confirm\"]}}}},\"requestState\":\"s-1\"," RESULT_META "}}"
#define DONE                                                                                       \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"content\":["      \
	"{\"type\":\"text\",\"text\":\"{\\\"done\\\":\\\"yes\\\"}\"}],*"
#define REFUSED "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",*"

static void expect_answered(const char *answers, const char *state, const char *body)
{
	char text[768];

	snprintf(text, sizeof(text),
		CALL("1", "ask", ",\"inputResponses\":%s,\"requestState\":%s," FORM_CLIENT),
		answers, state);
	bench_expect(CALL_HEADERS("ask"), text, 200, body);
}

static void a_client_that_takes_forms_is_given_the_question_and_a_state(void **state)
{
	bench_expect(CALL_HEADERS("ask"), CALL("1", "ask", "," FORM_CLIENT), 200, ASKED);
	bench_expect(NULL, CALL("1", "ask", "," FORM_CLIENT), 200, ASKED);
	bench_expect(CALL_HEADERS("ask"),
		CALL("1", "ask", "," META_OF("\"2026-07-28\"", "{\"elicitation\":{}}")), 200,
		ASKED);
	assert_int_equal(bench.reply.err.code, ERR_NONE);
}

static void the_tool_runs_with_what_the_person_said_to_that_question(void **state)
{
	expect_answered("{\"confirm\":{\"action\":\"accept\",\"content\":{\"confirm\":true}}}",
		"\"s-1\"", DONE);
	assert_int_equal(bench.reply.err.code, ERR_NONE);
	expect_answered("{\"confirm\":{\"action\":\"decline\"}}", "\"s-1\"", REFUSED);
	assert_int_equal(bench.reply.err.code, ERR_DECLINED);
	expect_answered("{\"confirm\":{\"action\":\"cancel\"}}", "\"s-1\"", REFUSED);
	assert_int_equal(bench.reply.err.code, ERR_DECLINED);
}

static void an_accepted_form_without_the_box_ticked_agrees_to_nothing(void **state)
{
	static const char *const CONTENTS[] = {"{}", "{\"confirm\":false}",
		"{\"confirm\":\"true\"}", "{\"confirm\":1}", "null", "true"};

	for (size_t i = 0; i < COUNT_OF(CONTENTS); i++) {
		char answers[128];

		snprintf(answers, sizeof(answers),
			"{\"confirm\":{\"action\":\"accept\",\"content\":%s}}", CONTENTS[i]);
		expect_answered(answers, "\"s-1\"", REFUSED);
		assert_int_equal(bench.reply.err.code, ERR_DECLINED);
	}
}

static void what_is_no_answer_to_the_question_has_it_asked_again(void **state)
{
	static const char AGREED[] =
		"{\"confirm\":{\"action\":\"accept\",\"content\":{\"confirm\":true}}}";
	static const char *const ANSWERS[] = {"{}", "null", "[]", "7", "{\"confirm\":null}",
		"{\"confirm\":true}", "{\"confirm\":{\"action\":\"other\"}}",
		"{\"confirm\":{\"action\":1}}",
		"{\"other\":{\"action\":\"accept\",\"content\":{\"confirm\":true}}}"};
	static const char *const STATES[] = {"null", "\"\"", "\"s-2\"", "7", "{}"};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++)
		expect_answered(ANSWERS[i], "\"s-1\"", ASKED);
	for (size_t i = 0; i < COUNT_OF(STATES); i++)
		expect_answered(AGREED, STATES[i], ASKED);
}

static void a_client_that_cannot_be_asked_is_refused(void **state)
{
	static const char *const CAPABILITIES[] = {"{}", "{\"elicitation\":{\"url\":{}}}",
		"{\"elicitation\":true}", "{\"elicitation\":{\"form\":true}}", "{\"sampling\":{}}"};

	for (size_t i = 0; i < COUNT_OF(CAPABILITIES); i++) {
		char text[512];

		snprintf(text, sizeof(text), CALL("1", "ask", "," META_OF("\"2026-07-28\"", "%s")),
			CAPABILITIES[i]);
		bench_expect(CALL_HEADERS("ask"), text, 200, REFUSED);
		assert_int_equal(bench.reply.err.code, ERR_CONFIRMATION_REQUIRED);
	}
	bench_expect("", CALL("1", "ask", ""), 200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	assert_int_equal(bench.reply.err.code, ERR_CONFIRMATION_REQUIRED);
	bench_expect("", /* the legacy era has no state that could come back */
		CALL("1", "ask",
			",\"inputResponses\":{\"confirm\":{\"action\":\"accept\",\"content\":{"
			"\"confirm\":true}}},\"requestState\":\"s-1\""),
		200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	assert_int_equal(bench.reply.err.code, ERR_CONFIRMATION_REQUIRED);
}

static void nobody_is_asked_within_a_batch(void **state)
{
	bench_expect("", "[" CALL("1", "ask", "") "]", 200,
		"[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{*");
	assert_int_equal(bench.reply.err.code, ERR_CONFIRMATION_REQUIRED);
}

static void consent_is_not_asked_for_behind_a_confirmation(void **state)
{
	err_say(&bench.failure, ERR_CONSENT_REQUIRED, "Consent is missing.");
	err_ask_consent(&bench.failure, "https://login.example/consent");
	bench_expect(CALL_HEADERS("fail"), CALL("1", "fail", "," BOTH_CLIENT), 200,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",*");
	bench_expect(CALL_HEADERS("fail"),
		CALL("1", "fail",
			",\"inputResponses\":{\"confirm\":{\"action\":\"accept\"}}," BOTH_CLIENT),
		200, REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_that_takes_forms_is_given_the_question_and_a_state),
		TEST(the_tool_runs_with_what_the_person_said_to_that_question),
		TEST(an_accepted_form_without_the_box_ticked_agrees_to_nothing),
		TEST(what_is_no_answer_to_the_question_has_it_asked_again),
		TEST(a_client_that_cannot_be_asked_is_refused),
		TEST(nobody_is_asked_within_a_batch),
		TEST(consent_is_not_asked_for_behind_a_confirmation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
