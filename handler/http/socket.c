#include "http/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"

#define SOCKETS_MAX 4096 /* file descriptors looked through */
#define PORTS 65536

struct sockets {
	int64_t alive_ms[PORTS]; /* by port; pages as they are used */
};

/* The socket of this process with that local port, or -1. */
static int socket_by_local_port(int port)
{
	for (int sock = 3; sock < SOCKETS_MAX; sock++) {
		struct sockaddr_in6 self = {
			0}; /* has room for IPv4's, with the port in the same place */
		socklen_t size = sizeof(self);

		if (getsockname(sock, (struct sockaddr *)&self, &size) == 0 &&
			(self.sin6_family == AF_INET || self.sin6_family == AF_INET6) &&
			ntohs(self.sin6_port) == port)
			return sock;
	}
	return -1;
}

void socket_limit_unacknowledged(int sock, unsigned limit_ms)
{
	setsockopt(sock, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
}

struct sockets *sockets_new(void)
{
	return xcalloc(1, sizeof(struct sockets));
}

void sockets_free(struct sockets *sockets)
{
	free(sockets);
}

static bool is_port(int port)
{
	return port > 0 && port < PORTS;
}

void sockets_note_alive(struct sockets *sockets, int port)
{
	if (is_port(port))
		sockets->alive_ms[port] = clock_mono_ms();
}

void sockets_judge(struct sockets *sockets, int port, int64_t start_ms)
{
	int sock;

	if (!is_port(port) || sockets->alive_ms[port] > start_ms)
		return;
	sock = socket_by_local_port(port);
	if (sock >= 0)
		shutdown(sock, SHUT_RDWR);
}
