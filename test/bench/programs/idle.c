/* Callers that cost a server its patience: connections that say nothing, opened in turn, and slow
 * ones that send a request one byte a second.
 *
 *   idle PORT SECONDS IN_ALL AT_ONCE SLOW
 *
 * Opens IN_ALL idle connections evenly over the time, AT_ONCE of them open at any moment (the
 * oldest is closed for the next).  Prints
 * {"opened","refused","closed_by_server","slow_bytes","slow_closed"}.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

#define TICK_NS 1000000
#define SECOND 1000000000LL

static const char SLOW_REQUEST[] = "GET /hello?name=Adele HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";

struct counts {
	long opened, refused, closed_by_server, slow_bytes, slow_closed;
};

/* Whether the other side has closed it or sent something unasked. */
static bool is_over(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n >= 0 || (errno != EAGAIN && errno != ENOTCONN);
}

static void open_next(int *fd, int port, struct counts *counts)
{
	int wrong = 0;
	socklen_t size = sizeof(wrong);

	if (*fd >= 0) {
		if (getsockopt(*fd, SOL_SOCKET, SO_ERROR, &wrong, &size) != 0 || wrong)
			counts->refused++;
		else if (is_over(*fd))
			counts->closed_by_server++;
		close(*fd);
	}
	*fd = connect_to(port);
	counts->opened++;
}

/* One byte more of each: the head never ends, since its last field goes on. */
static void send_bytes(int *slow, long count, int port, long second, struct counts *counts)
{
	for (long i = 0; i < count; i++) {
		char byte = second < (long)sizeof(SLOW_REQUEST) - 1 ? SLOW_REQUEST[second] : 'x';

		if (slow[i] >= 0 && send(slow[i], &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 &&
			!is_over(slow[i])) {
			counts->slow_bytes++;
			continue;
		}
		if (slow[i] >= 0 && second) {
			counts->slow_closed++;
			close(slow[i]);
		}
		slow[i] = connect_to(port);
	}
}

static int *fds_new(long count)
{
	int *fds = calloc((size_t)count + 1, sizeof(*fds));

	if (!fds)
		die("memory");
	for (long i = 0; i < count; i++)
		fds[i] = -1;
	return fds;
}

int main(int argc, char **argv)
{
	struct timespec tick = {.tv_nsec = TICK_NS};
	struct counts counts = {0};
	long seconds, in_all, at_once, slow_count, second = -1;
	int64_t start, passed;
	int *idle, *slow, port;

	if (argc != 6)
		return 2;
	files_limit_raise();
	port = (int)number_of(argv[1]);
	seconds = number_of(argv[2]);
	in_all = number_of(argv[3]);
	at_once = number_of(argv[4]);
	slow_count = number_of(argv[5]);
	idle = fds_new(at_once);
	slow = fds_new(slow_count);
	start = now_ns();
	while ((passed = now_ns() - start) < seconds * SECOND) {
		long due = (long)((double)in_all * (double)passed / (double)(seconds * SECOND));

		while (at_once && counts.opened < due)
			open_next(&idle[counts.opened % at_once], port, &counts);
		if (passed / SECOND > second) {
			second = (long)(passed / SECOND);
			send_bytes(slow, slow_count, port, second, &counts);
		}
		nanosleep(&tick, NULL);
	}
	printf("{\"opened\":%ld,\"refused\":%ld,\"closed_by_server\":%ld,\"slow_bytes\":%ld,"
	       "\"slow_closed\":%ld}\n",
		counts.opened, counts.refused, counts.closed_by_server, counts.slow_bytes,
		counts.slow_closed);
	return 0;
}
