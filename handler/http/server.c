#include "http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/turn.h"
#include "http/head.h"
#include "http/incoming.h"

/* The host closes connections it has not used for 60 s; waiting longer means that it, not we,
 * closes first, so that no request meets a closing connection. */
#define KEEP_ALIVE_MS "75000"
#define FD_SEARCH_MAX 65536 /* the lowest free number is taken, so it is one of the first */
#define LESS_TIME 4         /* times, for requests that have a thread while they come */

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
#define FILES_SPARED 512 /* descriptors for other things than connections */

/* What is asked for, but no more than there are descriptors. */
static int connections_max(const struct server_options *options)
{
	struct rlimit files;
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return options->connections_max;
	room = files.rlim_cur > 2 * FILES_SPARED ? files.rlim_cur - FILES_SPARED
						 : files.rlim_cur / 2;
	return room < (rlim_t)options->connections_max ? (int)room : options->connections_max;
}
#endif

static int on_message(const struct mg_connection *conn, const char *message)
{
	(void)conn;
	log_event(LOG_DEBUG, "server", "%s", message);
	return 1;
}

#ifdef MG_READY_POOL
static const char NO_ROOM[] =
	"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
	"Retry-After: 1\r\nConnection: close\r\nContent-Length: 90\r\n\r\n"
	"{\"error\":{\"code\":\"overloaded\",\"message\":\"No more connections; try "
	"later.\",\"requestId\":\"\"}}";

static void leave(void *context)
{
	mg_pool_leave(context);
}

static void take(void *context)
{
	mg_pool_return(context);
}

static void *on_thread(const struct mg_context *ctx, int type)
{
	(void)type;
	turn_of_thread((struct turn){leave, take, (void *)ctx});
	return NULL;
}
#else
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

bool server_start(const struct server_options *options, struct server **ret, struct err *err)
{
	struct server *server = xcalloc(1, sizeof(*server));
	char port[32], threads[16], head[16], wait[16];
	const char *settings[] = {"listening_ports", port, "num_threads", threads,
		"enable_keep_alive", "yes", "keep_alive_timeout_ms", KEEP_ALIVE_MS,
		"request_timeout_ms", wait, "max_request_size", head, "tcp_nodelay", "1",
		"listen_backlog", "1024", "connection_queue", "1024", "enable_auth_domain_check",
		"no", "decode_url", "no", NULL};
	struct mg_callbacks callbacks = {.begin_request = incoming_request,
		.http_error = incoming_error,
		.connection_close = incoming_close,
#ifdef MG_READY_POOL
		.await_body = incoming_body_awaited,
		.init_thread = on_thread,
		.no_room = NO_ROOM,
		.connections_max = connections_max(options),
		.held_max = (long long)options->body_max * BODIES_HELD,
#else
		.init_connection = on_open,
		.connection_closed = on_closed,
#endif
		.log_message = on_message};
	server->serving.options = *options;
	if (WAITS_ON_THREADS)
		server->serving.options.request_timeout_ms /= LESS_TIME;
	snprintf(port, sizeof(port), "127.0.0.1:%d", options->port);
	snprintf(threads, sizeof(threads), "%d", options->threads);
	snprintf(head, sizeof(head), "%d", HEAD_BYTES);
	snprintf(wait, sizeof(wait), "%d", server->serving.options.request_timeout_ms);
	server->wake = eventfd(0, EFD_CLOEXEC);
	server->mg = mg_start(&callbacks, &server->serving, settings);
	if (!server->mg) {
		close(server->wake);
		free(server);
		return err_set(err, ERR_SERVER_CONFIGURATION,
			"cannot listen on 127.0.0.1:%d (is another program using the port?)",
			options->port);
	}
	server->listener = find_listener(options->port);
	*ret = server;
	return true;
}

const char *server_waiting(void)
{
	return WAITS_ON_THREADS ? "a thread a connection" : "no thread for a waiting connection";
}

/* From here on a connection is refused.  civetweb's accepting thread would find its socket ready
 * over and over; it polls server->wake in its place. */
static void stop_accepting(struct server *server)
{
	if (atomic_exchange(&server->serving.draining, true))
		return;
	shutdown(server->listener, SHUT_RDWR);
	dup3(server->wake, server->listener, O_CLOEXEC);
}

/* Whether nothing is being read, answered or sent. */
static bool is_quiet(struct server *server)
{
#ifdef MG_READY_POOL
	if (!mg_pool_idle(server->mg))
		return false;
#endif
	return !atomic_load(&server->serving.in_flight);
}

void server_drain(struct server *server, int64_t limit_ms)
{
	int64_t until_ms = clock_mono_ms() + limit_ms;
	struct timespec tick = {.tv_nsec = 5000000};

	if (server)
		stop_accepting(server);
	/* Twice: what is just being taken up may be missed once. */
	for (int quiet = 0; server && quiet < 2 && clock_mono_ms() < until_ms;) {
		quiet = is_quiet(server) ? quiet + 1 : 0;
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
