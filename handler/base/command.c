#include "base/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

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
	int pid_fd; /* readable once it has ended */
	int out_fd;
	int stop_fd;
	struct deadline deadline;
};

/* Reads a piece of what it prints.  *ret_more: there may be others. */
static bool read_piece(int out_fd, struct buf *out, bool *ret_more, struct err *err)
{
	char piece[4096];
	ssize_t n = read(out_fd, piece, sizeof(piece));
	bool fits = n <= 0 || buf_add_within(out, piece, (size_t)n, COMMAND_OUTPUT_MAX);

	explicit_bzero(piece, sizeof(piece));
	*ret_more = n > 0;
	return fits || err_set(err, ERR_INTERNAL, "it printed too much");
}

/* Until it has ended and all that it printed is read.  It may close its output and go on, and what
 * it leaves behind may hold its output open. */
static bool follow(const struct running *run, struct buf *out, struct err *err)
{
	enum { ENDED, OUTPUT, STOP, FDS };
	struct pollfd fds[FDS] = {[ENDED] = {run->pid_fd, POLLIN, 0},
		[OUTPUT] = {run->out_fd, POLLIN, 0},
		[STOP] = {run->stop_fd, POLLIN, 0}};
	bool over = false;

	while (!deadline_passed(run->deadline)) {
		bool more = true;

		/* Looked at once more after its end: what it wrote is there by then. */
		if (poll(fds, FDS, over ? 0 : (int)deadline_left_ms(run->deadline)) < 0)
			continue;
		if (fds[STOP].revents)
			return err_set(err, ERR_INTERNAL, "stopping");
		if (over && !fds[OUTPUT].revents)
			return true;
		if (fds[OUTPUT].revents && !read_piece(run->out_fd, out, &more, err))
			return false;
		if (!more)
			fds[OUTPUT].fd = -1;
		over = fds[ENDED].revents;
	}
	return err_set(err, ERR_INTERNAL, "it took too long");
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
	run.pid_fd = pidfd_open(run.pid, 0);
	good = run.pid_fd >= 0 ? follow(&run, out, err)
			       : err_set(err, ERR_INTERNAL, "no descriptor of it");
	close(pipe_fds[0]);
	if (run.pid_fd >= 0)
		close(run.pid_fd);
	kill(-run.pid, SIGKILL); /* all that is left of it */
	waitpid(run.pid, &status, 0);
	if (good && status)
		return err_set(err, ERR_INTERNAL, "it ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return good;
}
