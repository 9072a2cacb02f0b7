/* A request and a response, whatever carried them: civetweb's connection, or the Functions host's
 * payload envelope around an inner request.  Knows nothing of sockets.
 */
#ifndef HTTP_MESSAGE_H
#define HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define HEADERS_MAX 64 /* civetweb 1.15 keeps no more; a request must have fewer */
#define QUERY_VALUE_MAX 8192

struct header {
	const char *name;
	const char *value;
};

/* Strings belong to whoever made the request and live until its answer is sent. */
struct request {
	const char *method; /* upper case, as received */
	const char *path;   /* as received, percent-encoded, without the query */
	const char *query;  /* as received, percent-encoded; "" when there is none */
	struct header headers[HEADERS_MAX];
	size_t header_count;
	const char *body;
	size_t body_len;
	bool body_too_large;       /* the body passed the limit and was not kept */
	const char *invocation_id; /* the Functions host's, or NULL */
	const char *url; /* payload mode: the client's, where path is the function's; else NULL */
};

/* True when nobody on the way can take the path (the client's, in payload mode) for another one:
 * decoded once it holds no dot segment, no backslash and no further escape.  The Functions host
 * authorizes one reading of a path and may send the next. */
bool request_path_plain(const struct request *request);

/* The first header of that name, in any case; NULL when absent. */
const char *request_header(const struct request *request, const char *name);

/* How many headers of that name there are. */
size_t request_header_count(const struct request *request, const char *name);

/* The decoded value of a query parameter into *ret (`found` says whether there is one).  Names
 * ignore case; several values are joined with commas, as the Functions host joins them.  Fails
 * with ERR_BAD_REQUEST on broken percent-encoding, NUL, invalid UTF-8 or QUERY_VALUE_MAX. */
bool request_query(const struct request *request, const char *name, struct buf *ret,
	bool *ret_found, struct err *err);

/* The path without the prefix that the Functions host gives routes unless told otherwise. */
const char *path_without_prefix(const char *path);

/* True when the method is among those, separated by spaces; HEAD is where GET is (RFC 9110 §9.1).
 */
bool method_is_among(const char *methods, const char *method);

/* True when the media type of Content-Type is type, parameters aside; of several copies, that of
 * each. */
bool request_is_type(const struct request *request, const char *type);

#define RESPONSE_HEADERS_MAX 24

struct response {
	int status;
	struct {
		const char *name; /* a constant */
		const char *value;
		char *owned; /* the value, where it is to be freed; else NULL */
	} headers[RESPONSE_HEADERS_MAX];
	size_t header_count;
	const char *body; /* owned_body, or bytes that outlive the response */
	size_t body_len;
	char *owned_body;
	bool secret; /* the body holds tokens: it is wiped, not just freed */
};

/* Answers one request; runs on many threads at once.  err is NULL, or says why the request could
 * not be read (then request holds what is known and the answer must be that error). */
typedef void (*request_handler)(void *context, const struct request *request, const struct err *err,
	struct response *response);

void response_init(struct response *response);
void response_done(struct response *response);

/* Sets a header; name must be a constant.  CR, LF and NUL in a value end it there. */
void response_header(struct response *response, const char *name, const char *value);
/* The same for a value that outlives the response, as it is. */
void response_header_static(struct response *response, const char *name, const char *value);

/* Says which methods are taken (RFC 9110 §10.2.1): those, and what goes without saying. */
void response_allow(struct response *response, const char *methods);
/* Says after how many seconds to come back; 0: nothing. */
void response_retry_after(struct response *response, int seconds);

/* The body: bytes that outlive the response, or a malloc'ed block it takes over.  type: a constant.
 */
void response_body_static(struct response *response, const char *type, const char *body, size_t n);
void response_body_owned(struct response *response, const char *type, char *body, size_t n);
/* The same for one that holds tokens. */
void response_body_secret(struct response *response, const char *type, char *body, size_t n);

#endif
