#include "http/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define SOCKETS_MAX 4096 /* file descriptors looked through */

int socket_by_local_port(int port)
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

void socket_shut(int sock)
{
	shutdown(sock, SHUT_RDWR);
}
