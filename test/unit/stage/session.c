#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "mcp_bench.h"

struct session session;

static const struct tool WAIT = {.name = "wait",
	.title = "Wait",
	.description = "Waits until it may go on.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"bytes\":{\"type\":\"integer\"}},"
			"\"additionalProperties\":false}"};

static const struct tool ASK = {.name = "ask",
	.title = "Ask",
	.description = "Asks first.",
	.input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"};

static bool run_tool(
	void *context, const struct tool_call *call, struct outcome *ret, struct err *err)
{
	int64_t bytes = 0;

	if (call->tool == &ASK)
		return bench_ask(call, ret, err);

	if (json_integer(call->arguments, "bytes", &bytes)) { /* answers at once, and much */
		autofree char *text = calloc(1, (size_t)bytes + 1);
		cJSON *result;

		memset(text, 'x', (size_t)bytes);
		result = cJSON_CreateObject();
		json_add(result, "x", text);
		outcome_tree(ret, result);
		return true;
	}
	sem_post(&session.begun);
	while (sem_wait(&session.go))
		;
	return true;
}

static void note_cancel(void *context)
{
	session.cancels++;
	session.cancelled_ms = clock_mono_ms();
	for (int i = 0; i < 64; i++)
		sem_post(&session.go);
}

static void *loop_thread(void *context)
{
	session.status = mcp_stdio_run(
		session.server, session.in_fd, session.out_fd, &session.options);
	close(session.out_fd);
	return NULL;
}

void session_start(void)
{
	static const struct tool *const TOOLS[] = {&WAIT, &ASK};
	struct mcp_options options = {.name = "s",
		.title = "S",
		.version = "1",
		.instructions = "i",
		.tools = TOOLS,
		.tool_count = 2,
		.run = run_tool};
	int in[2], out[2];

	assert_int_equal(pipe(in) | pipe(out) | pipe(session.wake_fds), 0);
	session.in_fd = in[0];
	session.to_fd = in[1];
	session.out_fd = out[1];
	session.from_fd = out[0];
	session.server = mcp_new(&options);
	session.options.wake_fd = session.wake_fds[0];
	session.options.cancel = note_cancel;
	assert_int_equal(pthread_create(&session.thread, NULL, loop_thread, NULL), 0);
}

int session_set_up(void **state)
{
	memset(&session, 0, sizeof(session));
	session.options.line_max = 1 << 20;
	session.options.ask_ms = WHILE_MS;
	sem_init(&session.begun, 0, 0);
	sem_init(&session.go, 0, 0);
	fail_if_hung();
	return 0;
}

int session_tear_down(void **state)
{
	mcp_free(session.server);
	sem_destroy(&session.begun);
	sem_destroy(&session.go);
	close(session.in_fd);
	close(session.from_fd);
	close(session.wake_fds[0]);
	close(session.wake_fds[1]);
	alarm(0);
	return 0;
}

void session_say_n(const char *text, size_t n)
{
	while (n) {
		ssize_t written = write(session.to_fd, text, n);

		assert_true(written > 0);
		text += written;
		n -= (size_t)written;
	}
}

void session_say(const char *text)
{
	session_say_n(text, strlen(text));
}

const char *session_hear(void)
{
	static char line[sizeof(session.held)];
	char *end;

	while (!(end = memchr(session.held, '\n', session.held_len))) {
		ssize_t n = read(session.from_fd, session.held + session.held_len,
			sizeof(session.held) - session.held_len);

		assert_true(n >= 0);
		if (n == 0) {
			assert_int_equal(session.held_len, 0); /* lines are whole */
			return NULL;
		}
		session.held_len += (size_t)n;
	}
	memcpy(line, session.held, (size_t)(end - session.held));
	line[end - session.held] = '\0';
	session.held_len -= (size_t)(end + 1 - session.held);
	memmove(session.held, end + 1, session.held_len);
	return line;
}

void session_expect(const char *line)
{
	const char *heard = session_hear();

	assert_non_null(heard);
	assert_string_equal(heard, line);
}

void session_finish(int status)
{
	close(session.to_fd);
	session_finished(status);
}

void session_finished(int status)
{
	assert_null(session_hear());
	pthread_join(session.thread, NULL);
	assert_int_equal(session.status, status);
}

void session_await_begun(int count)
{
	for (int i = 0; i < count; i++) {
		while (sem_wait(&session.begun))
			;
	}
}

void session_go(int count)
{
	for (int i = 0; i < count; i++)
		sem_post(&session.go);
}
