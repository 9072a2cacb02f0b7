/* A fake Microsoft Entra and Graph that is faster than what is measured through it: one thread,
 * TLS, HTTP/2 (100 streams a connection) and HTTP/1.1, answers delayed by a fixed time.
 *
 *   upstream FOLDER USERS CLIENT_ID TENANT_ID [h1]
 *
 * Writes ca.pem and tokens (one user's access token a line) into the folder, then prints
 * {"graph":PORT,"entra":PORT,"control":PORT}.  h1: Entra speaks HTTP/1.1 only.  Ends with its
 * parent.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>

#include "../programs/net.h"
#include "keys.h"
#include "peer.h"

#define EVENTS 256
#define SECOND 1000000000LL
#define FDS_MAX 16384

struct pending {
	int64_t due_ns;
	int fd;
	int32_t stream;
	uint64_t serial;
	struct reply reply;
};

/* Answers of one delay wait in the order in which they came. */
struct queue {
	struct pending *items;
	size_t first, count, room;
};

struct upstream {
	struct service service;
	SSL_CTX *tls[LISTENER__COUNT]; /* NULL: plain */
	int listeners[LISTENER__COUNT], ports[LISTENER__COUNT];
	int epoll;
	struct peer *peers[FDS_MAX]; /* by fd */
	struct queue queues[LISTENER__COUNT];
	uint64_t serial;
};

static void queue_add(struct queue *queue, const struct pending *pending)
{
	if (queue->count == queue->room) {
		size_t room = queue->room ? queue->room * 2 : 1024;
		struct pending *items = calloc(room, sizeof(*items));

		if (!items)
			die("memory");
		for (size_t i = 0; i < queue->count; i++)
			items[i] = queue->items[(queue->first + i) % queue->room];
		free(queue->items);
		*queue = (struct queue){items, 0, queue->count, room};
	}
	queue->items[(queue->first + queue->count++) % queue->room] = *pending;
}

static void on_asked(struct peer *peer, int32_t stream, const struct question *question)
{
	struct upstream *upstream = peer->context;
	struct reply reply = service_answer(&upstream->service, question);
	struct pending pending = {.fd = peer->fd,
		.stream = stream,
		.serial = peer->serial,
		.due_ns = now_ns() + reply.delay_ms * 1000000LL,
		.reply = reply};

	if (reply.delay_ms) {
		queue_add(&upstream->queues[peer->listener], &pending);
		return;
	}
	peer_reply(peer, stream, &reply);
	free(reply.body);
}

static void watch(struct upstream *upstream, int fd, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	epoll_ctl(upstream->epoll, operation, fd, &event);
}

static void settle(struct upstream *upstream, struct peer *peer)
{
	bool left = peer_flush(peer);

	if (peer->gone) {
		upstream->peers[peer->fd] = NULL;
		peer_done(peer);
	} else if (left != peer->wants_write) {
		peer->wants_write = left;
		watch(upstream, peer->fd, EPOLLIN | (left ? EPOLLOUT : 0), EPOLL_CTL_MOD);
	}
}

/* Sends what is due; all of one connection's together. */
static void send_due(struct upstream *upstream, struct queue *queue)
{
	int64_t now = now_ns();
	struct peer *last = NULL;

	while (queue->count && queue->items[queue->first].due_ns <= now) {
		struct pending *pending = &queue->items[queue->first];
		struct peer *peer = upstream->peers[pending->fd];

		if (peer && peer->serial == pending->serial) {
			if (last && last != peer)
				settle(upstream, last);
			peer_reply(peer, pending->stream, &pending->reply);
			last = peer;
		}
		free(pending->reply.body);
		queue->first = (queue->first + 1) % queue->room;
		queue->count--;
	}
	if (last)
		settle(upstream, last);
}

static void accept_all(struct upstream *upstream, enum listener listener)
{
	int fd;

	while ((fd = accept_from(upstream->listeners[listener])) >= 0) {
		struct peer *peer = fd < FDS_MAX ? calloc(1, sizeof(*peer)) : NULL;

		if (!peer)
			die("too many connections");
		*peer = (struct peer){.fd = fd,
			.listener = listener,
			.serial = ++upstream->serial,
			.asked = on_asked,
			.context = upstream};
		if (upstream->tls[listener]) {
			peer->ssl = SSL_new(upstream->tls[listener]);
			SSL_set_fd(peer->ssl, fd);
		}
		upstream->peers[fd] = peer;
		upstream->service.connections[listener]++;
		watch(upstream, fd, EPOLLIN, EPOLL_CTL_ADD);
	}
}

static void handle(struct upstream *upstream, int fd)
{
	for (int i = 0; i < LISTENER__COUNT; i++) {
		if (fd == upstream->listeners[i]) {
			accept_all(upstream, (enum listener)i);
			return;
		}
	}
	if (!upstream->peers[fd])
		return;
	peer_read(upstream->peers[fd]);
	settle(upstream, upstream->peers[fd]);
}

static struct timespec until_due(const struct upstream *upstream)
{
	int64_t now = now_ns(), wait = SECOND;

	for (int i = 0; i < LISTENER__COUNT; i++) {
		const struct queue *queue = &upstream->queues[i];

		if (queue->count && queue->items[queue->first].due_ns - now < wait)
			wait = queue->items[queue->first].due_ns - now;
	}
	return (struct timespec){
		.tv_sec = wait > 0 ? wait / SECOND : 0, .tv_nsec = wait > 0 ? wait % SECOND : 0};
}

static void write_tokens(
	const char *folder, const struct keys *keys, const struct token_facts *facts, long users)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tokens", folder);
	file = fopen(path, "w");
	if (!file)
		die(path);
	for (long user = 0; user < users; user++) {
		char *token = keys_token(keys, facts, (unsigned)user);

		fprintf(file, "%s\n", token);
		free(token);
	}
	if (fclose(file) != 0)
		die(path);
}

static void start(struct upstream *upstream, char **argv)
{
	static const char BOTH[] = "\x02h2\x08http/1.1", OLD[] = "\x08http/1.1";
	struct keys *keys = keys_new();
	char ca_file[4096], entra_url[64], issuer[256];
	struct token_facts facts = {issuer, argv[3], argv[4]};
	long users = number_of(argv[2]);

	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", argv[1]);
	upstream->tls[GRAPH] = keys_tls(keys, BOTH, ca_file);
	upstream->tls[ENTRA] = keys_tls(keys, argv[5] ? OLD : BOTH, ca_file);
	upstream->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < LISTENER__COUNT; i++) {
		upstream->listeners[i] = listen_on(0, &upstream->ports[i]);
		watch(upstream, upstream->listeners[i], EPOLLIN, EPOLL_CTL_ADD);
	}
	snprintf(entra_url, sizeof(entra_url), "https://127.0.0.1:%d", upstream->ports[ENTRA]);
	snprintf(issuer, sizeof(issuer), "%s/%s/v2.0", entra_url, argv[4]);
	service_init(&upstream->service, entra_url, argv[4], users);
	upstream->service.jwks = keys_jwks(keys);
	upstream->service.delays_ms[GRAPH] = 50;
	upstream->service.delays_ms[ENTRA] = 80;
	write_tokens(argv[1], keys, &facts, users);
	printf("{\"graph\":%d,\"entra\":%d,\"control\":%d}\n", upstream->ports[GRAPH],
		upstream->ports[ENTRA], upstream->ports[CONTROL]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct upstream upstream;
	struct epoll_event events[EVENTS];

	if (argc < 5)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	files_limit_raise();
	start(&upstream, argv);
	for (;;) {
		struct timespec wait = until_due(&upstream);
		int n = epoll_pwait2(upstream.epoll, events, EVENTS, &wait, NULL);

		for (int i = 0; i < n; i++)
			handle(&upstream, events[i].data.fd);
		for (int i = 0; i < LISTENER__COUNT; i++)
			send_due(&upstream, &upstream.queues[i]);
	}
}
