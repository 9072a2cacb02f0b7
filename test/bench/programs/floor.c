/* How fast this machine can answer at all: an epoll loop that answers whatever arrives with the
 * bytes of a file, and parses nothing.  Requests must fit one segment each.
 *
 *   floor PORT ANSWER_FILE
 */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

#define EVENTS 256

static void answer(int fd, const char *bytes, size_t size)
{
	static char request[131072];
	ssize_t n = recv(fd, request, sizeof(request), 0);

	if (n > 0)
		n = send(fd, bytes, size, MSG_NOSIGNAL);
	if (n <= 0)
		close(fd);
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv)
{
	int port, epoll = epoll_create1(EPOLL_CLOEXEC), listener, fd;
	struct epoll_event events[EVENTS];
	char *bytes;
	size_t size;

	if (argc != 3)
		return 2;
	files_limit_raise();
	bytes = file_read(argv[2], &size);
	listener = listen_on((int)number_of(argv[1]), &port);
	watch(epoll, listener);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd != listener)
				answer(events[i].data.fd, bytes, size);
			else
				while ((fd = accept_from(listener)) >= 0)
					watch(epoll, fd);
		}
	}
}
