#include "base/log.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/support.h"

/* In a process of its own. */
static int log_and_die_of(int number)
{
	log_start(LOG_INFO);
	log_event(LOG_INFO, "e", "last");
	log_event(LOG_WARN, "e", "last");
	raise(number);
	return 0;
}

/* What a process that dies of it has logged; it dies of nothing else. */
static void run_another(int fault, char *text, size_t size)
{
	/* Which would have the faults for themselves. */
	char asan[] = "ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
	char tsan[] = "TSAN_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
	char name[] = "log_fault", number[16];
	char *args[] = {name, number, NULL}, *environment[] = {asan, tsan, NULL};
	posix_spawn_file_actions_t files;
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", fault);
	assert_int_equal(pipe(fds), 0);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, fds[1], STDERR_FILENO);
	posix_spawn_file_actions_addclose(&files, fds[1]);
	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &files, NULL, args, environment), 0);
	posix_spawn_file_actions_destroy(&files);
	close(fds[1]);
	while ((n = read(fds[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status) && WTERMSIG(status) == fault, "%d", fault);
}

static void what_was_logged_before_a_fault_is_written(void **state)
{
	static const int FAULTS[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

	for (size_t i = 0; i < COUNT_OF(FAULTS); i++) {
		char text[4096];

		run_another(FAULTS[i], text, sizeof(text));
		check(strstr(text, " level=info event=e detail=last\n") &&
				strstr(text, " level=warn event=e detail=last\n"),
			"%d", FAULTS[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_logged_before_a_fault_is_written),
	};

	if (argc > 1)
		return log_and_die_of(atoi(argv[1]));
	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
