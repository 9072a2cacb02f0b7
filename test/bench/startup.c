/* How long a handler takes from exec to its first 200, and what it then holds.
 *
 *   startup HANDLER [RUNS]
 *
 * Prints one line: the least, the median and the most of the runs in milliseconds, then resident
 * memory, threads and the file's size.  The first run is thrown away (it warms the page cache). The
 * settings come from the environment, as ever.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000
#define LIMIT_MS 10000.0
#define PAUSE_NS 50000 /* between attempts to connect */

extern char **environ;

struct memory {
	long resident_kb, threads;
};

static void die(const char *what)
{
	fprintf(stderr, "startup: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct sockaddr_in free_address(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(sock, (struct sockaddr *)&address, size) ||
		getsockname(sock, (struct sockaddr *)&address, &size))
		die("no port");
	close(sock);
	return address;
}

static pid_t start(char *handler, int port)
{
	char text[16];
	char *argv[] = {handler, "--port", text, NULL};
	posix_spawn_file_actions_t quiet;
	pid_t pid;

	snprintf(text, sizeof(text), "%d", port);
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	errno = posix_spawn(&pid, handler, &quiet, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&quiet);
	if (errno)
		die(handler);
	return pid;
}

static bool answers(const struct sockaddr_in *address)
{
	static const char ASK[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
	char answer[64] = "";
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	bool good;

	good = connect(sock, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
	       write(sock, ASK, sizeof(ASK) - 1) > 0 &&
	       read(sock, answer, sizeof(answer) - 1) > 0 && !strncmp(answer, "HTTP/1.1 200 ", 13);
	close(sock);
	return good;
}

static struct memory memory_of(pid_t pid)
{
	struct memory found = {0};
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "VmRSS:", 6))
			found.resident_kb = strtol(line + 6, NULL, 10);
		if (!strncmp(line, "Threads:", 8))
			found.threads = strtol(line + 8, NULL, 10);
	}
	fclose(file);
	return found;
}

static double run(char *handler, struct memory *ret)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS}, settle = {.tv_nsec = 200000000};
	struct sockaddr_in address = free_address();
	double began = now_ms(), took;
	pid_t pid = start(handler, ntohs(address.sin_port));

	while (!answers(&address)) {
		if (waitpid(pid, NULL, WNOHANG) || now_ms() - began > LIMIT_MS) {
			fprintf(stderr, "startup: %s does not answer\n", handler);
			kill(pid, SIGKILL);
			exit(1);
		}
		nanosleep(&pause, NULL);
	}
	took = now_ms() - began;
	nanosleep(&settle, NULL);
	*ret = memory_of(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return took;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	static double took[RUNS_MAX];
	int runs = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20;
	struct memory memory;
	struct stat file;

	if (argc < 2 || runs < 1 || runs > RUNS_MAX || stat(argv[1], &file)) {
		fprintf(stderr, "usage: startup HANDLER [RUNS]\n");
		return 2;
	}
	run(argv[1], &memory);
	for (int i = 0; i < runs; i++)
		took[i] = run(argv[1], &memory);
	qsort(took, (size_t)runs, sizeof(*took), by_size);
	printf("exec to first 200, ms: min %.1f median %.1f max %.1f; resident %.1f MB, "
	       "%ld threads, file %.1f MB\n",
		took[0], took[runs / 2], took[runs - 1], (double)memory.resident_kb / 1024,
		memory.threads, (double)file.st_size / 1048576);
	return 0;
}
