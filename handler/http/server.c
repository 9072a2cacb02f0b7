#include "http/server.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/envelope.h"
#include "http/head.h"

/* The host closes connections it has not used for 60 s; waiting longer means that it, not we,
 * closes first, so that no request meets a closing connection. */
#define KEEP_ALIVE_MS "75000"
#define REQUEST_TIMEOUT_MS "30000"
/* In an envelope a body byte takes up to 6 as JSON text, and the host repeats a JSON body's
 * members in the metadata. */
#define ENVELOPE_FACTOR 12
#define PIECE_BYTES 4096
#define FD_SEARCH_MAX 65536 /* the lowest free number is taken, so it is one of the first */

struct server {
	struct server_options options;
	struct mg_context *mg;
	int listener;           /* civetweb's socket, until no connection is to be taken */
	int wake;               /* what is polled then, silent until the end */
	_Atomic(bool) draining; /* that is so, and answers are the last on their connections */
	_Atomic(int) in_flight; /* requests being read or answered */
};

/* The host's own stands behind what the client sent under that name. */
static const char *invocation_id(const struct request *request)
{
	const char *id = NULL, *comma;

	for (size_t i = 0; i < request->header_count; i++) {
		if (!strcasecmp(request->headers[i].name, "X-Azure-Functions-InvocationId"))
			id = request->headers[i].value;
	}
	comma = id ? strrchr(id, ',') : NULL;
	return comma ? comma + 1 + strspn(comma + 1, " ") : id;
}

/* civetweb has cut the query off already where it hands a request over in the usual way. */
static void read_target(struct request *request, const struct mg_request_info *info)
{
	char *mark = strchr(info->request_uri, '?');

	request->query = info->query_string ? info->query_string : "";
	if (mark) {
		*mark = '\0';
		request->query = mark + 1;
	}
	request->path = head_path(info->request_uri);
}

static void read_head(struct request *request, const struct mg_request_info *info)
{
	request->method = info->request_method;
	read_target(request, info);
	request->body = "";
	for (int i = 0; i < info->num_headers && i < HEADERS_MAX; i++)
		request->headers[request->header_count++] = (struct header){
			info->http_headers[i].name, info->http_headers[i].value};
	request->invocation_id = invocation_id(request);
}

/* Reads to the end even past the limit, so that a client that is still sending gets to read the
 * answer. */
static bool read_body(struct mg_connection *conn, struct request *request, size_t body_max,
	struct buf *body, struct err *err)
{
	const struct mg_request_info *info = mg_get_request_info(conn);
	const char *expect = request_header(request, "Expect");
	bool chunked = request_header(request, "Transfer-Encoding") != NULL;
	long long expected = chunked || info->content_length < 0 ? 0 : info->content_length;
	long long got = 0;
	int n = chunked || expected;

	if (expect && strcasecmp(expect, "100-continue") != 0)
		return err_say(err, ERR_BAD_REQUEST, "The Expect header holds something unknown.");
	if (expect && (chunked || expected))
		mg_write(conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	while (n > 0 && (chunked || got < expected)) {
		size_t room = chunked || expected - got > PIECE_BYTES ? PIECE_BYTES
								      : (size_t)(expected - got);

		n = mg_read(conn, buf_reserve(body, room), room);
		if (n <= 0)
			break;
		if (!got && head_is_again(request, info->http_version, body->data, (size_t)n))
			return err_say(err, ERR_BAD_REQUEST, "Blank lines precede the request.");
		request->body_too_large |= (size_t)n > body_max - body->len;
		body->len += request->body_too_large ? 0 : (size_t)n;
		got += n;
	}
	if (n < 0 || got < expected)
		return err_say(
			err, ERR_BAD_REQUEST, "The request body ended early or is malformed.");
	if (body->len && !request->body_too_large) {
		body->data[body->len] = '\0';
		request->body = body->data;
		request->body_len = body->len;
	}
	return true;
}

/* name: value, at once: a response has a dozen of them. */
static void add_field(struct buf *out, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char *at = buf_reserve(out, name_len + value_len + 4);

	at = mempcpy(at, name, name_len);
	at = mempcpy(at, ": ", 2);
	at = mempcpy(at, value, value_len);
	at[0] = '\r';
	at[1] = '\n';
	out->len += name_len + value_len + 4;
}

static void add_date(struct buf *out)
{
	char text[CLOCK_HTTP_SIZE];

	clock_http(clock_unix_s(), text);
	add_field(out, "Date", text);
}

/* civetweb closes where the client did not ask to keep the connection; a client that is not told
 * might send its next request into the closing. */
static bool closes(const struct request *request, const struct mg_request_info *info)
{
	const char *connection = request_header(request, "Connection");

	if (request_header(request, "Upgrade")) /* not taken up, but civetweb then closes */
		return true;
	if (connection)
		return !strcasestr(connection, "keep-alive");
	return !info->http_version || strcmp(info->http_version, "1.1") != 0;
}

/* Status line, fields and body in one write: one segment for a small answer. */
static void write_response(
	struct mg_connection *conn, const char *method, const struct response *response)
{
	char small[8192];
	struct buf out;

	buf_init_in(&out, small, sizeof(small));
	buf_adds(&out, "HTTP/1.1 ");
	buf_add_int(&out, response->status);
	buf_add(&out, " ", 1);
	buf_adds(&out, mg_get_response_code_text(conn, response->status));
	buf_add(&out, "\r\n", 2);
	add_date(&out);
	for (size_t i = 0; i < response->header_count; i++)
		add_field(&out, response->headers[i].name, response->headers[i].value);
	if (response->status != 204) {
		buf_adds(&out, "Content-Length: ");
		buf_add_int(&out, (int64_t)response->body_len);
		buf_add(&out, "\r\n", 2);
	}
	buf_add(&out, "\r\n", 2);
	if (strcmp(method, "HEAD") != 0)
		buf_add(&out, response->body, response->body_len);
	mg_write(conn, out.data, out.len);
	if (response->secret)
		buf_wipe(&out);
	buf_done(&out);
}

static void answer(struct server *server, const struct request *outer, struct response *response)
{
	const struct server_options *options = &server->options;
	struct envelope envelope;
	struct response inner;
	autoerr(err);

	if (!options->envelopes || !envelope_expected(outer)) {
		options->handler(options->context, outer, NULL, response);
		return;
	}
	response_init(&inner);
	if (!envelope_open(&envelope, outer, options->body_max, &err)) {
		/* Wrapped all the same: of a plain error the host would show nobody the reason. */
		options->handler(options->context, outer, &err, &inner);
		envelope_wrap(&inner, response, &err);
	} else {
		options->handler(options->context, &envelope.inner, NULL, &inner);
		if (!envelope_wrap(&inner, response, &err)) {
			response_done(&inner);
			options->handler(options->context, &envelope.inner, &err, &inner);
			envelope_wrap(&inner, response, &err);
		}
	}
	envelope_done(&envelope);
	response_done(&inner);
}

/* What civetweb does with the connection after the answer. */
enum after { AFTER_KEEP, AFTER_CLOSE };

/* Returns what civetweb wants of on_request. */
static int answer_request(struct mg_connection *conn, enum after after)
{
	const struct mg_request_info *info = mg_get_request_info(conn);
	struct server *server = info->user_data;
	size_t body_max = server->options.body_max;
	struct request request = {0};
	struct response response;
	struct buf body;
	autoerr(err);
	bool read;
	int status;

	response_init(&response);
	read_head(&request, info);
	if (server->options.envelopes && envelope_expected(&request))
		body_max = body_max * ENVELOPE_FACTOR + 65536;
	buf_init(&body);
	read = head_check(&request, info->http_version, &err) &&
	       read_body(conn, &request, body_max, &body, &err);
	if (read)
		answer(server, &request, &response);
	else
		server->options.handler(server->options.context, &request, &err, &response);
	/* Of a request not read to its end the rest would be taken for the next request. */
	if (!read || after == AFTER_CLOSE || closes(&request, info) ||
		atomic_load(&server->draining)) {
		response_header(&response, "Connection", "close");
		mg_disable_connection_keep_alive(conn);
	}
	status = read ? response.status : -1; /* -1: leave the rest of the body unread */
	write_response(conn, request.method, &response);
	response_done(&response);
	buf_wipe(&body); /* it may hold a token */
	return status;
}

static int count_request(struct mg_connection *conn, enum after after)
{
	struct server *server = mg_get_user_data(mg_get_context(conn));
	int status;

	atomic_fetch_add(&server->in_flight, 1);
	status = answer_request(conn, after);
	atomic_fetch_sub(&server->in_flight, 1);
	return status;
}

static int on_request(struct mg_connection *conn)
{
	return count_request(conn, AFTER_KEEP);
}

/* What civetweb could not parse never becomes a request; it gets the same kind of answer. */
static int on_error(struct mg_connection *conn, int status, const char *message)
{
	struct server *server = mg_get_user_data(mg_get_context(conn));
	struct request request = {.method = "", .path = "", .query = "", .body = ""};
	struct response response;
	autoerr(err);

	mg_set_user_connection_data(conn, server); /* for on_close */
	/* A request target that civetweb takes for none, though it may be an absolute URL. */
	if (!strcmp(message, "Invalid URI")) {
		count_request(conn, AFTER_CLOSE);
		return 0;
	}
	response_init(&response);
	if (status == 413)
		err_set(&err, ERR_HEADERS_TOO_LARGE, "%s", message);
	else
		err_say(&err, ERR_BAD_REQUEST, "The request is not valid HTTP/1.1.");
	server->options.handler(server->options.context, &request, &err, &response);
	response_header(&response, "Connection", "close");
	write_response(conn, request.method, &response);
	response_done(&response);
	return 0;
}

/* civetweb closes without a word where the request target is "*", or a URL with another port than
 * its own.  Such a request has been read like any other but for that; here is the last chance to
 * answer it. */
static void on_close(const struct mg_connection *closing)
{
	struct mg_connection *conn = (struct mg_connection *)closing;
	const struct mg_request_info *info = mg_get_request_info(conn);

	if (info && info->request_method && !info->local_uri && !mg_get_user_connection_data(conn))
		count_request(conn, AFTER_CLOSE);
}

static int on_message(const struct mg_connection *conn, const char *message)
{
	(void)conn;
	log_event(LOG_DEBUG, "server", "%s", message);
	return 1;
}

/* civetweb keeps its socket to itself; -1: there is none that listens there. */
static int find_listener(int port)
{
	for (int fd = 0; fd < FD_SEARCH_MAX; fd++) {
		struct sockaddr_in at = {0};
		socklen_t at_size = sizeof(at), size = sizeof(int);
		int listens = 0;

		if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) && listens &&
			!getsockname(fd, (struct sockaddr *)&at, &at_size) &&
			at.sin_family == AF_INET && ntohs(at.sin_port) == port)
			return fd;
	}
	return -1;
}

bool server_start(const struct server_options *options, struct server **ret, struct err *err)
{
	struct server *server = xcalloc(1, sizeof(*server));
	char port[32], threads[16], head[16];
	const char *settings[] = {"listening_ports", port, "num_threads", threads,
		"enable_keep_alive", "yes", "keep_alive_timeout_ms", KEEP_ALIVE_MS,
		"request_timeout_ms", REQUEST_TIMEOUT_MS, "max_request_size", head, "tcp_nodelay",
		"1", "listen_backlog", "1024", "connection_queue", "1024",
		"enable_auth_domain_check", "no", "decode_url", "no", NULL};
	struct mg_callbacks callbacks = {.begin_request = on_request,
		.http_error = on_error,
		.connection_close = on_close,
		.log_message = on_message};

	server->options = *options;
	snprintf(port, sizeof(port), "127.0.0.1:%d", options->port);
	snprintf(threads, sizeof(threads), "%d", options->threads);
	snprintf(head, sizeof(head), "%d", HEAD_BYTES);
	server->mg = mg_start(&callbacks, server, settings);
	if (!server->mg) {
		free(server);
		return err_set(err, ERR_SERVER_CONFIGURATION,
			"cannot listen on 127.0.0.1:%d (is another program using the port?)",
			options->port);
	}
	server->listener = find_listener(options->port);
	server->wake = eventfd(0, EFD_CLOEXEC);
	*ret = server;
	return true;
}

/* From here on a connection is refused.  civetweb's accepting thread would find its socket ready
 * over and over; it polls server->wake in its place. */
static void stop_accepting(struct server *server)
{
	if (atomic_exchange(&server->draining, true))
		return;
	shutdown(server->listener, SHUT_RDWR);
	dup3(server->wake, server->listener, O_CLOEXEC);
}

void server_drain(struct server *server, int64_t limit_ms)
{
	int64_t until_ms = clock_mono_ms() + limit_ms;
	struct timespec tick = {.tv_nsec = 5000000};

	if (server)
		stop_accepting(server);
	while (server && atomic_load(&server->in_flight) && clock_mono_ms() < until_ms)
		nanosleep(&tick, NULL);
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	stop_accepting(server);
	eventfd_write(server->wake, 1);
	mg_stop(server->mg);
	close(server->wake);
	free(server);
}
