/* Requests of every kind carried out, not the profile's alone. */
#include <stdio.h>
#include <string.h>

#include "graph/graph.h"
#include "stage/engine.h"

static const struct graph_request MESSAGES = {
	.method = "GET",
	.path = "/v1.0/me/messages",
	.query = "$top=2",
	.headers = {{"ConsistencyLevel", "eventual"}, {"Prefer", NULL}},
	.answer_max = 1024,
};

static const struct graph_request MARK_READ = {
	.method = "PATCH",
	.path = "/v1.0/me/messages/7",
	.body = "{\"isRead\":true}",
	.body_type = "application/json",
	.scope = "https://graph.microsoft.com/Mail.ReadWrite",
	.once = true,
	.answer_max = 1024,
};

/* The answer's JSON, or the error's code; the caller frees it.  *ret_err: all of it. */
static char *ask(const struct graph_request *request, struct err *ret_err)
{
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_errand errand = engine_errand(&caller);
	struct graph_answer answer;
	char *outcome;

	if (graph_send(&engine.graph, request, &errand, &answer, ret_err)) {
		outcome = xstrndup(answer.body.text ? answer.body.text : "", answer.body.len);
		graph_answer_done(&answer);
	} else {
		outcome = xstrdup(err_info(ret_err->code)->slug);
	}
	secret_done(&caller.token);
	return outcome;
}

static void assert_gets(const struct graph_request *request, const char *expected)
{
	autoerr(err);
	autofree char *outcome = ask(request, &err);

	assert_string_equal(outcome, expected);
}

static void assert_scope(int call, const char *expected)
{
	autofree char *scope = upstream_field(call, "scope");

	assert_string_equal(scope, expected);
}

static void a_request_goes_out_as_it_is_described(void **state)
{
	const struct upstream_call *sent = &upstream.calls[1];

	engine_will_grant("g1");
	upstream_answers(200, "", "{\"value\":[]}");
	assert_gets(&MESSAGES, "{\"value\":[]}");
	assert_string_equal(sent->method, "GET");
	assert_string_equal(sent->url, "https://graph.microsoft.com/v1.0/me/messages?$top=2");
	assert_non_null(strstr(sent->headers, "ConsistencyLevel: eventual\n"));
	assert_null(strstr(sent->headers, "Prefer"));
	assert_null(sent->body);
	assert_false(sent->once);
	engine_will_grant("g2");
	upstream_answers(200, "", "{}");
	assert_gets(&MARK_READ, "{}");
	sent = &upstream.calls[3];
	assert_string_equal(sent->method, "PATCH");
	assert_string_equal(sent->url, "https://graph.microsoft.com/v1.0/me/messages/7");
	assert_string_equal(sent->body, MARK_READ.body);
	assert_true(sent->once);
}

static void the_token_is_got_for_the_scope_of_the_request_or_else_of_the_settings(void **state)
{
	for (int i = 0; i < 2; i++) { /* the second time each has its own token at hand */
		if (i == 0)
			engine_will_grant("g1");
		upstream_answers(200, "", "{}");
		assert_gets(&MESSAGES, "{}");
		if (i == 0)
			engine_will_grant("g2");
		upstream_answers(200, "", "{}");
		assert_gets(&MARK_READ, "{}");
	}
	assert_true(upstream_is_done());
	assert_scope(0, "https://graph.microsoft.com/User.Read");
	assert_scope(2, "https://graph.microsoft.com/Mail.ReadWrite");
	assert_non_null(strstr(upstream.calls[4].headers, "Bearer g1\n"));
	assert_non_null(strstr(upstream.calls[5].headers, "Bearer g2\n"));
}

static void a_token_is_renewed_for_the_scope_it_was_got_for(void **state)
{
	upstream_answers(
		200, "", "{\"access_token\":\"g1\",\"expires_in\":3000,\"refresh_in\":1000}");
	upstream_answers(204, "", "");
	assert_gets(&MARK_READ, "");
	upstream_answers(204, "", "");
	upstream_answers(204, "", ""); /* one of the two is the renewal's, which cannot use it */
	upstream.now_s = NOW_S + 1101;
	assert_gets(&MARK_READ, "");
	obo_done(&engine.obo); /* lets the renewal end */
	obo_init(&engine.obo, &engine.entra, engine.obo.cache);
	assert_true(upstream_is_done());
	assert_scope(strstr(upstream.calls[2].url, "/token") ? 2 : 3, MARK_READ.scope);
}

static void a_refused_token_is_dropped_for_its_scope_alone(void **state)
{
	engine_will_grant("g1");
	upstream_answers(200, "", "{}");
	assert_gets(&MESSAGES, "{}");
	engine_will_grant("g2");
	upstream_answers(401, "", "");
	engine_will_grant("g3");
	upstream_answers(204, "", ""); /* a write that was refused was not done */
	assert_gets(&MARK_READ, "");
	upstream_answers(200, "", "{}");
	assert_gets(&MESSAGES, "{}");
	assert_true(upstream_is_done());
}

static void what_may_have_been_done_is_not_sent_again(void **state)
{
	static const struct {
		int status;
		bool again;
	} CASES[] = {{429, true}, {503, false}, {504, false}};

	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autoerr(err);
		autofree char *outcome = NULL;

		upstream_answers(CASES[i].status, "", "");
		if (CASES[i].again)
			upstream_answers(200, "", "{}");
		outcome = ask(&MARK_READ, &err);
		check(upstream_is_done() && !strcmp(outcome, "{}") == CASES[i].again, "%d",
			CASES[i].status);
	}
}

static void every_success_counts_and_with_any_body(void **state)
{
	static const struct {
		int status;
		const char *body, *expected;
	} CASES[] = {{200, "[1]", "[1]"}, {200, "\"text\"", "\"text\""}, {201, "{}", "{}"},
		{202, "", ""}, {204, "", ""}, {304, "", "graph_error"}, {409, "", "graph_error"}};

	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_answers(CASES[i].status, "", CASES[i].body);
		assert_gets(&MESSAGES, CASES[i].expected);
	}
}

static void an_answer_longer_than_described_is_an_error(void **state)
{
	engine_will_grant("g1");
	upstream_answers_cut("{}");
	assert_gets(&MESSAGES, "graph_error");
	assert_int_equal(upstream.calls[1].body_max, 1024);
}

static void of_a_batch_the_part_described_decides(void **state)
{
	static const struct graph_request BATCH = {
		.method = "POST",
		.path = "/v1.0/$batch",
		.body = "{\"requests\":[]}",
		.body_type = "application/json",
		.answer_max = 1024,
		.part = "b",
	};
	static const char NONE[] = "{\"responses\":[{\"id\":\"a\",\"status\":200}]}";
	static const char REFUSED[] = "{\"responses\":[{\"id\":\"b\",\"status\":403}]}";
	static const char DONE[] = "{\"responses\":[{\"id\":\"b\",\"status\":204}]}";

	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_gets(&BATCH, "graph_error");
	upstream_answers(200, "", REFUSED);
	assert_gets(&BATCH, "graph_forbidden");
	upstream_answers(200, "", DONE);
	assert_gets(&BATCH, DONE);
}

static void a_refusal_is_told_in_the_requests_own_words(void **state)
{
	struct graph_request request = MESSAGES;
	autoerr(err);
	autofree char *bad = NULL, *absent = NULL;

	request.bad_request = "There is no such field.";
	request.not_found = "There is no such message.";
	engine_will_grant("g1");
	upstream_answers(400, "", "");
	bad = ask(&request, &err);
	assert_string_equal(bad, "bad_request");
	assert_string_equal(err_message(&err), request.bad_request);
	upstream_answers(404, "", "");
	absent = ask(&request, &err);
	assert_string_equal(absent, "not_found");
	assert_string_equal(err_message(&err), request.not_found);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_set_up, engine_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_goes_out_as_it_is_described),
		TEST(the_token_is_got_for_the_scope_of_the_request_or_else_of_the_settings),
		TEST(a_token_is_renewed_for_the_scope_it_was_got_for),
		TEST(a_refused_token_is_dropped_for_its_scope_alone),
		TEST(what_may_have_been_done_is_not_sent_again),
		TEST(every_success_counts_and_with_any_body),
		TEST(an_answer_longer_than_described_is_an_error),
		TEST(of_a_batch_the_part_described_decides),
		TEST(a_refusal_is_told_in_the_requests_own_words),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
