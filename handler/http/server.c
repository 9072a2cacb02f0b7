#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/waiting.h"
#include "http/head.h"
#include "http/incoming.h"

/* The host closes connections it has not used for 60 s; waiting longer means that it, not we,
 * closes first, so that no request meets a closing connection. */
#define KEEP_ALIVE_MS "75000"
#define FD_SEARCH_MAX 65536 /* the lowest free number is taken, so it is one of the first */
#define LESS_TIME 4         /* times, for requests that have a thread while they come */
#define START_MS 10000
#define FILES_KEPT 24 /* for all but connections */
#define QUEUE_MAX 1024
#define TICK_MS 5
#define BACKLOG_MS 200
#define QUIET_TICKS (WAITS_ON_THREADS ? 20 : 2)

struct server {
	struct serving serving;
	struct mg_context *mg;
	int listener; /* civetweb's socket, until no connection is to be taken */
	int wake;     /* what is polled then, silent until the end */
};

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

#ifdef MG_READY_POOL
#define BODIES_HELD 64   /* of the largest size, of requests and answers on their way together */
#define HEADS_HELD 64    /* where bodies are smaller */
#define FILES_SPARED 512 /* descriptors for other things than connections */

/* What is asked for, but no more than there are descriptors. */
static int connections_max(const struct server_options *options)
{
	int files = files_limit();
	int room = files > 2 * FILES_SPARED ? files - FILES_SPARED : files / 2;

	return room < options->connections_max ? room : options->connections_max;
}

static long long held_max(const struct server_options *options)
{
	long long bodies = (long long)options->body_max * BODIES_HELD;

	return bodies > HEADS_HELD * HEAD_BYTES ? bodies : HEADS_HELD * HEAD_BYTES;
}
#endif

static int on_message(const struct mg_connection *conn, const char *message)
{
	struct serving *serving = mg_get_user_data(mg_get_context(conn));

	if (!atomic_load(&serving->accepting)) /* no other thread speaks yet */
		snprintf(serving->flaw, sizeof(serving->flaw), "%s", message);
	log_event(LOG_DEBUG, "server", "%s", message);
	return 1;
}

#ifdef MG_READY_POOL
static const char NO_ROOM[] =
	"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
	"Retry-After: 1\r\nConnection: close\r\nContent-Length: 90\r\n\r\n"
	"{\"error\":{\"code\":\"overloaded\",\"message\":\"No more connections; try "
	"later.\",\"requestId\":\"\"}}";

static void on_no_room(const struct mg_context *ctx, int away, int closed)
{
	struct log_line line;

	(void)ctx;
	log_begin(&line, LOG_WARN, "no_room");
	log_int(&line, "turned_away", away);
	log_int(&line, "closed", closed);
	log_str(&line, "detail", "connections; see CONNECTIONS_MAX and MAX_BODY_BYTES");
	log_end(&line);
}

static void leave(void *context)
{
	mg_pool_leave(context);
}

static void take(void *context)
{
	mg_pool_return(context);
}

static void tell_waits(const struct mg_context *ctx)
{
	waiting_tell((struct waiting){leave, take, (void *)ctx});
}
#else
static void tell_waits(const struct mg_context *ctx)
{
	(void)ctx;
}

static int on_open(const struct mg_connection *conn, void **ret_data)
{
	struct serving *serving = mg_get_user_data(mg_get_context(conn));

	*ret_data = NULL;
	atomic_fetch_add(&serving->open, 1);
	return 0;
}

static void on_closed(const struct mg_connection *conn)
{
	struct serving *serving = mg_get_user_data(mg_get_context(conn));

	atomic_fetch_sub(&serving->open, 1);
}
#endif

static void *on_thread(const struct mg_context *ctx, int type)
{
	struct serving *serving = mg_get_user_data(ctx);

	if (type == 0) /* the one that accepts */
		atomic_store(&serving->accepting, true);
	else
		tell_waits(ctx);
	return NULL;
}

/* civetweb says nothing where it got no thread to accept connections with, the last that it asks
 * for, and could not be stopped then. */
static bool await_accepting(struct serving *serving)
{
	int64_t until_ms = clock_mono_ms() + START_MS;
	struct timespec tick = {.tv_nsec = 1000000};

	while (!atomic_load(&serving->accepting) && clock_mono_ms() < until_ms)
		nanosleep(&tick, NULL);
	return atomic_load(&serving->accepting);
}

/* Where no file can be opened for a connection, Debian's civetweb tries over and over: it is to run
 * out of places before.  Returns how many connections may wait for a thread. */
static int fit_threads(struct server_options *options)
{
	int files = files_limit() - FILES_KEPT;

	if (!WAITS_ON_THREADS)
		return QUEUE_MAX;
	if (options->threads > files / 2)
		options->threads = files / 2;
	files -= options->threads;
	return files < QUEUE_MAX ? files : QUEUE_MAX;
}

bool server_start(const struct server_options *options, struct server **ret, struct err *err)
{
	struct server *server = xcalloc(1, sizeof(*server));
	char port[32], threads[16], head[16], wait[16], queue[16];
	const char *settings[] = {"listening_ports", port, "num_threads", threads,
		"enable_keep_alive", "yes", "keep_alive_timeout_ms", KEEP_ALIVE_MS,
		"request_timeout_ms", wait, "max_request_size", head, "tcp_nodelay", "1",
		"listen_backlog", "4096", "connection_queue", queue, "enable_auth_domain_check",
		"no", "decode_url", "no", NULL};
	struct mg_callbacks callbacks = {.begin_request = incoming_request,
		.http_error = incoming_error,
		.connection_close = incoming_close,
#ifdef MG_READY_POOL
		.await_body = incoming_body_awaited,
		.no_room = NO_ROOM,
		.no_room_was = on_no_room,
		.connections_max = connections_max(options),
		.held_max = held_max(options),
#else
		.init_connection = on_open,
		.connection_closed = on_closed,
#endif
		.init_thread = on_thread,
		.log_message = on_message};
	server->serving.options = *options;
	if (WAITS_ON_THREADS)
		server->serving.options.request_timeout_ms /= LESS_TIME;
	snprintf(queue, sizeof(queue), "%d", fit_threads(&server->serving.options));
	snprintf(port, sizeof(port), "127.0.0.1:%d", options->port);
	snprintf(threads, sizeof(threads), "%d", server->serving.options.threads);
	snprintf(head, sizeof(head), "%d", HEAD_BYTES);
	snprintf(wait, sizeof(wait), "%d", server->serving.options.request_timeout_ms);
	server->wake = eventfd(0, EFD_CLOEXEC);
	server->mg = mg_start(&callbacks, &server->serving, settings);
	if (!server->mg) {
		err_set(err, ERR_SERVER_CONFIGURATION, "cannot serve on 127.0.0.1:%d: %s",
			options->port, server->serving.flaw);
		close(server->wake);
		free(server);
		return false;
	}
	if (!await_accepting(&server->serving))
		return err_set(err, ERR_SERVER_CONFIGURATION, "no thread to accept connections: %s",
			server->serving.flaw);
	server->listener = find_listener(options->port);
	*ret = server;
	return true;
}

const char *server_waiting(void)
{
	return WAITS_ON_THREADS ? "a thread a connection" : "no thread for a waiting connection";
}

/* From here on a connection is refused; those that the kernel has made are taken first, as
 * otherwise it would reset them.  civetweb's accepting thread would find its socket ready over and
 * over; it polls server->wake in its place. */
static void stop_accepting(struct server *server)
{
	struct pollfd made = {.fd = server->listener, .events = POLLIN};
	struct timespec tick = {.tv_nsec = 1000000};

	if (atomic_exchange(&server->serving.draining, true))
		return;
	for (int i = 0; i < BACKLOG_MS && poll(&made, 1, 0) > 0; i++)
		nanosleep(&tick, NULL);
	shutdown(server->listener, SHUT_RDWR);
	dup3(server->wake, server->listener, O_CLOEXEC);
}

/* Whether nothing is being read, answered or sent, as far as can be told. */
static bool is_quiet(struct server *server)
{
#ifdef MG_READY_POOL
	if (!mg_pool_idle(server->mg))
		return false;
#endif
	return !atomic_load(&server->serving.in_flight);
}

/* What had come on a kept connection before the end may not have been looked at yet: only when
 * nothing has been answered for a while has all been. */
void server_drain(struct server *server, int64_t limit_ms)
{
	int64_t until_ms = clock_mono_ms() + limit_ms;
	struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
	unsigned begun, seen = 0;

	if (!server)
		return;
	stop_accepting(server);
	for (int quiet = 0; quiet < QUIET_TICKS && clock_mono_ms() < until_ms;) {
		begun = atomic_load(&server->serving.begun);
		quiet = is_quiet(server) && begun == seen ? quiet + 1 : 0;
		seen = begun;
		nanosleep(&tick, NULL);
	}
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
