/* The HTTP server, on loopback only.  The only file with civetweb.
 *
 * With the civetweb that we link into the zip's binary (packaging/civetweb/ready_pool*.inl) a
 * connection takes a thread only while a request that has come whole is answered; with Debian's it
 * has one for its life, so that those that wait get less time and fewer are kept.  A request has
 * request_timeout_ms for its head and again for its body, which what comes extends; one that is
 * slower is answered 408.
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

/* Whether the request, of which only the head is here yet, is one whose body is to be read.  False:
 * response is the answer.  Any thread. */
typedef bool (*body_wanted)(
	void *context, const struct request *request, struct response *response);

struct server_options {
	int port;
	int threads;         /* requests answered at once */
	int connections_max; /* open at once, where waiting ones have no thread */
	int request_timeout_ms;
	size_t body_max; /* bytes */
	bool envelopes;  /* the Functions host wraps each call in one (http/host_json) */
	request_handler handler;
	body_wanted wants_body; /* asked where the body is still to come */
	void *context;
};

/* What a waiting connection takes in this build, for people. */
const char *server_waiting(void);

/* Listens on 127.0.0.1:port; returns once connections are accepted.  ERR_SERVER_CONFIGURATION when
 * the port cannot be had. */
bool server_start(const struct server_options *options, struct server **ret, struct err *err);
/* Takes no further connection, and waits until no request is being answered, limit_ms at most; the
 * answers close their connections.  NULL is fine. */
void server_drain(struct server *server, int64_t limit_ms);
/* Stops and frees.  Answers not yet written are lost: drain first.  NULL is fine. */
void server_stop(struct server *server);

#endif
