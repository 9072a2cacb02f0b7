#include "mcp/stdio.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp/jobs.h"
#include "stage/mcp_bench.h"
#include "stage/session.h"

#define WAIT_CALL(id) CALL(id, "wait", "") "\n"
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}\n"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"
#define DONE(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[],\"isError\":false}}"
#define CANCEL(id)                                                                                 \
	"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"                                         \
	"cancelled\",\"params\":{\"requestId\":" id "}}\n"

static void a_line_in_is_a_line_out(void **state)
{
	session_start();
	session_say(PING("1") "\n \t\n\r\n" PING("2"));
	session_expect(PONG("1"));
	session_expect(PONG("2"));
	session_say("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\r\n");
	session_expect(PONG("3"));
	session_finish(0);
}

static void a_line_may_come_in_pieces(void **state)
{
	static const char TEXT[] = PING("\"a\"") PING("2");

	session_start();
	for (size_t i = 0; i < sizeof(TEXT) - 1; i++)
		session_say_n(TEXT + i, 1);
	session_expect(PONG("\"a\""));
	session_expect(PONG("2"));
	session_finish(0);
}

static void notifications_and_responses_get_no_line(void **state)
{
	session_start();
	session_say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
		    "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n" PING("1"));
	session_expect(PONG("1"));
	session_finish(0);
}

static void a_bad_line_is_told_and_passed_over(void **state)
{
	session_start();
	session_say("{nope\n" PING("1"));
	session_expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":"
		       "\"The text is not JSON.\"}}");
	session_expect(PONG("1"));
	session_say_n("a\0b\n", 4);
	session_expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":"
		       "\"The JSON holds a NUL byte.\"}}");
	session_finish(0);
}

static void a_line_too_long_is_skipped_to_its_end(void **state)
{
	char text[5000];

	session.options.line_max = 100;
	session_start();
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 100; i++)
		session_say_n(text, sizeof(text));
	session_say("\n" PING("1"));
	session_expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
		       "\"A message must have at most 100 bytes.\"}}");
	session_expect(PONG("1"));
	session_say_n(text, 101);
	session_say("\n");
	session_expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
		       "\"A message must have at most 100 bytes.\"}}");
	memset(text, ' ', 100);
	memcpy(text, PING("2"), strlen(PING("2")) - 1);
	text[100] = '\n';
	session_say_n(text, 101);
	session_expect(PONG("2"));
	session_finish(0);
}

static void calls_run_beside_each_other_and_others_pass_them(void **state)
{
	session_start();
	session_say(WAIT_CALL("1") WAIT_CALL("2"));
	session_await_begun(2);
	session_say(PING("3"));
	session_expect(PONG("3"));
	session_go(1);
	assert_non_null(session_hear());
	session_go(1);
	assert_non_null(session_hear());
	session_finish(0);
}

static void more_calls_than_threads_wait_their_turn(void **state)
{
	bool seen[60] = {false};

	session_start();
	for (int i = 0; i < 60; i++) {
		char text[256];

		snprintf(text, sizeof(text), CALL("%d", "wait", "") "\n", i);
		session_say(text);
	}
	session_say(PING("\"last\""));
	session_await_begun(2);
	session_go(60);
	for (int i = 0; i < 61; i++) {
		const char *line = session_hear();
		int id;

		if (sscanf(line, "{\"jsonrpc\":\"2.0\",\"id\":%d,", &id) == 1)
			seen[id] = true;
		else
			assert_string_equal(line, PONG("\"last\""));
	}
	for (int i = 0; i < 60; i++)
		assert_true(seen[i]);
	session_finish(0);
}

static void a_cancelled_call_is_not_answered(void **state)
{
	session_start();
	session_say(WAIT_CALL("\"a\"") WAIT_CALL("2"));
	session_await_begun(2);
	session_say(CANCEL("\"\\u0061\"") CANCEL("77") PING("3"));
	session_expect(PONG("3"));
	session_go(2);
	session_expect(DONE("2"));
	session_finish(0);
}

static void a_refused_message_cancels_nothing(void **state)
{
	session.options.drain_ms = 60000;
	session_start();
	session_say(WAIT_CALL("1"));
	session_await_begun(1);
	session_say(CANCEL("1,\"requestId\":2"));
	assert_non_null(strstr(session_hear(), "\"code\":-32600"));
	close(session.to_fd);
	session_go(1);
	session_expect(DONE("1"));
	session_finished(0);
}

static void a_call_cancelled_before_its_turn_is_not_run(void **state)
{
	session_start();
	for (int i = 0; i < JOBS_THREADS; i++)
		session_say(WAIT_CALL("1"));
	session_await_begun(JOBS_THREADS);
	session_say(WAIT_CALL("2") CANCEL("2") PING("\"read\""));
	session_expect(PONG("\"read\""));
	session_go(JOBS_THREADS);
	for (int i = 0; i < JOBS_THREADS; i++)
		session_expect(DONE("1"));
	session_say(WAIT_CALL("3"));
	session_await_begun(1); /* 3, for 2 did not begin */
	session_go(1);
	session_expect(DONE("3"));
	session_finish(0);
	assert_int_equal(sem_trywait(&session.begun), -1);
}

static void a_batch_is_answered_in_one_line(void **state)
{
	session_start();
	session_say(
		"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}," CALL("2", "wait", "") "]\n");
	session_await_begun(1);
	session_go(1);
	session_expect("[" PONG("1") "," DONE("2") "]");
	session_say("[]\n");
	assert_non_null(strstr(session_hear(), "\"code\":-32600"));
	session_finish(0);
}

static void the_end_of_input_waits_for_every_call_taken(void **state)
{
	bool seen[20] = {false};

	session.options.drain_ms = 60000;
	session_start();
	for (int i = 0; i < 20; i++) {
		char text[256];

		snprintf(text, sizeof(text), CALL("%d", "wait", "") "\n", i);
		session_say(text);
	}
	close(session.to_fd);
	session_await_begun(2);
	for (int i = 0; i < 20; i++) {
		int id = -1;

		session_go(1);
		assert_int_equal(sscanf(session_hear(), "{\"jsonrpc\":\"2.0\",\"id\":%d,", &id), 1);
		seen[id] = true;
	}
	for (int i = 0; i < 20; i++)
		assert_true(seen[i]);
	session_finished(0);
	assert_int_equal(session.cancels, 0);
}

static void a_cancelled_call_is_not_one_that_was_dropped(void **state)
{
	session_start();
	session_say(WAIT_CALL("1"));
	session_await_begun(1);
	session_say(CANCEL("1") PING("2"));
	session_expect(PONG("2"));
	session_finish(0);
}

static void a_reader_that_is_gone_is_not_waited_for(void **state)
{
	session.options.drain_ms = 60000;
	session_start();
	session_say(WAIT_CALL("1"));
	session_await_begun(1);
	close(session.to_fd);
	close(session.from_fd);
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, -1);
	assert_int_equal(session.cancels, 1);
	session.from_fd = -1;
}

static void calls_that_do_not_end_in_their_time_are_dropped_and_told(void **state)
{
	int64_t end_ms;

	session.options.drain_ms = 30;
	session_start();
	session_say(WAIT_CALL("1"));
	session_await_begun(1);
	end_ms = clock_mono_ms();
	session_finish(-1);
	assert_int_equal(session.cancels, 1);
	assert_true(session.cancelled_ms - end_ms >= 30);
}

static void a_last_line_without_an_end_is_answered(void **state)
{
	session_start();
	session_say(PING("1") "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}");
	close(session.to_fd);
	session_expect(PONG("1"));
	session_expect(PONG("2"));
	session_finished(0);
}

static void a_last_call_without_an_end_is_answered(void **state)
{
	session.options.drain_ms = 60000;
	session_start();
	session_say(CALL("1", "wait", ""));
	close(session.to_fd);
	session_await_begun(1);
	session_go(1);
	session_expect(DONE("1"));
	session_finished(0);
}

static void a_byte_order_mark_before_the_first_message_is_skipped(void **state)
{
	session_start();
	session_say("\xef\xbb\xbf" PING("1"));
	session_expect(PONG("1"));
	session_finish(0);
}

static void a_signal_ends_it_at_once(void **state)
{
	session.options.drain_ms = 60000;
	session_start();
	session_say(WAIT_CALL("1"));
	session_await_begun(1);
	assert_int_equal(write(session.wake_fds[1], "x", 1), 1);
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, -1);
	assert_int_equal(session.cancels, 1);
	assert_null(session_hear());
	close(session.to_fd);
}

static void a_client_that_does_not_read_cannot_hold_it(void **state)
{
	session_start();
	session_say(CALL("1", "wait", ",\"arguments\":{\"bytes\":1000000}") "\n" WAIT_CALL("2"));
	session_await_begun(1);
	assert_int_equal(
		read(session.from_fd, session.held, 1), 1); /* it is writing, and cannot end */
	assert_int_equal(write(session.wake_fds[1], "x", 1), 1);
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, -1);
	close(session.to_fd);
}

static void a_client_that_is_gone_ends_it(void **state)
{
	session_start();
	close(session.from_fd);
	session_say(PING("1"));
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, -1);
	session.from_fd = -1;
	close(session.to_fd);
}

static void a_long_answer_arrives_whole_in_small_pieces(void **state)
{
	size_t total = 0;
	char last = '\0';

	session_start();
	session_say(CALL("1", "wait", ",\"arguments\":{\"bytes\":300000}") "\n");
	while (last != '\n') {
		char piece[777];
		ssize_t n = read(session.from_fd, piece, sizeof(piece));

		assert_true(n > 0);
		total += (size_t)n;
		last = piece[n - 1];
	}
	assert_true(total > 600000); /* as text and as structure */
	session_finish(0);
}

static void pipes_that_do_not_block_are_waited_for(void **state)
{
	session_start();
	fcntl(session.in_fd, F_SETFL, O_NONBLOCK);
	fcntl(session.out_fd, F_SETFL, O_NONBLOCK);
	session_say(CALL("1", "wait", ",\"arguments\":{\"bytes\":20000}") "\n");
	assert_non_null(strstr(session_hear(), "isError\":false"));
	session_finish(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, session_set_up, session_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_in_is_a_line_out),
		TEST(a_line_may_come_in_pieces),
		TEST(notifications_and_responses_get_no_line),
		TEST(a_bad_line_is_told_and_passed_over),
		TEST(a_line_too_long_is_skipped_to_its_end),
		TEST(calls_run_beside_each_other_and_others_pass_them),
		TEST(more_calls_than_threads_wait_their_turn),
		TEST(a_cancelled_call_is_not_answered),
		TEST(a_refused_message_cancels_nothing),
		TEST(a_call_cancelled_before_its_turn_is_not_run),
		TEST(a_batch_is_answered_in_one_line),
		TEST(the_end_of_input_waits_for_every_call_taken),
		TEST(a_cancelled_call_is_not_one_that_was_dropped),
		TEST(a_reader_that_is_gone_is_not_waited_for),
		TEST(calls_that_do_not_end_in_their_time_are_dropped_and_told),
		TEST(a_last_line_without_an_end_is_answered),
		TEST(a_last_call_without_an_end_is_answered),
		TEST(a_byte_order_mark_before_the_first_message_is_skipped),
		TEST(a_signal_ends_it_at_once),
		TEST(a_client_that_does_not_read_cannot_hold_it),
		TEST(a_client_that_is_gone_ends_it),
		TEST(a_long_answer_arrives_whole_in_small_pieces),
		TEST(pipes_that_do_not_block_are_waited_for),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
