/* The gateway asked for a profile, as a laptop without a credential does. */
#include "graph/gateway.h"

#include <string.h>

#include "graph/batch.h"
#include "stage/upstream.h"

#define URL "https://apim.example.com/tools/me"
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

#define ADA "{\"displayName\":\"Ada\",\"id\":\"" ADA_ID "\"}"

static struct config config;
static struct gateway gateway;
static struct err err;

static int set_up(void **state)
{
	upstream_reset();
	settings_load(&config, NULL, NULL);
	gateway = (struct gateway){.config = &config};
	return 0;
}

static int tear_down(void **state)
{
	config_done(&config);
	upstream_reset();
	return 0;
}

/* The profile, or the error's code.  The caller frees it. */
static char *me(const char *select, unsigned include)
{
	struct caller caller = {.kind = CALLER_USER,
		.object_id = (char *)ADA_ID,
		.token = {(char *)"user.token", 10}};
	struct profile_query query = {.select = select, .include = include};
	struct graph_errand errand = {.caller = &caller,
		.correlation_id = "corr-7",
		.deadline = deadline_after(25000),
		.trace = TRACE};
	struct buf profile;

	if (!gateway_me(&gateway, &query, &errand, &profile, &err))
		return xstrdup(err_info(err.code)->slug);
	assert_string_equal(errand.token_source, "gateway");
	return profile.data;
}

static void assert_me(const char *expected)
{
	autofree char *outcome = me(NULL, 0);

	assert_string_equal(outcome, expected);
}

static void the_gateway_is_asked_with_the_users_own_token(void **state)
{
	upstream_answers(200, "", ADA);
	assert_me(ADA);
	assert_string_equal(upstream.calls[0].url, URL);
	assert_null(upstream.calls[0].body);
	assert_non_null(strstr(upstream.calls[0].headers, "Authorization: Bearer user.token\n"));
	assert_non_null(strstr(upstream.calls[0].headers, "x-request-id: corr-7\n"));
	assert_non_null(strstr(upstream.calls[0].headers, "traceparent: " TRACE "\n"));
}

static void what_is_wanted_goes_into_the_query(void **state)
{
	static const struct {
		const char *select;
		unsigned include;
		const char *query;
	} CASES[] = {{"a,b", 0, "?$select=a,b,id"}, {NULL, GRAPH_INCLUDE_PHOTO, "?include=photo"},
		{NULL, GRAPH_INCLUDE_MANAGER, "?include=manager"},
		{"a", GRAPH_INCLUDE_PHOTO | GRAPH_INCLUDE_MANAGER,
			"?$select=a,id&include=photo,manager"}};

	for (int i = 0; i < (int)COUNT_OF(CASES); i++) {
		autofree char *outcome = NULL;

		upstream_answers(200, "", ADA);
		outcome = me(CASES[i].select, CASES[i].include);
		assert_string_equal(upstream.calls[i].url + strlen(URL), CASES[i].query);
	}
}

#define ERROR(code, more) "{\"error\":{\"code\":\"" code "\"" more "}}"

static void its_errors_are_passed_on_by_their_code(void **state)
{
	for (int code = ERR_NONE + 1; code < ERR__COUNT; code++) {
		const struct err_info *info = err_info((enum err_code)code);
		struct buf body;

		upstream_reset();
		buf_init(&body);
		buf_addf(&body, ERROR("%s", ""), info->slug);
		upstream_answers(info->status, "", buf_text(&body));
		assert_me(info->slug);
		assert_string_equal(err_message(&err), info->text);
		buf_done(&body);
	}
}

static void its_sentence_consent_page_and_waiting_time_come_along(void **state)
{
	upstream_answers(403, "Retry-After: 7\r\n",
		ERROR("consent_required",
			",\"message\":\"Ask.\",\"consentUrl\":\"https://login.example/c\","
			"\"requestId\":\"gw-1\""));
	assert_me("consent_required");
	assert_string_equal(err_message(&err), "Ask.");
	assert_string_equal(err_upstream(&err)->consent, "https://login.example/c");
	assert_string_equal(err_upstream(&err)->id, "gw-1");
	assert_int_equal(err.retry_after_s, 7);
}

static void its_throttle_says_when_to_come_back(void **state)
{
	upstream_answers(429, "Retry-After: 7\r\nRetry-After: 9\r\n", ERROR("throttled", ""));
	assert_me("throttled");
	assert_int_equal(err.retry_after_s, 9);
	upstream_answers(429, "", "<html>");
	assert_me("throttled");
	assert_int_equal(err.retry_after_s, 60);
}

static void text_with_control_characters_or_of_no_plain_address_is_left_out(void **state)
{
	upstream_answers(403, "",
		ERROR("consent_required",
			",\"message\":\"a\\u001b[2J\",\"consentUrl\":\"javascript:alert(1)\""));
	assert_me("consent_required");
	assert_string_equal(err_message(&err), err_info(ERR_CONSENT_REQUIRED)->text);
	assert_string_equal(err_upstream(&err)->consent, "");
	upstream_answers(403, "",
		ERROR("consent_required",
			",\"consentUrl\":\"https://login.example@evil.example/\""));
	assert_me("consent_required");
	assert_string_equal(err_upstream(&err)->consent, "");
}

static void an_answer_that_is_none_of_ours_is_told_by_its_status(void **state)
{
	static const struct {
		int status;
		const char *body, *code;
	} CASES[] = {{200, "", "graph_error"}, {200, "[]", "graph_error"},
		{200, "<html>", "graph_error"}, {401, "", "invalid_token"},
		{429, "<html>", "throttled"}, {500, "{}", "upstream_unavailable"},
		{502, ERROR("made_up", ""), "upstream_unavailable"},
		{503, "{\"error\":\"x\"}", "upstream_unavailable"}, {302, "", "graph_error"},
		{404, "{\"statusCode\":404}", "graph_error"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_answers(CASES[i].status, "", CASES[i].body);
		assert_me(CASES[i].code);
	}
	upstream_answers_cut(ADA);
	assert_me("graph_error");
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_me("upstream_timeout");
}

static struct graph_tool definition = {.name = (char *)"list_mail"};
static const struct enabled_tool LIST_MAIL = {.definition = &definition};

/* The result, or the error's code.  The caller frees it. */
static char *run_tool(const char *arguments)
{
	autofree_json cJSON *tree = NULL;
	struct caller caller = {.kind = CALLER_USER,
		.object_id = (char *)ADA_ID,
		.token = {(char *)"user.token", 10}};
	struct graph_errand errand = {
		.caller = &caller, .correlation_id = "corr-7", .deadline = deadline_after(25000)};
	struct graph_tool_call call = {.tool = &LIST_MAIL};
	struct buf result;

	assert_true(json_parse(arguments, strlen(arguments), &tree, &err));
	call.arguments = tree;
	if (!gateway_run_tool(&gateway, &call, &errand, &result, &err))
		return xstrdup(err_info(err.code)->slug);
	assert_string_equal(errand.token_source, "gateway");
	return result.data;
}

static void assert_result(const char *expected)
{
	autofree char *outcome = run_tool("{}");

	assert_string_equal(outcome, expected);
}

static void a_tool_is_run_by_the_gateway_with_the_arguments_and_the_users_own_token(void **state)
{
	autofree char *outcome = NULL;

	upstream_answers(200, "", " {\"mails\":[],\n \"n\":1.0} ");
	outcome = run_tool("{\"limit\":5, \"search\":\"\u00e9\"}");
	assert_string_equal(outcome, "{\"mails\":[],  \"n\":1.0}");
	assert_string_equal(
		upstream.calls[0].url, "https://apim.example.com/tools/tools/list_mail");
	assert_string_equal(upstream.calls[0].body, "{\"limit\":5,\"search\":\"\u00e9\"}");
	assert_non_null(strstr(upstream.calls[0].headers, "Authorization: Bearer user.token\n"));
	assert_false(upstream.calls[0].once);
}

static void a_tool_that_writes_is_asked_for_once(void **state)
{
	upstream_answers(200, "", "{\"done\":\"Sent.\"}");
	definition.writes = true;
	assert_result("{\"done\":\"Sent.\"}");
	definition.writes = false;
	assert_true(upstream.calls[0].once);
}

static void a_tools_answer_that_is_no_object_is_not_passed_on(void **state)
{
	static const char *const WRONG[] = {"", "[]", "7", "{", "{} {}", "<html>"};

	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		upstream_answers(200, "", WRONG[i]);
		assert_result("graph_error");
	}
	upstream_answers_cut("{}");
	assert_result("graph_error");
	upstream_answers(404, "", "{\"error\":{\"code\":\"not_found\"}}");
	assert_result("not_found");
	upstream_answers(400, "", "{\"error\":{\"code\":\"bad_request\",\"message\":\"m\"}}");
	assert_result("bad_request");
	assert_string_equal(err.message, "m");
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_result("upstream_timeout");
}

/* What the other instance, the gateway before it, or nobody said, and what becomes of it. */
static void a_write_that_may_have_been_done_there_is_told_so(void **state)
{
	static const struct {
		int status;
		const char *head, *code, *becomes;
	} CASES[] = {
		{400, "", "bad_request", "bad_request"},
		{401, "", "invalid_token", "invalid_token"},
		{429, "Retry-After: 5\r\n", "throttled", "throttled"},
		{502, "", "graph_error", "graph_error"},
		{500, "", "server_configuration", "server_configuration"},
		{503, "", "not_configured", "not_configured"},
		{503, "", "overloaded", "overloaded"},
		{503, "Retry-After: 5\r\n", "upstream_unavailable", "upstream_unavailable"},
		{502, "", "outcome_unknown", "outcome_unknown"},
		{503, "", "upstream_unavailable", "outcome_unknown"},
		{504, "", "upstream_timeout", "outcome_unknown"},
		{500, "", "internal_error", "outcome_unknown"},
		{500, "", "what is this", "outcome_unknown"},
		{404, "", "what is this", "graph_error"},
	};

	definition.writes = true;
	definition.unsure = (char *)"Look.";
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char body[160];
		bool theirs = i == 8, unsure = !strcmp(CASES[i].becomes, "outcome_unknown");

		snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\",\"message\":\"m\"}}",
			CASES[i].code);
		upstream_answers(CASES[i].status, CASES[i].head, body);
		assert_result(CASES[i].becomes);
		check(!strcmp(err.message, unsure && !theirs ? "Look." : "m"), "%s: %s",
			CASES[i].code, err.message);
	}
	upstream_answers(503, "Retry-After: 5\r\n", "<html>");
	assert_result("outcome_unknown");
	upstream_answers(200, "", "<html>");
	assert_result("outcome_unknown");
	upstream_answers_cut("{}");
	assert_result("outcome_unknown");
	upstream_dies(ERR_UPSTREAM_UNAVAILABLE);
	assert_result("outcome_unknown");
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	assert_result("upstream_unavailable");
	assert_true(upstream_is_done());
	definition.writes = false;
	definition.unsure = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_gateway_is_asked_with_the_users_own_token),
		TEST(what_is_wanted_goes_into_the_query),
		TEST(its_errors_are_passed_on_by_their_code),
		TEST(its_sentence_consent_page_and_waiting_time_come_along),
		TEST(its_throttle_says_when_to_come_back),
		TEST(text_with_control_characters_or_of_no_plain_address_is_left_out),
		TEST(an_answer_that_is_none_of_ours_is_told_by_its_status),
		TEST(a_tool_is_run_by_the_gateway_with_the_arguments_and_the_users_own_token),
		TEST(a_tool_that_writes_is_asked_for_once),
		TEST(a_tools_answer_that_is_no_object_is_not_passed_on),
		TEST(a_write_that_may_have_been_done_there_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
