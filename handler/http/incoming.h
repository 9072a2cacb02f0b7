/* A request on its way from civetweb's connection to the handler, and its response on its way back.
 *
 * Part of the server: this file, incoming_head and server.c are the only ones with civetweb.
 */
#ifndef HTTP_INCOMING_H
#define HTTP_INCOMING_H

#include <civetweb.h>
#include <stdatomic.h>

#include "http/server.h"

#ifdef MG_READY_POOL
#define WAITS_ON_THREADS false /* ours: a request has come whole before a thread has it */
#else
#define WAITS_ON_THREADS true /* Debian's: a connection has a thread for its life */
#endif

/* What all threads know: civetweb's user data. */
struct serving {
	struct server_options options;
	_Atomic(bool) accepting; /* the thread for that runs */
	char flaw[128];          /* what civetweb said last while it started */
	_Atomic(bool) draining;  /* answers are the last on their connections */
	_Atomic(unsigned) begun; /* requests so far */
	_Atomic(int) in_flight;  /* requests being read or answered */
	_Atomic(int) open;       /* connections, where each has a thread */
};

/* civetweb's callbacks, see civetweb.h: begin_request, http_error, connection_close, and what the
 * ready pool asks where a body is still to come. */
int incoming_request(struct mg_connection *conn);
int incoming_error(struct mg_connection *conn, int status, const char *message);
void incoming_close(const struct mg_connection *closing);
long long incoming_body_awaited(struct mg_connection *conn);

#endif
