#include "http/arrived.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define FD_SEARCH_MAX 65536 /* the lowest free number is taken, so it is one of the first */
#define FREE_MAX 512 /* behind so many free ones there is none: that of a peer who has gone */
#define LOOK_EVERY 32

static bool is_at(
	int fd, int (*get)(int, struct sockaddr *, socklen_t *), const char *address, int port)
{
	struct sockaddr_in at = {0};
	socklen_t size = sizeof(at);
	char text[INET_ADDRSTRLEN];

	if (get(fd, (struct sockaddr *)&at, &size) != 0 || at.sin_family != AF_INET ||
		ntohs(at.sin_port) != port)
		return false;
	return !address ||
	       (inet_ntop(AF_INET, &at.sin_addr, text, sizeof(text)) && !strcmp(text, address));
}

void arrived_find(struct arrived *arrived, const char *from, int from_port, int port)
{
	int free_seen = 0;

	arrived->socket = -1;
	for (int fd = 0; fd < FD_SEARCH_MAX && free_seen < FREE_MAX; fd++) {
		errno = 0;
		if (is_at(fd, getpeername, from, from_port) && is_at(fd, getsockname, NULL, port)) {
			arrived->socket = fd;
			return;
		}
		free_seen += errno == EBADF;
	}
}

size_t arrived_bytes(struct arrived *arrived)
{
	int count = 0;

	if (!arrived->bytes && arrived->asked++ % LOOK_EVERY)
		return 0;
	if (arrived->socket < 0 || ioctl(arrived->socket, FIONREAD, &count) != 0 || count < 0)
		count = 0;
	if (count)
		arrived->asked = 0;
	arrived->bytes = (size_t)count;
	return arrived->bytes;
}
