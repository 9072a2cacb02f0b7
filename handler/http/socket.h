/* The sockets of the client's connections, and what libcurl has no option for, done to them.  For
 * one thread. */
#ifndef HTTP_SOCKET_H
#define HTTP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

struct sockets;

struct sockets *sockets_new(void);
void sockets_free(struct sockets *sockets);

/* Opens one, of socket(2)'s family, type and protocol.  -1: the system has none left. */
int sockets_open(struct sockets *sockets, int family, int type, int protocol);
void sockets_close(struct sockets *sockets, int sock);

/* A connection, as libcurl names it: numeric addresses and ports of both ends. */
struct socket_ends {
	const char *local_ip, *remote_ip;
	int local_port, remote_port;
};

/* That connection's id, which is never given again; 0: there is none.  All that takes an id passes
 * over one whose connection is closed. */
int64_t sockets_find(struct sockets *sockets, const struct socket_ends *ends);

/* Whether something waits to be read, or the other end has closed.  tls: its SSL object; NULL: it
 * has none.  A message of the TLS protocol itself, such as a session ticket, does not count. */
bool sockets_have_input(struct sockets *sockets, int64_t id, void *tls);

/* It has just brought something of an answer. */
void sockets_note_alive(struct sockets *sockets, int64_t id);
/* A call sent on it at sent_ms has ended without an answer.  One that brought nothing to anybody
 * while calls waited for some seconds, one alone or several together, is taken for dead: shut, it
 * fails for all that share it and the next call opens another.  (libcurl by itself would let every
 * later call join it.)  How little time a single call had left says nothing of its connection, nor
 * does how long nobody called. */
void sockets_judge(struct sockets *sockets, int64_t id, int64_t sent_ms);
/* Ends it for all that share it. */
void sockets_shut(struct sockets *sockets, int64_t id);

#endif
