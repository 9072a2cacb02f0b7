#include "http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"

/* Sent bytes that are not acknowledged for this long mean that the path is gone. */
#define UNACKNOWLEDGED_MS 10000u
/* For so long a connection may let calls wait for nothing. */
#define SILENCE_MAX_MS 3000

struct end {
	char ip[INET6_ADDRSTRLEN];
	int port; /* 0: not connected yet */
};

struct socket {
	int sock;
	int64_t id;
	int64_t alive_ms;      /* when it last brought something */
	int64_t vain_ms;       /* since then: in which calls waited for nothing, */
	int64_t vain_until_ms; /* up to here */
	struct end local, remote;
	struct socket *next;
};

struct sockets {
	struct socket *first;
	int64_t last_id;
};

struct sockets *sockets_new(void)
{
	return xcalloc(1, sizeof(struct sockets));
}

void sockets_free(struct sockets *sockets)
{
	struct socket *next;

	for (struct socket *socket = sockets->first; socket; socket = next) {
		next = socket->next;
		free(socket);
	}
	free(sockets);
}

int sockets_open(struct sockets *sockets, int family, int type, int protocol)
{
	const unsigned limit_ms = UNACKNOWLEDGED_MS;
	int sock = socket(family, type | SOCK_CLOEXEC, protocol);
	struct socket *socket;

	if (sock < 0)
		return -1;
	setsockopt(sock, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
	socket = xcalloc(1, sizeof(*socket));
	socket->sock = sock;
	socket->id = ++sockets->last_id;
	socket->next = sockets->first;
	sockets->first = socket;
	return sock;
}

void sockets_close(struct sockets *sockets, int sock)
{
	struct socket **at = &sockets->first, *found;

	while (*at && (*at)->sock != sock)
		at = &(*at)->next;
	found = *at;
	if (found) {
		*at = found->next;
		free(found);
	}
	close(sock);
}

static struct socket *by_id(struct sockets *sockets, int64_t id)
{
	struct socket *socket = sockets->first;

	while (socket && socket->id != id)
		socket = socket->next;
	return socket;
}

static void read_end(int sock, int (*get)(int, struct sockaddr *, socklen_t *), struct end *ret)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {0};
	socklen_t size = sizeof(address);
	bool v6;

	if (get(sock, &address.any, &size) != 0)
		return;
	v6 = address.any.sa_family == AF_INET6;
	if (!inet_ntop(address.any.sa_family,
		    v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr, ret->ip,
		    sizeof(ret->ip)))
		return;
	ret->port = ntohs(v6 ? address.v6.sin6_port : address.v4.sin_port);
}

static bool is_end(const struct end *end, const char *ip, int port)
{
	return end->port == port && !strcmp(end->ip, ip);
}

int64_t sockets_find(struct sockets *sockets, const struct socket_ends *ends)
{
	for (struct socket *socket = sockets->first; socket; socket = socket->next) {
		if (!socket->remote.port) {
			read_end(socket->sock, getpeername, &socket->remote);
			read_end(socket->sock, getsockname, &socket->local);
		}
		if (is_end(&socket->local, ends->local_ip, ends->local_port) &&
			is_end(&socket->remote, ends->remote_ip, ends->remote_port))
			return socket->id;
	}
	return 0;
}

bool sockets_have_input(struct sockets *sockets, int64_t id, void *tls)
{
	const struct socket *socket = by_id(sockets, id);
	char byte;

	if (!socket)
		return false;
	if (tls)
		return tls_has_input(tls, socket->sock);
	return recv(socket->sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
	       (errno != EAGAIN && errno != EWOULDBLOCK);
}

void sockets_note_alive(struct sockets *sockets, int64_t id)
{
	struct socket *socket = by_id(sockets, id);

	if (!socket)
		return;
	socket->alive_ms = clock_mono_ms();
	socket->vain_ms = 0;
}

static int64_t later(int64_t one_ms, int64_t other_ms)
{
	return one_ms > other_ms ? one_ms : other_ms;
}

void sockets_judge(struct sockets *sockets, int64_t id, int64_t sent_ms)
{
	struct socket *socket = by_id(sockets, id);
	int64_t now_ms = clock_mono_ms(), since_ms;

	if (!socket)
		return;
	since_ms = later(sent_ms, socket->alive_ms);
	/* Those that waited beside each other waited but once. */
	socket->vain_ms += now_ms - later(since_ms, socket->vain_until_ms);
	socket->vain_until_ms = now_ms;
	if (now_ms - since_ms >= SILENCE_MAX_MS || socket->vain_ms >= SILENCE_MAX_MS)
		sockets_shut(sockets, id);
}

void sockets_shut(struct sockets *sockets, int64_t id)
{
	const struct socket *socket = by_id(sockets, id);

	if (socket)
		shutdown(socket->sock, SHUT_RDWR);
}
