/* The HTTP server: loopback only, one thread per open connection.  The only file with civetweb.
 *
 * Reads each request whole (body up to a limit, sized or chunked), unwraps the host's payload
 * envelope where it sends them, calls the handler, and writes the answer in one piece.  civetweb's
 * own file, directory, authentication and CORS code is never reached.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdint.h>

#include "base/err.h"
#include "http/message.h"

struct server;

/* Answers one request; runs on many threads at once.  err is NULL, or says why the request could
 * not be read (then request holds what is known and the answer must be that error). */
typedef void (*server_handler)(void *context, const struct request *request, const struct err *err,
	struct response *response);

struct server_options {
	int port;
	int threads;     /* connections served at once */
	size_t body_max; /* bytes */
	bool envelopes;  /* the Functions host wraps each call in one (http/host_json) */
	server_handler handler;
	void *context;
};

/* Listens on 127.0.0.1:port; returns once connections are accepted.  ERR_SERVER_CONFIGURATION when
 * the port cannot be had. */
bool server_start(const struct server_options *options, struct server **ret, struct err *err);
/* Takes no further connection, and waits until no request is being answered, limit_ms at most; the
 * answers close their connections.  NULL is fine. */
void server_drain(struct server *server, int64_t limit_ms);
/* Stops and frees.  Answers not yet written are lost: drain first.  NULL is fine. */
void server_stop(struct server *server);

#endif
