/* What libcurl has no option for, done to its sockets. */
#ifndef HTTP_SOCKET_H
#define HTTP_SOCKET_H

#include <stdint.h>

/* Has the kernel give a TCP connection up when what was sent stays unacknowledged for so long. */
void socket_limit_unacknowledged(int sock, unsigned limit_ms);

/* When each connection, told by its local port, last brought an answer.  For one thread. */
struct sockets;

struct sockets *sockets_new(void);
void sockets_free(struct sockets *sockets);

/* It has just brought one.  A port that is none is passed over, here and below. */
void sockets_note_alive(struct sockets *sockets, int port);

/* A connection that brought nothing, to anybody, while a whole call waited on it from start_ms on
 * is taken for dead: shut down, it fails for all that share it and the next call opens another.
 * libcurl by itself would let every later call join it. */
void sockets_judge(struct sockets *sockets, int port, int64_t start_ms);

#endif
