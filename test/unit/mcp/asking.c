/* A tool of the legacy era over stdio that asks before it does something: the question goes out and
 * its answer comes in among the client's own messages. */
#include "mcp/asking.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "stage/mcp_bench.h"
#include "stage/session.h"

#define HELLO(capabilities)                                                                        \
	REQUEST("0", "initialize",                                                                 \
		"\"protocolVersion\":\"2025-11-25\",\"capabilities\":" capabilities)               \
	"\n"
#define ASK_CALL(id) CALL(id, "ask", "") "\n"
#define WAIT_CALL(id) CALL(id, "wait", "") "\n"
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}\n"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"
#define QUESTION(n)                                                                                \
	"{\"jsonrpc\":\"2.0\",\"id\":\"confirm-" n "\",\"method\":\"elicitation/create\","         \
	"\"params\":{\"mode\":\"form\",\"message\":\"Do it?\",\"requestedSchema\":{"               \
	"\"type\":\"object\",\"properties\":{\"confirm\":{\"type\":\"boolean\","                   \
	"\"title\":\"Yes, do this\"}},\"required\":[\"confirm\"]}}}"
#define ANSWER(n, result) "{\"jsonrpc\":\"2.0\",\"id\":\"confirm-" n "\",\"result\":" result "}\n"
#define AGREED "{\"action\":\"accept\",\"content\":{\"confirm\":true}}"
#define WITHDRAWN(n)                                                                               \
	"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":"   \
	"\"confirm-" n "\"}}"
#define DONE(id)                                                                                   \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[{\"type\":\"text\","          \
	"\"text\":\"{\\\"done\\\":\\\"yes\\\"}\"}],\"structuredContent\":{\"done\":\"yes\"},"      \
	"\"isError\":false}}"

static void start_with(const char *hello)
{
	session_start();
	session_say(hello);
	assert_non_null(strstr(session_hear(), "\"protocolVersion\":\"2025-11-25\""));
}

static void start(void)
{
	start_with(HELLO("{\"elicitation\":{}}"));
}

/* The call is answered with that error. */
static void expect_refused(const char *id, const char *code)
{
	const char *line = session_hear();
	char begins[64], holds[96];

	snprintf(begins, sizeof(begins), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{", id);
	snprintf(holds, sizeof(holds), "\\\"code\\\":\\\"%s\\\"", code);
	assert_non_null(line);
	check(!strncmp(line, begins, strlen(begins)) && strstr(line, holds), "%s", line);
}

static void the_person_is_asked_and_what_they_agree_to_is_done(void **state)
{
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say(ANSWER("1", AGREED));
	session_expect(DONE("1"));
	session_finish(0);
}

static void a_form_is_taken_by_who_names_it_or_names_no_mode(void **state)
{
	start_with(HELLO("{\"elicitation\":{\"form\":{},\"url\":{}}}"));
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say(HELLO("{\"elicitation\":{\"url\":{}}}") ASK_CALL("2"));
	assert_non_null(session_hear());
	expect_refused("2", "confirmation_required");
	session_say(HELLO("{}") ASK_CALL("3"));
	assert_non_null(session_hear());
	expect_refused("3", "confirmation_required");
	session_say(ANSWER("1", AGREED));
	session_expect(DONE("1"));
	session_finish(0);
}

static void a_client_that_never_said_what_it_can_is_not_asked(void **state)
{
	session_start();
	session_say(ASK_CALL("1"));
	expect_refused("1", "confirmation_required");
	session_finish(0);
}

static void what_is_declined_or_closed_is_not_done(void **state)
{
	static const char *const ANSWERS[] = {"{\"action\":\"decline\"}", "{\"action\":\"cancel\"}",
		"{\"action\":\"accept\"}",
		"{\"action\":\"accept\",\"content\":{\"confirm\":false}}"};

	start();
	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
		char text[256];

		session_say(ASK_CALL("1"));
		assert_non_null(strstr(session_hear(), "elicitation/create"));
		snprintf(text, sizeof(text), ANSWER("%zu", "%s"), i + 1, ANSWERS[i]);
		session_say(text);
		expect_refused("1", "declined");
	}
	session_finish(0);
}

static void an_error_or_nonsense_is_no_answer_and_nothing_is_done(void **state)
{
	static const char *const ANSWERS[] = {"\"error\":{\"code\":-32601,\"message\":\"m\"}",
		"\"result\":{\"action\":\"x\"}", "\"result\":7", "\"result\":null",
		"\"result\":{\"action\":\"decline\",\"action\":\"accept\"}"};

	start();
	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
		char text[256];

		session_say(ASK_CALL("1"));
		assert_non_null(strstr(session_hear(), "elicitation/create"));
		snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"id\":\"confirm-%zu\",%s}\n",
			i + 1, ANSWERS[i]);
		session_say(text);
		expect_refused("1", "confirmation_required");
	}
	session_finish(0);
}

static void each_of_two_questions_gets_its_own_answer_while_others_are_answered(void **state)
{
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say(ASK_CALL("2"));
	session_expect(QUESTION("2"));
	session_say(PING("3") WAIT_CALL("4"));
	session_expect(PONG("3"));
	session_await_begun(1);
	session_go(1);
	session_expect("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{\"content\":[],\"isError\":"
		       "false}}");
	session_say(ANSWER("2", "{\"action\":\"decline\"}"));
	expect_refused("2", "declined");
	session_say(ANSWER("1", AGREED));
	session_expect(DONE("1"));
	session_finish(0);
}

static void an_answer_to_no_question_is_passed_over(void **state)
{
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say(ANSWER("2", AGREED) "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" AGREED "}\n"
					"{\"jsonrpc\":\"2.0\",\"result\":" AGREED "}\n" PING("5"));
	session_expect(PONG("5"));
	session_say(ANSWER("1", "{\"action\":\"decline\"}") ANSWER("1", AGREED));
	expect_refused("1", "declined");
	session_finish(0);
}

static void threads_are_left_for_calls_that_ask_nothing(void **state)
{
	start();
	for (int i = 1; i <= JOBS_THREADS - JOBS_SPARE; i++) {
		session_say(ASK_CALL("1"));
		assert_non_null(strstr(session_hear(), "elicitation/create"));
	}
	session_say(ASK_CALL("2"));
	assert_non_null(strstr(session_hear(),
		"As many questions to the person are open as may be: this one was not put."));
	session_say(WAIT_CALL("3") WAIT_CALL("4"));
	session_await_begun(JOBS_SPARE);
	session_go(JOBS_SPARE);
	for (int i = 0; i < JOBS_SPARE; i++)
		assert_non_null(strstr(session_hear(), "\"isError\":false"));
	for (int i = 1; i <= JOBS_THREADS - JOBS_SPARE; i++) {
		char text[256];

		snprintf(text, sizeof(text), ANSWER("%d", AGREED), i);
		session_say(text);
		session_expect(DONE("1"));
	}
	session_finish(0);
}

static void a_cancelled_call_takes_its_question_back_and_is_not_answered(void **state)
{
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
		    "\"requestId\":1}}\n");
	session_expect(WITHDRAWN("1"));
	session_say(ANSWER("1", AGREED) PING("2"));
	session_expect(PONG("2"));
	session_finish(0);
}

/* A job that asks, and waits for the answer once it may; then asks again. */
static sem_t asked, may_wait;
static char *heard;
static bool asks, asks_again;

static void ask_and_wait(void *context, struct job *job)
{
	char id[JOBS_QUESTION_SIZE];

	asks = jobs_begin_question(context, job, id);
	sem_post(&asked);
	sem_wait(&may_wait);
	heard = jobs_await_answer(context, job, deadline_after(WHILE_MS));
	asks_again = jobs_begin_question(context, job, id);
	sem_post(&asked);
}

static void an_answer_to_a_call_that_is_cancelled_before_it_is_heard_does_not_count(void **state)
{
	static const char TEXT[] = CALL("1", "ask", ""), YES[] = ANSWER("1", AGREED);
	struct jobs jobs = {.run = ask_and_wait,
		.context = &jobs,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	struct rpc_message rpc;

	sem_init(&asked, 0, 0);
	sem_init(&may_wait, 0, 0);
	assert_true(jobs_start(&jobs));
	assert_true(rpc_read(TEXT, sizeof(TEXT) - 1, &rpc));
	jobs_add(&jobs, &rpc, (struct json_span){TEXT, sizeof(TEXT) - 1});
	sem_wait(&asked);
	jobs_answer(&jobs, "\"confirm-1\"", (struct json_span){YES, sizeof(YES) - 1});
	jobs_cancel(&jobs, "1");
	sem_post(&may_wait);
	sem_wait(&asked);
	jobs_stop(&jobs);
	close(jobs.event_fd);
	assert_true(asks);
	assert_null(heard);
	assert_false(asks_again);
}

static void a_question_that_nobody_answers_in_time_is_taken_back_and_nothing_is_done(void **state)
{
	session.options.ask_ms = 0;
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_expect(WITHDRAWN("1"));
	expect_refused("1", "confirmation_required");
	session_finish(0);
}

static void the_end_of_input_ends_the_wait_for_an_answer(void **state)
{
	session.options.drain_ms = WHILE_MS;
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	close(session.to_fd);
	session_expect(WITHDRAWN("1"));
	expect_refused("1", "confirmation_required");
	session_finished(0);
}

static void an_answer_is_heard_that_is_the_last_thing_said(void **state)
{
	static const char LAST[] = ANSWER("1", AGREED);

	session.options.drain_ms = WHILE_MS;
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	session_say_n(LAST, sizeof(LAST) - 2); /* without an end of the line */
	close(session.to_fd);
	session_expect(DONE("1"));
	session_finished(0);
}

static void a_signal_ends_the_wait_for_an_answer(void **state)
{
	start();
	session_say(ASK_CALL("1"));
	session_expect(QUESTION("1"));
	assert_int_equal(write(session.wake_fds[1], "x", 1), 1);
	while (session_hear())
		;
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, -1);
	close(session.to_fd);
}

static void a_modern_call_is_answered_with_the_question_and_nobody_waits(void **state)
{
	start();
	session_say(CALL(
		"1", "ask", "," META_OF("\"2026-07-28\"", "{\"elicitation\":{\"form\":{}}}")) "\n");
	assert_non_null(strstr(session_hear(), "\"resultType\":\"input_required\""));
	session_say(CALL("2", "ask", "," META) "\n");
	expect_refused("2", "confirmation_required");
	session_finish(0);
}

static void nobody_is_asked_within_a_batch(void **state)
{
	start();
	session_say("[" CALL("1", "ask", "") "]\n");
	assert_non_null(strstr(session_hear(), "\\\"code\\\":\\\"confirmation_required\\\""));
	session_finish(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, session_set_up, session_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_person_is_asked_and_what_they_agree_to_is_done),
		TEST(a_form_is_taken_by_who_names_it_or_names_no_mode),
		TEST(a_client_that_never_said_what_it_can_is_not_asked),
		TEST(what_is_declined_or_closed_is_not_done),
		TEST(an_error_or_nonsense_is_no_answer_and_nothing_is_done),
		TEST(each_of_two_questions_gets_its_own_answer_while_others_are_answered),
		TEST(an_answer_to_no_question_is_passed_over),
		TEST(threads_are_left_for_calls_that_ask_nothing),
		TEST(a_cancelled_call_takes_its_question_back_and_is_not_answered),
		cmocka_unit_test(
			an_answer_to_a_call_that_is_cancelled_before_it_is_heard_does_not_count),
		TEST(a_question_that_nobody_answers_in_time_is_taken_back_and_nothing_is_done),
		TEST(the_end_of_input_ends_the_wait_for_an_answer),
		TEST(an_answer_is_heard_that_is_the_last_thing_said),
		TEST(a_signal_ends_the_wait_for_an_answer),
		TEST(a_modern_call_is_answered_with_the_question_and_nobody_waits),
		TEST(nobody_is_asked_within_a_batch),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
