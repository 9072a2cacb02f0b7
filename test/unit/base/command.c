#include "base/command.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "stage/support.h"

/* What the linker puts in the place of poll in every object, and what was there. */
int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

static int stop_fd;
static int polls;

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	polls++;
	return __real_poll(fds, count, timeout_ms);
}

static int set_up(void **state)
{
	stop_fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static int tear_down(void **state)
{
	close(stop_fd);
	return 0;
}

/* What the command prints, or "!" and why it came to nothing. */
static const char *run(const char *text, int timeout_ms)
{
	static char outcome[512];
	struct buf out;
	autoerr(err);

	buf_init(&out);
	if (command_run(text, deadline_after(timeout_ms), stop_fd, &out, &err))
		snprintf(outcome, sizeof(outcome), "%s", buf_text(&out));
	else
		snprintf(outcome, sizeof(outcome), "!%s", err.detail);
	buf_done(&out);
	return outcome;
}

static void what_a_command_prints_is_kept(void **state)
{
	assert_string_equal(run("printf 'a b\\n'; printf c", 900000), "a b\nc");
	assert_string_equal(run("true", 900000), "");
	assert_string_equal(run("cat", 900000), ""); /* there is nothing to read */
}

static void a_status_other_than_0_is_a_failure(void **state)
{
	assert_string_equal(run("echo token; exit 3", 900000), "!it ended with status 3");
	assert_string_equal(run("kill -9 $$", 900000), "!it ended with status 137");
	assert_string_equal(
		run("no-such-program-here 2>/dev/null", 900000), "!it ended with status 127");
}

static void more_than_the_ceiling_is_a_failure(void **state)
{
	assert_string_equal(
		run("while :; do echo 0123456789; done", 900000), "!it printed too much");
}

/* The shell, and what it started, in the background too. */
static void after_its_time_all_of_it_is_killed(void **state)
{
	int64_t start_ms = clock_mono_ms();
	int pipe_fds[2];
	char text[128], byte;

	assert_int_equal(pipe(pipe_fds), 0);
	snprintf(text, sizeof(text), "sleep 1000 & sleep 1000 >&%d", pipe_fds[1]);
	assert_string_equal(run(text, 50), "!it took too long");
	assert_string_equal(run("exec >/dev/null; sleep 1000", 50), "!it took too long");
	close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 0); /* the end: nobody holds it any more */
	close(pipe_fds[0]);
	assert_true(clock_mono_ms() - start_ms < 500000);
}

/* As a helper of the command's own that goes on in the background. */
static void what_it_leaves_running_does_not_hold_it_up(void **state)
{
	assert_string_equal(run("sleep 1000 & echo token", 900000), "token\n");
}

/* Its end and its output are what wakes us, be its output open or closed, not a clock. */
static void a_command_that_takes_long_is_waited_for_without_looking(void **state)
{
	polls = 0;
	assert_string_equal(run("sleep 0.5; echo token", 900000), "token\n");
	check(polls <= 4, "polls: %d", polls);
	polls = 0;
	assert_string_equal(run("exec >/dev/null; sleep 0.5", 900000), "");
	check(polls <= 4, "polls: %d", polls);
}

static void it_ends_when_it_is_told_to_stop(void **state)
{
	eventfd_write(stop_fd, 1);
	assert_string_equal(run("sleep 1000", 900000), "!stopping");
	assert_string_equal(run("exec >/dev/null; sleep 1000", 900000), "!stopping");
}

/* Our threads block the signals that end the program; a command must not inherit that. */
static void a_command_has_the_signals_of_a_program(void **state)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_string_equal(run("kill -TERM $$; echo lived", 900000), "!it ended with status 143");
	assert_string_equal(run("kill -PIPE $$; echo lived", 900000), "!it ended with status 141");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_command_prints_is_kept),
		TEST(a_status_other_than_0_is_a_failure),
		TEST(more_than_the_ceiling_is_a_failure),
		TEST(after_its_time_all_of_it_is_killed),
		TEST(what_it_leaves_running_does_not_hold_it_up),
		TEST(a_command_that_takes_long_is_waited_for_without_looking),
		TEST(it_ends_when_it_is_told_to_stop),
		TEST(a_command_has_the_signals_of_a_program),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
