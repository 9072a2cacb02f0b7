#include "base/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 20 /* between looks at whether it has ended */

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

struct running {
	pid_t pid;
	int out_fd;
	int stop_fd;
	struct deadline deadline;
};

/* Without taking its place in the process table away: until then no other has its number. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

/* Reads to the end of what it prints. */
static bool read_all(const struct running *run, struct buf *out, struct err *err)
{
	for (;;) {
		bool over = has_ended(run->pid); /* looked at first: what it wrote is there now */
		struct pollfd fds[] = {
			{.fd = run->out_fd, .events = POLLIN}, {run->stop_fd, POLLIN, 0}};
		char piece[4096];
		ssize_t n;
		bool fits;

		if (deadline_passed(run->deadline))
			return err_set(err, ERR_INTERNAL, "it took too long");
		if (poll(fds, 2, over ? 0 : LOOK_MS) <= 0) {
			if (over) /* what it left behind may hold the pipe open */
				return true;
			continue;
		}
		if (fds[1].revents)
			return err_set(err, ERR_INTERNAL, "stopping");
		n = read(run->out_fd, piece, sizeof(piece));
		fits = n <= 0 || buf_add_within(out, piece, (size_t)n, COMMAND_OUTPUT_MAX);
		explicit_bzero(piece, sizeof(piece));
		if (n <= 0)
			return true;
		if (!fits)
			return err_set(err, ERR_INTERNAL, "it printed too much");
	}
}

/* The shell itself may go on after it has closed its output. */
static bool await_end(const struct running *run, struct err *err)
{
	struct pollfd stop = {.fd = run->stop_fd, .events = POLLIN};

	while (!has_ended(run->pid)) {
		if (deadline_passed(run->deadline))
			return err_set(err, ERR_INTERNAL, "it took too long");
		if (poll(&stop, 1, LOOK_MS) > 0)
			return err_set(err, ERR_INTERNAL, "stopping");
	}
	return true;
}

bool command_run(
	const char *text, struct deadline deadline, int stop_fd, struct buf *out, struct err *err)
{
	struct running run = {.stop_fd = stop_fd, .deadline = deadline};
	int pipe_fds[2], status = 0;
	bool good;

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return err_set(err, ERR_INTERNAL, "no pipe");
	good = start(text, pipe_fds[1], &run.pid);
	close(pipe_fds[1]);
	if (!good) {
		close(pipe_fds[0]);
		return err_set(err, ERR_INTERNAL, "/bin/sh cannot be started");
	}
	run.out_fd = pipe_fds[0];
	good = read_all(&run, out, err) && await_end(&run, err);
	close(pipe_fds[0]);
	kill(-run.pid, SIGKILL); /* all that is left of it */
	waitpid(run.pid, &status, 0);
	if (good && status)
		return err_set(err, ERR_INTERNAL, "it ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return good;
}
