#include "http/incoming.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/arrived.h"
#include "http/envelope.h"
#include "http/head.h"
#include "http/incoming_head.h"
#include "http/wire.h"

/* In an envelope a body byte takes up to 6 as JSON text, and the host repeats a JSON body's
 * members in the metadata. */
#define ENVELOPE_FACTOR 12
#define CHUNK_FACTOR 8 /* bytes of a chunked body for one of what is in it, at most */

#define PIECE_BYTES 16384
/* What Debian's civetweb has to wait for it is asked for little of, so that the clock is looked at
 * again: it goes on until it has all that was asked for. */
#define AWAITED_BYTES 16
/* As much mostly came with the head, and lies in civetweb: the socket is not looked for. */
#define LITTLE_BYTES 256
/* Of a chunked body, that civetweb takes for one byte of what is in it, at most. */
#define CHUNK_BYTES_MAX 72

/* A request has its time, a second more for each 500 bytes that have come, and never more than four
 * times its time: what Apache's mod_reqtimeout calls MinRate. */
#define RATE_BYTES 500
#define LONGEST 4

/* Stand by a connection: its request's head has been looked at, and the body is awaited; or it has
 * its answer. */
static char body_awaited, answered;

/* A request on its way from civetweb's connection to the handler, and its response. */
struct incoming {
	struct mg_connection *conn;
	const struct mg_request_info *info;
	struct serving *serving;
	struct request request;
	struct response response;
	struct buf body;
	size_t body_max;
	struct arrived arrived;
	bool head_checked;
	bool chunked;
	bool unread;  /* not read to its end: the rest would be taken for the next request */
	bool closing; /* the connection is, whatever is asked */
};

static void begin(struct incoming *in, struct mg_connection *conn)
{
	const struct mg_request_info *info = mg_get_request_info(conn);
	struct serving *serving = mg_get_user_data(mg_get_context(conn));

	*in = (struct incoming){.conn = conn,
		.info = info,
		.serving = serving,
		.head_checked = mg_get_user_connection_data(conn) == &body_awaited};
	response_init(&in->response);
	buf_init(&in->body);
	incoming_head(&in->request, info);
	in->chunked = request_header(&in->request, "Transfer-Encoding") != NULL;
	in->body_max = serving->options.body_max;
	if (serving->options.envelopes && envelope_expected(&in->request))
		in->body_max = in->body_max * ENVELOPE_FACTOR + 65536;
}

static bool has_body(const struct incoming *in)
{
	return in->chunked || in->info->content_length > 0;
}

static bool check_head(struct incoming *in, struct err *err)
{
	const char *expect = request_header(&in->request, "Expect");

	if (!head_check(&in->request, in->info->http_version, err))
		return false;
	return !expect || !strcasecmp(expect, "100-continue") ||
	       err_say(err, ERR_BAD_REQUEST, "The Expect header holds something unknown.");
}

/* What can be said without the body is said before it is read.  False: that is the response.
 * RFC 9110 §10.1.1 */
static bool want_body(struct incoming *in)
{
	const struct server_options *options = &in->serving->options;

	in->request.body_too_large = in->info->content_length > (long long)in->body_max;
	if (!(options->envelopes && envelope_expected(&in->request)) &&
		!options->wants_body(options->context, &in->request, &in->response))
		return false;
	if (request_header(&in->request, "Expect") && !strcmp(in->info->http_version, "1.1"))
		mg_write(in->conn, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	return true;
}

/* How much to ask for at once, after so much: what is there, where it would be waited for. */
static size_t piece_size(struct incoming *in, int64_t got)
{
	const struct mg_request_info *info = in->info;
	size_t here;

	if (!WAITS_ON_THREADS)
		return PIECE_BYTES;
	if (got < LITTLE_BYTES)
		return AWAITED_BYTES;
	if (!in->arrived.socket)
		arrived_find(&in->arrived, info->remote_addr, info->remote_port, info->server_port);
	here = arrived_bytes(&in->arrived) / (in->chunked ? CHUNK_BYTES_MAX : 1);
	if (here < AWAITED_BYTES)
		return AWAITED_BYTES;
	return here < PIECE_BYTES ? here : PIECE_BYTES;
}

static bool make_room(struct incoming *in, size_t n, struct err *err)
{
	if (buf_may_grow(&in->body, n)) {
		buf_reserve(&in->body, n);
		return true;
	}
	err_set(err, ERR_OVERLOADED, "no memory for the body");
	err->retry_after_s = 1;
	return false;
}

static void add_piece(struct incoming *in, size_t n)
{
	in->request.body_too_large |= n > in->body_max - in->body.len;
	in->body.len += in->request.body_too_large ? 0 : n;
}

static bool in_time(const struct serving *serving, int64_t start_ms, int64_t got)
{
	int64_t wait_ms = serving->options.request_timeout_ms, more_ms = got * 1000 / RATE_BYTES;

	if (more_ms > (LONGEST - 1) * wait_ms)
		more_ms = (LONGEST - 1) * wait_ms;
	return clock_mono_ms() - start_ms <= wait_ms + more_ms;
}

/* Reads to the end, or as much past the limit as there is. */
static bool read_body(struct incoming *in, struct err *err)
{
	bool chunked = in->chunked;
	int64_t expected = chunked || in->info->content_length < 0 ? 0 : in->info->content_length;
	int64_t got = 0, start_ms = clock_mono_ms();
	int n = chunked || expected;

	/* At once, so that of many that come together the first find room, and not none of them. */
	if (expected && expected <= (int64_t)in->body_max && !make_room(in, (size_t)expected, err))
		return false;
	while (n > 0 && (chunked || got < expected)) {
		size_t room = piece_size(in, got);

		if (!chunked && expected - got < (int64_t)room)
			room = (size_t)(expected - got);
		if (!make_room(in, room, err))
			return false;
		n = mg_read(in->conn, buf_reserve(&in->body, room), room);
		if (n <= 0)
			break;
		if (!got && head_is_again(
				    &in->request, in->info->http_version, in->body.data, (size_t)n))
			return err_say(err, ERR_BAD_REQUEST, "Blank lines precede the request.");
		add_piece(in, (size_t)n);
		got += n;
		if (WAITS_ON_THREADS && !in_time(in->serving, start_ms, got))
			break;
	}
	in->unread = n < 0 || got < expected || (chunked && n > 0);
	if (in->unread && WAITS_ON_THREADS && !in_time(in->serving, start_ms, got))
		return err_set(err, ERR_REQUEST_TIMEOUT, "the body comes too slowly");
	if (in->unread && !in->request.body_too_large)
		return err_say(
			err, ERR_BAD_REQUEST, "The request body ended early or is malformed.");
	if (in->body.len && !in->request.body_too_large) {
		in->body.data[in->body.len] = '\0';
		in->request.body = in->body.data;
		in->request.body_len = in->body.len;
	}
	return true;
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

static void answer(const struct server_options *options, const struct request *request,
	struct response *response)
{
	struct envelope_way way = {options->body_max, options->handler, options->context};

	if (options->envelopes && envelope_expected(request))
		envelope_serve(&way, request, response);
	else
		options->handler(options->context, request, NULL, response);
}

/* In one write: one segment for a small answer. */
static void write_response(
	struct mg_connection *conn, const char *method, const struct response *response)
{
	char small[8192];
	struct buf out;

	buf_init_in(&out, small, sizeof(small));
	wire_response(&out, method, mg_get_response_code_text(conn, response->status), response);
	mg_write(conn, out.data, out.len);
	if (response->secret)
		buf_wipe(&out);
	buf_done(&out);
}

/* Where a connection has a thread, those that are kept may take no more than half of them. */
static bool is_crowded(struct serving *serving)
{
	return WAITS_ON_THREADS && 2 * atomic_load(&serving->open) > serving->options.threads;
}

static void respond(struct incoming *in)
{
	if (in->unread || in->closing || closes(&in->request, in->info) ||
		is_crowded(in->serving) || atomic_load(&in->serving->draining)) {
		response_header(&in->response, "Connection", "close");
		mg_disable_connection_keep_alive(in->conn);
	}
	write_response(in->conn, in->request.method, &in->response);
	response_done(&in->response);
	buf_wipe(&in->body); /* it may hold a token */
}

/* So that a client that is still sending gets to read its answer: closing on unread bytes takes the
 * answer back. */
static void discard_body(struct incoming *in)
{
	int64_t start_ms = clock_mono_ms(), got = 0;
	char unread[4096];
	int n = 1;

	while (n > 0 && in_time(in->serving, start_ms, got)) {
		size_t size = piece_size(in, got);

		n = mg_read(in->conn, unread, size < sizeof(unread) ? size : sizeof(unread));
		got += n > 0 ? n : 0;
	}
}

static void refuse(struct incoming *in, const struct err *err)
{
	const struct server_options *options = &in->serving->options;

	in->unread = true;
	options->handler(options->context, &in->request, err, &in->response);
	respond(in);
}

static void serve(struct incoming *in)
{
	autoerr(err);

	bool wanted = true;
	bool good = in->head_checked || check_head(in, &err);

	if (good && WAITS_ON_THREADS && has_body(in))
		wanted = want_body(in);
	if (good && wanted)
		good = read_body(in, &err);
	in->unread |= !wanted;
	if (!good)
		refuse(in, &err);
	else if (wanted)
		answer(&in->serving->options, &in->request, &in->response);
	if (good)
		respond(in);
	if (WAITS_ON_THREADS && (!wanted || err.code == ERR_OVERLOADED) &&
		!request_header(&in->request, "Expect"))
		discard_body(in);
}

/* Returns what civetweb wants of it: a status, or -1 to leave the rest of the body unread.
 */
int incoming_request(struct mg_connection *conn)
{
	struct incoming in;
	int status;

	begin(&in, conn);
	atomic_fetch_add(&in.serving->begun, 1);
	atomic_fetch_add(&in.serving->in_flight, 1);
	if (in.info->query_string)
		in.request.query = in.info->query_string;
	serve(&in);
	status = in.unread ? -1 : 200;
	atomic_fetch_sub(&in.serving->in_flight, 1);
	return status;
}

static void answer_last(struct mg_connection *conn)
{
	struct incoming in;

	begin(&in, conn);
	mg_disable_connection_keep_alive(conn);
	in.closing = true;
	serve(&in);
}

#ifdef MG_READY_POOL
long long incoming_body_awaited(struct mg_connection *conn)
{
	struct incoming in;
	autoerr(err);

	begin(&in, conn);
	mg_set_user_connection_data(conn, &answered); /* for incoming_close */
	if (!check_head(&in, &err)) {
		refuse(&in, &err);
		return 0;
	}
	if (!want_body(&in)) {
		in.unread = true;
		respond(&in);
		return 0;
	}
	incoming_head_again(&in.request);
	mg_set_user_connection_data(conn, &body_awaited);
	return (long long)in.body_max * CHUNK_FACTOR + 65536;
}
#endif

/* What civetweb itself found wrong. */
static void name_error(int status, const char *message, struct err *err)
{
	switch (status) {
	case 408:
		err_set(err, ERR_REQUEST_TIMEOUT, "%s", message);
		break;
	case 413:
		err_set(err, ERR_HEADERS_TOO_LARGE, "%s", message);
		break;
	case 503:
		err_set(err, ERR_OVERLOADED, "%s", message);
		err->retry_after_s = 1;
		break;
	default:
		err_say(err, ERR_BAD_REQUEST, "The request is not valid HTTP/1.1.");
	}
}

/* What civetweb could not parse, or wait for, never becomes a request; it gets the same kind of
 * answer. */
int incoming_error(struct mg_connection *conn, int status, const char *message)
{
	struct serving *serving = mg_get_user_data(mg_get_context(conn));
	const struct mg_request_info *info = mg_get_request_info(conn);
	struct request request = {.method = "", .path = "", .query = "", .body = ""};
	struct response response;
	autoerr(err);

	mg_set_user_connection_data(conn, &answered); /* for incoming_close */
	/* A request target that civetweb takes for none, though it may be an absolute URL. */
	if (!strcmp(message, "Invalid URI")) {
		answer_last(conn);
		return 0;
	}
	response_init(&response);
	if (status == 408 && info->request_method)
		incoming_head(&request, info);
	name_error(status, message, &err);
	serving->options.handler(serving->options.context, &request, &err, &response);
	response_header(&response, "Connection", "close");
	write_response(conn, request.method, &response);
	response_done(&response);
	return 0;
}

/* civetweb closes without a word where the request target is "*", or a URL with another port than
 * its own.  Such a request has been read like any other but for that; here is the last chance to
 * answer it. */
void incoming_close(const struct mg_connection *closing)
{
	struct mg_connection *conn = (struct mg_connection *)closing;
	const struct mg_request_info *info = mg_get_request_info(conn);

	if (info && info->request_method && !info->local_uri &&
		mg_get_user_connection_data(conn) != &answered)
		answer_last(conn);
}
