#include "base/die.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage/support.h"

/* Another of this program that dies with the pipe for its stderr; what it dies of. */
static int end_of_another(int fd)
{
	char name[] = "die", event[] = "out_of_memory";
	char *args[] = {name, event, NULL}, *none[] = {NULL};
	posix_spawn_file_actions_t files;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, STDERR_FILENO);
	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &files, NULL, args, none), 0);
	posix_spawn_file_actions_destroy(&files);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void it_says_why_and_aborts(void **state)
{
	char text[64] = "";
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(end_of_another(fds[1]), SIGABRT);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "level=error event=out_of_memory\n");
	close(fds[0]);
	close(fds[1]);
}

static void it_aborts_though_nobody_reads_why(void **state)
{
	static char full[4096];
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	while (write(fds[1], full, sizeof(full)) > 0)
		;
	fcntl(fds[1], F_SETFL, 0); /* from here on writes wait */
	assert_int_equal(end_of_another(fds[1]), SIGABRT);
	close(fds[0]);
	close(fds[1]);
}

static int set_up(void **state)
{
	fail_if_hung();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_why_and_aborts),
		cmocka_unit_test(it_aborts_though_nobody_reads_why),
	};

	if (argc > 1)
		die(argv[1]);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
