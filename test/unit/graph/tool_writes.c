/* A tool that writes: sent once, told as unknown where it may have been done, and in two requests
 * where its arguments ask for both. */
#include "running.h"

#define SEND_MAIL                                                                                  \
	"{\"name\":\"send_mail\",\"title\":\"t\",\"description\":\"d\","                           \
	"\"permissions\":[\"Mail.Send\"],\"writes\":{\"destructive\":false,\"idempotent\":false}," \
	"\"confirm\":\"Do it?\",\"unsure\":\"Look in sentitems.\","                                \
	"\"request\":{\"method\":\"POST\",\"path\":\"/me/sendMail\",\"body\":{\"a\":1}},"          \
	"\"result\":{\"say\":\"Sent.\"}}"
#define DRAFT                                                                                      \
	"{\"name\":\"draft\",\"title\":\"t\",\"description\":\"d\","                               \
	"\"permissions\":[\"Mail.ReadWrite\"],\"writes\":{\"destructive\":false,\"idempotent\":"   \
	"false},\"confirm\":\"Do it?\",\"unsure\":\"Look in "                                      \
	"drafts.\",\"request\":{\"method\":\"POST\",\"path\":"                                     \
	"\"/me/messages\"},\"result\":{\"pick\":{\"id\":\"id\"}}}"
#define UPDATE_MAIL                                                                                \
	"{\"name\":\"update_mail\",\"title\":\"t\",\"description\":\"d\","                         \
	"\"permissions\":[\"Mail.ReadWrite\"],\"writes\":{\"destructive\":true,\"idempotent\":"    \
	"true},\"confirm\":\"Do "                                                                  \
	"it?\",\"unsure\":\"Look.\",\"arguments\":{\"id\":{\"type\":\"string\"},\"read\":{"        \
	"\"type\":"                                                                                \
	"\"boolean\"},\"folder\":{\"type\":\"string\"}},\"required\":[\"id\"],\"notFound\":\"No."  \
	"\","                                                                                      \
	"\"request\":[{\"when\":\"read\",\"done\":\"It was "                                       \
	"marked.\",\"method\":\"PATCH\",\"path\":"                                                 \
	"\"/me/messages/{id}\",\"body\":{\"isRead\":\"{read}\"}},{\"when\":\"folder\",\"method\":" \
	"\"POST\",\"path\":\"/me/messages/{id}/"                                                   \
	"move\",\"headers\":{\"Prefer\":\"x=\\\"{folder}\\\"\"},"                                  \
	"\"body\":{\"destinationId\":\"{folder}\"}}],\"result\":{\"say\":\"Changed.\"}}"

static void assert_unsure(const char *sentence)
{
	assert_run("{}", "outcome_unknown");
	assert_string_equal(err_message(&err), sentence);
	assert_true(upstream_is_done());
}

static void what_may_have_been_written_is_told_in_the_tools_words_and_not_tried_again(void **state)
{
	static const int STATUSES[] = {500, 501, 502, 503, 504, 507, 520};

	use(SEND_MAIL);
	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		upstream_answers(STATUSES[i], "", "");
		assert_unsure("Look in sentitems.");
	}
	upstream_dies(ERR_UPSTREAM_UNAVAILABLE);
	assert_unsure("Look in sentitems.");
	upstream_dies(ERR_UPSTREAM_TIMEOUT);
	assert_unsure("Look in sentitems.");
}

static void what_surely_was_not_written_is_told_as_of_a_read(void **state)
{
	use(SEND_MAIL);
	engine_will_grant("g1");
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	assert_run("{}", "upstream_unavailable");
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_run("{}", "upstream_timeout");
	upstream_answers(403, "", "");
	assert_run("{}", "graph_forbidden");
	upstream_answers(409, "", "");
	assert_run("{}", "graph_error");
	upstream_answers(503, "Retry-After: 999\r\n", "");
	assert_run("{}", "upstream_unavailable");
	assert_int_equal(err.retry_after_s, 999);
	assert_true(upstream_is_done());
}

static void a_write_that_graph_has_not_taken_is_sent_again(void **state)
{
	use(SEND_MAIL);
	engine_will_grant("g1");
	upstream_answers(429, "", "");
	upstream_answers(503, "Retry-After: 1\r\n", "");
	upstream_answers(202, "", "");
	assert_run("{}", "{\"done\":\"Sent.\"}");
	upstream_answers(503, "Retry-After: 1\r\n", "");
	upstream_dies(ERR_UPSTREAM_UNAVAILABLE);
	assert_unsure("Look in sentitems.");
}

static void what_was_written_is_not_denied_though_its_answer_cannot_be_read(void **state)
{
	use(SEND_MAIL);
	engine_will_grant("g1");
	upstream_answers_cut("{");
	assert_run("{}", "{\"done\":\"Sent.\"}");
	use(DRAFT);
	upstream_answers(201, "", "{\"id\":\"7\"}");
	assert_run("{}", "{\"id\":\"7\"}");
	upstream_answers(201, "", "[]");
	assert_unsure("Look in drafts.");
	upstream_answers_cut("{\"id\":\"7\"}");
	assert_unsure("Look in drafts.");
}

static void of_several_requests_those_are_sent_that_the_arguments_ask_for_in_order(void **state)
{
	use(UPDATE_MAIL);
	engine_will_grant("g1");
	upstream_answers(200, "", "{}");
	assert_run("{\"id\":\"1\",\"read\":false}", "{\"done\":\"Changed.\"}");
	assert_string_equal(upstream.calls[1].url, GRAPH "/me/messages/1");
	assert_string_equal(upstream.calls[1].method, "PATCH");
	assert_string_equal(upstream.calls[1].body, "{\"isRead\":false}");
	upstream_answers(201, "", "{}");
	assert_run("{\"id\":\"1\",\"folder\":\"archive\"}", "{\"done\":\"Changed.\"}");
	assert_string_equal(upstream.calls[2].url, GRAPH "/me/messages/1/move");
	upstream_answers(200, "", "{}");
	upstream_answers(201, "", "{}");
	assert_run(
		"{\"id\":\"1\",\"folder\":\"archive\",\"read\":true}", "{\"done\":\"Changed.\"}");
	assert_string_equal(upstream.calls[3].method, "PATCH");
	assert_string_equal(upstream.calls[4].method, "POST");
	assert_true(upstream_is_done());
}

static void a_call_that_asks_for_nothing_is_refused_with_what_it_could_ask(void **state)
{
	use(UPDATE_MAIL);
	assert_run("{\"id\":\"1\"}", "bad_request");
	assert_string_equal(
		err_message(&err), "There is nothing to do; give at least one of: read, folder.");
	assert_int_equal(upstream.call_count, 0);
}

static void an_argument_that_the_last_request_does_not_take_stops_the_first(void **state)
{
	use(UPDATE_MAIL);
	assert_run("{\"id\":\"1\",\"read\":true,\"folder\":\"\u00e9\"}", "bad_request");
	assert_int_equal(upstream.call_count, 0);
}

static void where_a_later_request_fails_the_sentence_says_what_was_done(void **state)
{
	static const char BOTH[] = "{\"id\":\"1\",\"read\":true,\"folder\":\"f\"}";

	use(UPDATE_MAIL);
	engine_will_grant("g1");
	upstream_answers(404, "", "");
	assert_run(BOTH, "not_found");
	assert_string_equal(err_message(&err), "No.");
	upstream_answers(200, "", "{}");
	upstream_answers(404, "", "");
	assert_run(BOTH, "outcome_unknown");
	assert_string_equal(err_message(&err), "It was marked. Then: No.");
	upstream_answers(200, "", "{}");
	upstream_dies(ERR_UPSTREAM_TIMEOUT);
	assert_run(BOTH, "outcome_unknown");
	assert_string_equal(err_message(&err), "It was marked. Then: Look.");
	assert_true(upstream_is_done());
}

/* A 401 has clients sign in and call again, which would do the first part twice. */
static void after_a_part_was_done_no_code_invites_to_call_again(void **state)
{
	use(UPDATE_MAIL);
	engine_will_grant("g1");
	upstream_answers(200, "", "{}");
	upstream_answers(401, "", "");
	engine_will_grant("g2");
	upstream_answers(401, "", "");
	assert_run("{\"id\":\"1\",\"read\":true,\"folder\":\"f\"}", "outcome_unknown");
	assert_true(upstream_is_done());
}

static void a_write_says_that_it_is_done_whatever_the_answer_holds(void **state)
{
	use(SEND_MAIL);
	engine_will_grant("g1");
	upstream_answers(202, "", "");
	assert_run("{}", "{\"done\":\"Sent.\"}");
	assert_string_equal(upstream.calls[1].body, "{\"a\":1}");
	upstream_answers(204, "", "no JSON");
	assert_run("{}", "{\"done\":\"Sent.\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_may_have_been_written_is_told_in_the_tools_words_and_not_tried_again),
		TEST(what_surely_was_not_written_is_told_as_of_a_read),
		TEST(a_write_that_graph_has_not_taken_is_sent_again),
		TEST(what_was_written_is_not_denied_though_its_answer_cannot_be_read),
		TEST(of_several_requests_those_are_sent_that_the_arguments_ask_for_in_order),
		TEST(a_call_that_asks_for_nothing_is_refused_with_what_it_could_ask),
		TEST(an_argument_that_the_last_request_does_not_take_stops_the_first),
		TEST(where_a_later_request_fails_the_sentence_says_what_was_done),
		TEST(after_a_part_was_done_no_code_invites_to_call_again),
		TEST(a_write_says_that_it_is_done_whatever_the_answer_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
