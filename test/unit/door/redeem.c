/* The request for tokens as Entra sees it, and its answer as the client does. */
#include "door/redeem.h"

#include <stdio.h>
#include <string.h>

#include "stage/upstream.h"

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"
#define CORRELATION "00000000-0000-4000-8000-000000000007"
#define TOKENS                                                                                     \
	"{\"token_type\":\"Bearer\",\"scope\":\"api:\\/\\/x\",\"expires_in\":3599,"                \
	"\"access_token\":\"a.1\",\"refresh_token\":\"r.1\"}"

static struct config config;
static struct door *door;
static struct token_answer answer;

static int set_up(void **state)
{
	upstream_reset();
	settings_load(&config, "MCP_CLIENT_ID", DOOR);
	door = door_new(&config, NULL);
	return 0;
}

static int tear_down(void **state)
{
	token_answer_done(&answer);
	door_free(door);
	config_done(&config);
	upstream_reset();
	return 0;
}

/* ERR_NONE where there is an answer for the client. */
static enum err_code verdict(int *ret_wait_s)
{
	struct buf form;
	struct redeem_errand errand = {.form = &form,
		.correlation_id = CORRELATION,
		.trace = "",
		.deadline = deadline_after(25000)};
	autoerr(err);
	bool good;

	token_answer_done(&answer);
	buf_init(&form);
	buf_adds(&form, "code=c0de");
	good = redeem(door, &errand, &answer, &err);
	buf_done(&form);
	*ret_wait_s = err.retry_after_s;
	return good ? ERR_NONE : err.code;
}

static void assert_answer(int status, const char *body)
{
	int wait_s;

	assert_int_equal(verdict(&wait_s), ERR_NONE);
	assert_int_equal(answer.status, status);
	assert_string_equal(buf_text(&answer.body), body);
}

static void the_form_is_sent_once_within_both_deadlines(void **state)
{
	upstream_answers(200, "", TOKENS);
	assert_answer(200, TOKENS);
	assert_true(upstream_is_done());
	assert_string_equal(upstream.calls[0].url,
		"https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token");
	assert_string_equal(upstream.calls[0].body, "code=c0de");
	assert_true(upstream.calls[0].once);
	assert_true(upstream.calls[0].left_ms <= 8000 && upstream.calls[0].left_ms > 7000);
	assert_true(upstream.calls[0].body_max <= 65536);
	assert_string_equal(upstream.calls[0].headers,
		"client-request-id: " CORRELATION "\nreturn-client-request-id: true\n"
		"Accept: application/json\n");
}

static void an_id_token_is_left_out_and_all_else_stays_byte_for_byte(void **state)
{
	upstream_answers(200, "",
		"{\"id_token\":\"i.1\",\"access_token\":\"a.1\",\"ext\":{\"id_token\":1.50}}");
	assert_answer(200, "{\"access_token\":\"a.1\",\"ext\":{\"id_token\":1.50}}");
	upstream_answers(200, "", " {\"access_token\" : \"a.1\" , \"id\\u005ftoken\":\"i\"} ");
	assert_answer(200, "{\"access_token\":\"a.1\"}");
}

static void an_error_comes_back_with_its_status_and_is_noted_by_number_alone(void **state)
{
	upstream_answers(400, "",
		"{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS54005: used\","
		"\"error_codes\":[54005],\"trace_id\":\"11f3\"}");
	assert_answer(400,
		"{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS54005: used\","
		"\"error_codes\":[54005],\"trace_id\":\"11f3\"}");
	assert_int_equal(answer.number, 54005);
	assert_string_equal(answer.trace_id, "11f3");
	upstream_answers(401, "", "{\"error\":\"invalid_client\",\"error_codes\":[7000218]}");
	assert_answer(401, "{\"error\":\"invalid_client\",\"error_codes\":[7000218]}");
}

static void what_signing_in_anew_helps_against_is_invalid_grant(void **state)
{
	static const char *const WORDS[] = {
		"interaction_required", "login_required", "consent_required"};

	for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
		char body[128];

		snprintf(body, sizeof(body), "{\"error\":\"%s\",\"suberror\":\"%s\"}", WORDS[i],
			WORDS[i]);
		upstream_answers(400, "", body);
		snprintf(body, sizeof(body), "{\"error\":\"invalid_grant\",\"suberror\":\"%s\"}",
			WORDS[i]);
		assert_answer(400, body);
	}
}

static void entra_not_well_is_told_with_a_time_to_wait(void **state)
{
	int wait_s;

	upstream_answers(429, "Retry-After: 17\n", "{\"error\":\"temporarily_unavailable\"}");
	assert_int_equal(verdict(&wait_s), ERR_THROTTLED);
	assert_int_equal(wait_s, 17);
	upstream_answers(503, "Retry-After: 9\n", "<html>");
	assert_int_equal(verdict(&wait_s), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(wait_s, 9);
	upstream_answers(500, "", "{\"error\":\"server_error\"}");
	assert_int_equal(verdict(&wait_s), ERR_UPSTREAM_UNAVAILABLE);
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(verdict(&wait_s), ERR_UPSTREAM_TIMEOUT);
	assert_true(upstream_is_done());
}

static void what_is_no_answer_of_a_token_endpoint_is_not_passed_on(void **state)
{
	static const struct {
		int status;
		const char *body;
	} CASES[] = {{200, "<html>signed in</html>"}, {200, ""}, {200, "[]"}, {200, "{}"},
		{200, "{\"access_token\":\"\"}"}, {200, "{\"access_token\":7}"},
		{200, "{\"access_token\":\"a\"} x"}, {400, "<html>"}, {400, "{}"},
		{400, "{\"error\":{\"code\":\"x\"}}"}, {302, "{\"error\":\"x\"}"},
		{204, "{\"access_token\":\"a\"}"}, {404, "nothing"}};
	int wait_s;

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_answers(CASES[i].status, "", CASES[i].body);
		check(verdict(&wait_s) == ERR_UPSTREAM_UNAVAILABLE, "%d %s", CASES[i].status,
			CASES[i].body);
		assert_int_equal(answer.body.len, 0);
	}
	upstream_answers_cut(TOKENS);
	assert_int_equal(verdict(&wait_s), ERR_UPSTREAM_UNAVAILABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_form_is_sent_once_within_both_deadlines),
		TEST(an_id_token_is_left_out_and_all_else_stays_byte_for_byte),
		TEST(an_error_comes_back_with_its_status_and_is_noted_by_number_alone),
		TEST(what_signing_in_anew_helps_against_is_invalid_grant),
		TEST(entra_not_well_is_told_with_a_time_to_wait),
		TEST(what_is_no_answer_of_a_token_endpoint_is_not_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
