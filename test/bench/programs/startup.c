/* How long from exec to the first 200, again and again.
 *
 *   startup RUNS CORE PORT PROGRAM [ARGUMENT...]
 *
 * Starts the program on that core (-1: any) with its output thrown away, asks for "/" until there
 * is an answer, and kills it.  Prints {"ms":[...],"rss_kb":N}: the memory is the last one's, idle.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

#define LIMIT_NS 30000000000LL
#define PAUSE_NS 100000
#define SETTLE_NS 300000000

static void pause_ns(long ns)
{
	struct timespec pause = {.tv_nsec = ns};

	nanosleep(&pause, NULL);
}

static pid_t start(int core, char **argv)
{
	pid_t pid = fork();
	cpu_set_t cores;
	int null;

	if (pid)
		return pid;
	CPU_ZERO(&cores);
	CPU_SET((unsigned)(core < 0 ? 0 : core), &cores);
	if (core >= 0)
		sched_setaffinity(0, sizeof(cores), &cores);
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	execvp(argv[0], argv);
	_exit(127);
}

/* True for any answer that begins as HTTP's 200 does. */
static bool ask(int port)
{
	static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	int fd = connect_to(port), wrong = 0;
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	socklen_t size = sizeof(wrong);
	char answer[4096] = "";
	bool good = false;

	if (poll(&ready, 1, 50) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &size) == 0 &&
		!wrong && send(fd, REQUEST, sizeof(REQUEST) - 1, MSG_NOSIGNAL) > 0) {
		ready.events = POLLIN;
		good = poll(&ready, 1, 5000) == 1 && recv(fd, answer, sizeof(answer) - 1, 0) > 0 &&
		       !strncmp(answer, "HTTP/1.1 200", 12);
	}
	close(fd);
	return good;
}

static long rss_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && kb < 0 && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "VmRSS:", 6))
			kb = strtol(line + 6, NULL, 10);
	}
	if (file)
		fclose(file);
	return kb;
}

int main(int argc, char **argv)
{
	int64_t start_ns, ready_ns;
	long runs, kb = 0;
	int port;

	if (argc < 5)
		return 2;
	runs = number_of(argv[1]);
	port = (int)number_of(argv[3]);
	printf("{\"ms\":[");
	for (long run = 0; run < runs; run++) {
		pid_t pid;

		start_ns = now_ns();
		pid = start((int)number_of(argv[2]), argv + 4);
		while (!ask(port)) {
			errno = ETIMEDOUT;
			if (now_ns() - start_ns > LIMIT_NS || waitpid(pid, NULL, WNOHANG) == pid)
				die("no answer");
			pause_ns(PAUSE_NS);
		}
		ready_ns = now_ns();
		if (run == runs - 1) {
			pause_ns(SETTLE_NS);
			kb = rss_kb(pid);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		printf("%s%.3f", run ? "," : "", (double)(ready_ns - start_ns) / 1e6);
	}
	printf("],\"rss_kb\":%ld}\n", kb);
	return 0;
}
