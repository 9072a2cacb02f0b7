#include "base/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

/* In a process group of its own, so that all of it can be killed; with the signals as a program
 * expects them, not as our threads have them. */
static bool start(const char *text, int out_fd, pid_t *ret)
{
	char *const argv[] = {"sh", "-c", (char *)text, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	bool good;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out_fd, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	good = posix_spawn(ret, "/bin/sh", &files, &attributes, argv, environ) == 0;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return good;
}

/* Reads to the end of what it prints. */
static bool read_all(int fd, int stop_fd, int64_t deadline_ms, struct buf *out, struct err *err)
{
	for (;;) {
		struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {stop_fd, POLLIN, 0}};
		int64_t left_ms = deadline_ms - clock_mono_ms();
		char piece[4096];
		ssize_t n;

		if (left_ms <= 0)
			return err_set(err, ERR_INTERNAL, "it took too long");
		if (poll(fds, 2, (int)left_ms) <= 0)
			continue;
		if (fds[1].revents)
			return err_set(err, ERR_INTERNAL, "stopping");
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			buf_add(out, piece, (size_t)n);
		explicit_bzero(piece, sizeof(piece));
		if (n <= 0)
			return true;
		if (out->failed)
			return err_set(err, ERR_INTERNAL, "it printed too much");
	}
}

/* The shell itself may go on after it has closed its output. */
static bool await_end(pid_t pid, int stop_fd, int64_t deadline_ms, int *ret_status, struct err *err)
{
	struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

	while (waitpid(pid, ret_status, WNOHANG) == 0) {
		if (clock_mono_ms() >= deadline_ms)
			return err_set(err, ERR_INTERNAL, "it took too long");
		if (poll(&stop, 1, 5) > 0)
			return err_set(err, ERR_INTERNAL, "stopping");
	}
	return true;
}

bool command_run(const char *text, int timeout_ms, int stop_fd, struct buf *out, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	int pipe_fds[2], status = 0;
	bool started, good;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return err_set(err, ERR_INTERNAL, "no pipe");
	started = start(text, pipe_fds[1], &pid);
	close(pipe_fds[1]);
	good = started ? read_all(pipe_fds[0], stop_fd, deadline_ms, out, err)
		       : err_set(err, ERR_INTERNAL, "/bin/sh cannot be started");
	close(pipe_fds[0]);
	if (!started)
		return false;
	good = good && await_end(pid, stop_fd, deadline_ms, &status, err);
	kill(-pid, SIGKILL); /* all that is left of it */
	if (!good)
		waitpid(pid, NULL, 0);
	if (good && status)
		return err_set(err, ERR_INTERNAL, "it ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return good;
}
