/* The HTTP client: HTTPS (HTTP/2 where the server has it) and, for loopback, plain HTTP.  With
 * transfer.c the only file with libcurl.
 *
 * All transfers run on one driver thread over one set of connections; http_send blocks its caller
 * meanwhile.  Redirects are not followed.  A request is repeated once, on a new connection, when
 * its own turns out dead before a byte of the answer came: a connection that is shared dies of
 * others' faults too.  One that is refused (HTTP/2's REFUSED_STREAM, GOAWAY) is sent three times at
 * most. Nothing else is retried here.
 *
 * An answer is the request's own: a kept HTTP/1.1 connection on which something waits before the
 * request is sent is given up, and one on which something followed an answer.  Behind a proxy that
 * is spoken to over TLS, where that cannot be seen, none is kept.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "base/err.h"
#include "http/message.h"
#include "http/reply.h"

struct http_client;

struct http_fetch {
	const char *method; /* NULL: POST with a body, GET without */
	const char *url;
	const struct header *headers; /* one whose value is NULL is left out */
	size_t header_count;
	const char *body;      /* NULL: none */
	const char *body_type; /* NULL: none is said */
	bool fresh;            /* on a new connection */
	bool once; /* a write, or one with a code that counts but once: never sent again after its
		      bytes may have arrived */
	struct deadline deadline; /* connecting included */
	size_t body_max;          /* of the reply, bytes */
};

/* ca_file: PEM bundle, or "" for the system's.  Fails with ERR_SERVER_CONFIGURATION when no bundle
 * is found. */
bool http_client_new(const char *ca_file, struct http_client **ret, struct err *err);
/* Fails what is under way and whatever is sent later, ends every http_client_wait.  Any thread. */
void http_client_stop(struct http_client *client);
/* Stops and frees; no http_send may be running or start any more.  NULL is fine. */
void http_client_free(struct http_client *client);

/* Sends and waits.  True for any HTTP status.  ERR_UPSTREAM_TIMEOUT or ERR_UPSTREAM_UNAVAILABLE
 * when no complete answer came; err->maybe_done says whether bytes of it may have gone.  Nothing is
 * sent past the deadline.  Any thread.  The caller ends *ret with http_reply_done. */
bool http_send(struct http_client *client, const struct http_fetch *fetch, struct http_reply *ret,
	struct err *err);
/* What a reply says cannot have been meant for its fetch: the connection that brought it is given
 * up, for all that share it.  Any thread. */
void http_distrust(struct http_client *client, int64_t connection);

/* Lets ms pass before another try.  False, at once, when the client is stopped, or the try would
 * come too late for the deadline.  Any thread. */
bool http_client_wait(struct http_client *client, int64_t ms, struct deadline deadline);

#endif
