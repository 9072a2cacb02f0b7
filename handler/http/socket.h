/* What libcurl has no option for, done to its sockets. */
#ifndef HTTP_SOCKET_H
#define HTTP_SOCKET_H

/* The socket of this process with that local port, or -1. */
int socket_by_local_port(int port);
/* Has the kernel give a TCP connection up when what was sent stays unacknowledged for so long. */
void socket_limit_unacknowledged(int sock, unsigned limit_ms);
/* Ends the connection both ways; whoever owns the socket finds it closed. */
void socket_shut(int sock);

#endif
