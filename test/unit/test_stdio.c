#include "mcp/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mcp_bench.h"

#define WAIT_CALL(id) CALL(id, "wait", "") "\n"
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}\n"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"
#define DONE(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[],\"isError\":false}}"
#define CANCEL(id)                                                                                 \
	"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"                                         \
	"cancelled\",\"params\":{\"requestId\":" id "}}\n"

/* A session: the loop on a thread, and the client's ends of its pipes. */
static struct {
	struct mcp_server *server;
	struct mcp_stdio_options options;
	int in_fd, out_fd;  /* the loop's */
	int to_fd, from_fd; /* the client's */
	int wake_fds[2];
	pthread_t thread;
	int status;
	char held[1 << 16]; /* read from the loop */
	size_t held_len;
	sem_t begun, go; /* of the tool wait */
	_Atomic(int) cancels, answers, dropped;
} s;

static const struct tool WAIT = {.name = "wait",
	.title = "Wait",
	.description = "Waits until it may go on.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"bytes\":{\"type\":\"integer\"}},"
			"\"additionalProperties\":false}"};

static bool run_tool(
	void *context, const struct mcp_call *call, struct mcp_outcome *ret, struct err *err)
{
	int64_t bytes = 0;

	if (json_integer(call->arguments, "bytes", &bytes)) { /* answers at once, and much */
		autofree char *text = calloc(1, (size_t)bytes + 1);

		memset(text, 'x', (size_t)bytes);
		ret->result = cJSON_CreateObject();
		json_add(ret->result, "x", text);
		return true;
	}
	sem_post(&s.begun);
	while (sem_wait(&s.go))
		;
	return true;
}

static void note_cancel(void *context)
{
	s.cancels++;
	for (int i = 0; i < 64; i++)
		sem_post(&s.go);
}

static void note_done(void *context, const struct mcp_reply *reply, int64_t duration_ms)
{
	assert_true(duration_ms >= 0);
	s.answers++;
}

static void *loop_thread(void *context)
{
	s.status = mcp_stdio_run(s.server, s.in_fd, s.out_fd, &s.options);
	close(s.out_fd);
	return NULL;
}

static void start(void)
{
	static const struct tool *const TOOLS[] = {&WAIT};
	struct mcp_options options = {.name = "s",
		.title = "S",
		.version = "1",
		.instructions = "i",
		.tools = TOOLS,
		.tool_count = 1,
		.run = run_tool};
	int in[2], out[2];

	assert_int_equal(pipe(in) | pipe(out) | pipe(s.wake_fds), 0);
	s.in_fd = in[0];
	s.to_fd = in[1];
	s.out_fd = out[1];
	s.from_fd = out[0];
	s.server = mcp_new(&options);
	s.options.wake_fd = s.wake_fds[0];
	s.options.cancel = note_cancel;
	s.options.done = note_done;
	assert_int_equal(pthread_create(&s.thread, NULL, loop_thread, NULL), 0);
}

static int set_up(void **state)
{
	memset(&s, 0, sizeof(s));
	sem_init(&s.begun, 0, 0);
	sem_init(&s.go, 0, 0);
	fail_if_hung();
	return 0;
}

static int tear_down(void **state)
{
	mcp_free(s.server);
	sem_destroy(&s.begun);
	sem_destroy(&s.go);
	close(s.in_fd);
	close(s.from_fd);
	close(s.wake_fds[0]);
	close(s.wake_fds[1]);
	alarm(0);
	return 0;
}

static void say_n(const char *text, size_t n)
{
	while (n) {
		ssize_t written = write(s.to_fd, text, n);

		assert_true(written > 0);
		text += written;
		n -= (size_t)written;
	}
}

static void say(const char *text)
{
	say_n(text, strlen(text));
}

/* The loop's next line, without the newline; NULL at the end of its output. */
static const char *hear(void)
{
	static char line[sizeof(s.held)];
	char *end;

	while (!(end = memchr(s.held, '\n', s.held_len))) {
		ssize_t n = read(s.from_fd, s.held + s.held_len, sizeof(s.held) - s.held_len);

		assert_true(n >= 0);
		if (n == 0) {
			assert_int_equal(s.held_len, 0); /* lines are whole */
			return NULL;
		}
		s.held_len += (size_t)n;
	}
	memcpy(line, s.held, (size_t)(end - s.held));
	line[end - s.held] = '\0';
	s.held_len -= (size_t)(end + 1 - s.held);
	memmove(s.held, end + 1, s.held_len);
	return line;
}

static void expect(const char *line)
{
	const char *heard = hear();

	assert_non_null(heard);
	assert_string_equal(heard, line);
}

/* Ends the input; the loop must end and say nothing more. */
static void finish(int status)
{
	close(s.to_fd);
	assert_null(hear());
	pthread_join(s.thread, NULL);
	assert_int_equal(s.status, status);
}

static void await_begun(int count)
{
	for (int i = 0; i < count; i++) {
		while (sem_wait(&s.begun))
			;
	}
}

static void go(int count)
{
	for (int i = 0; i < count; i++)
		sem_post(&s.go);
}

static void a_line_in_is_a_line_out(void **state)
{
	start();
	say(PING("1") "\n \t\n\r\n" PING("2"));
	expect(PONG("1"));
	expect(PONG("2"));
	say("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\r\n");
	expect(PONG("3"));
	finish(0);
	assert_int_equal(s.answers, 3);
}

static void a_line_may_come_in_pieces(void **state)
{
	static const char TEXT[] = PING("\"a\"") PING("2");

	start();
	for (size_t i = 0; i < sizeof(TEXT) - 1; i++)
		say_n(TEXT + i, 1);
	expect(PONG("\"a\""));
	expect(PONG("2"));
	finish(0);
}

static void notifications_and_responses_get_no_line(void **state)
{
	start();
	say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
	    "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n" PING("1"));
	expect(PONG("1"));
	finish(0);
}

static void a_bad_line_is_told_and_passed_over(void **state)
{
	start();
	say("{nope\n" PING("1"));
	expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":"
	       "\"The text is not JSON.\"}}");
	expect(PONG("1"));
	say_n("a\0b\n", 4);
	expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":"
	       "\"The JSON holds a NUL byte.\"}}");
	finish(0);
}

static void a_line_too_long_is_skipped_to_its_end(void **state)
{
	char text[5000];

	s.options.line_max = 100;
	start();
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 100; i++)
		say_n(text, sizeof(text));
	say("\n" PING("1"));
	expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	       "\"A message must have at most 100 bytes.\"}}");
	expect(PONG("1"));
	say_n(text, 101);
	say("\n");
	expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":"
	       "\"A message must have at most 100 bytes.\"}}");
	memset(text, ' ', 100);
	memcpy(text, PING("2"), strlen(PING("2")) - 1);
	text[100] = '\n';
	say_n(text, 101);
	expect(PONG("2"));
	finish(0);
}

static void calls_run_beside_each_other_and_others_pass_them(void **state)
{
	start();
	say(WAIT_CALL("1") WAIT_CALL("2"));
	await_begun(2);
	say(PING("3"));
	expect(PONG("3"));
	go(1);
	assert_non_null(hear());
	go(1);
	assert_non_null(hear());
	finish(0);
}

static void more_calls_than_threads_wait_their_turn(void **state)
{
	bool seen[60] = {false};

	s.options.threads = 2;
	start();
	for (int i = 0; i < 60; i++) {
		char text[256];

		snprintf(text, sizeof(text), CALL("%d", "wait", "") "\n", i);
		say(text);
	}
	say(PING("\"last\""));
	await_begun(2);
	go(60);
	for (int i = 0; i < 61; i++) {
		const char *line = hear();
		int id;

		if (sscanf(line, "{\"jsonrpc\":\"2.0\",\"id\":%d,", &id) == 1)
			seen[id] = true;
		else
			assert_string_equal(line, PONG("\"last\""));
	}
	for (int i = 0; i < 60; i++)
		assert_true(seen[i]);
	finish(0);
}

static void a_cancelled_call_is_not_answered(void **state)
{
	start();
	say(WAIT_CALL("\"a\"") WAIT_CALL("2"));
	await_begun(2);
	say(CANCEL("\"\\u0061\"") CANCEL("77") PING("3"));
	expect(PONG("3"));
	go(2);
	expect(DONE("2"));
	finish(0);
}

static void a_call_cancelled_before_its_turn_is_not_run(void **state)
{
	s.options.threads = 1;
	start();
	say(WAIT_CALL("1"));
	await_begun(1);
	say(WAIT_CALL("2") CANCEL("2") PING("\"read\""));
	expect(PONG("\"read\""));
	go(1);
	expect(DONE("1"));
	say(WAIT_CALL("3"));
	await_begun(1); /* 3, for 2 did not begin */
	go(1);
	expect(DONE("3"));
	finish(0);
	assert_int_equal(sem_trywait(&s.begun), -1);
}

static void a_batch_is_answered_in_one_line(void **state)
{
	start();
	say("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}," CALL("2", "wait", "") "]\n");
	await_begun(1);
	go(1);
	expect("[" PONG("1") "," DONE("2") "]");
	say("[]\n");
	assert_non_null(strstr(hear(), "\"code\":-32600"));
	finish(0);
}

static void the_end_of_input_abandons_calls(void **state)
{
	start();
	say(WAIT_CALL("1"));
	await_begun(1);
	finish(0);
	assert_int_equal(s.cancels, 1);
}

static void calls_may_finish_where_that_is_asked_for(void **state)
{
	s.options.drain_ms = 60000;
	start();
	say(WAIT_CALL("1"));
	await_begun(1);
	close(s.to_fd);
	go(1);
	expect(DONE("1"));
	assert_null(hear());
	pthread_join(s.thread, NULL);
	assert_int_equal(s.cancels, 0);
}

static void a_line_without_an_end_is_not_taken(void **state)
{
	start();
	say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
	finish(0);
	assert_int_equal(s.answers, 0);
}

static void a_signal_ends_it_at_once(void **state)
{
	s.options.drain_ms = 60000;
	start();
	say(WAIT_CALL("1"));
	await_begun(1);
	assert_int_equal(write(s.wake_fds[1], "x", 1), 1);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.status, 0);
	assert_int_equal(s.cancels, 1);
	assert_null(hear());
	close(s.to_fd);
}

static void a_client_that_does_not_read_cannot_hold_it(void **state)
{
	start();
	say(CALL("1", "wait", ",\"arguments\":{\"bytes\":1000000}") "\n" WAIT_CALL("2"));
	await_begun(1);
	assert_int_equal(read(s.from_fd, s.held, 1), 1); /* it is writing, and cannot end */
	assert_int_equal(write(s.wake_fds[1], "x", 1), 1);
	pthread_join(s.thread, NULL);
	assert_int_equal(s.status, -1);
	close(s.to_fd);
}

static void a_client_that_is_gone_ends_it(void **state)
{
	start();
	close(s.from_fd);
	say(PING("1"));
	pthread_join(s.thread, NULL);
	assert_int_equal(s.status, -1);
	s.from_fd = -1;
	close(s.to_fd);
}

static void a_long_answer_arrives_whole_in_small_pieces(void **state)
{
	size_t total = 0;
	char last = '\0';

	start();
	say(CALL("1", "wait", ",\"arguments\":{\"bytes\":300000}") "\n");
	while (last != '\n') {
		char piece[777];
		ssize_t n = read(s.from_fd, piece, sizeof(piece));

		assert_true(n > 0);
		total += (size_t)n;
		last = piece[n - 1];
	}
	assert_true(total > 600000); /* as text and as structure */
	finish(0);
}

static void pipes_that_do_not_block_are_waited_for(void **state)
{
	start();
	fcntl(s.in_fd, F_SETFL, O_NONBLOCK);
	fcntl(s.out_fd, F_SETFL, O_NONBLOCK);
	say(CALL("1", "wait", ",\"arguments\":{\"bytes\":20000}") "\n");
	assert_non_null(strstr(hear(), "isError\":false"));
	finish(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(a_call_cancelled_before_its_turn_is_not_run),
		TEST(a_batch_is_answered_in_one_line),
		TEST(the_end_of_input_abandons_calls),
		TEST(calls_may_finish_where_that_is_asked_for),
		TEST(a_line_without_an_end_is_not_taken),
		TEST(a_signal_ends_it_at_once),
		TEST(a_client_that_does_not_read_cannot_hold_it),
		TEST(a_client_that_is_gone_ends_it),
		TEST(a_long_answer_arrives_whole_in_small_pieces),
		TEST(pipes_that_do_not_block_are_waited_for),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
