/* How much has come on a connection.  civetweb, which has its socket, does not tell, but waits for
 * all that it is asked to read, and looks at no clock as long as a byte comes now and then. */
#ifndef HTTP_ARRIVED_H
#define HTTP_ARRIVED_H

#include <stddef.h>

/* Zeroed before it is found. */
struct arrived {
	int socket; /* the connection's in this process; -1: there is none */
	size_t bytes;
	unsigned asked; /* times, since there were any */
};

/* By the address and port of the other end and the port of this one. */
void arrived_find(struct arrived *arrived, const char *from, int from_port, int port);

/* Bytes that can be read from the socket without waiting.  Where there were none, and the
 * next may lie in civetweb already, it looks again only now and then. */
size_t arrived_bytes(struct arrived *arrived);

#endif
