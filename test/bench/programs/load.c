/* HTTP/1.1 load on 127.0.0.1 from one thread, every answer checked.
 *
 *   load --port N --file REQUESTS [--connections N] [--seconds N] [--warmup N] [--rate N] [--count
 * N]
 *        [--fresh 1]
 *
 * Without --rate each connection sends its next request when it has its answer (closed loop); with
 * it requests are due at fixed times and their wait begins when they were due, sent or not (open
 * loop).  --count: ends after that many.  --fresh: each request has a connection of its own, opened
 * when it is due, at most so many at once.  Prints one JSON object.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "load.h"
#include "net.h"

#define SECOND 1000000000LL
#define ANSWER_LIMIT_NS (10 * SECOND)
#define LOOK_AROUND_NS (SECOND / 10)
#define EVENTS 512

enum state {
	CLOSED, /* to be opened again when next looked at */
	OPENING,
	CALLING, /* opening for a request that is due */
	IDLE,
	SENDING,
	WAITING,
};

struct conn {
	int fd;
	enum state state;
	const struct shot *shot;
	size_t sent;
	int64_t due_ns;
	struct answer answer;
};

struct options {
	long port, connections, seconds, warmup, rate, count, fresh;
	const char *file;
};

struct results {
	struct histogram waits;
	long answers, in_time, bad_status, bad_body, broken, late, connects;
	long long bytes;
};

struct load {
	struct options options;
	struct shot *shots;
	size_t shot_count, next_shot;
	struct conn *conns;
	struct conn **idle; /* a stack */
	size_t idle_count;
	int epoll;
	int64_t next_due_ns, stop_ns;
	long sent, under_way;
	struct results results;
	char first_bad[400];
};

static void watch(struct load *load, struct conn *conn, uint32_t events, int operation)
{
	struct epoll_event event = {.events = events, .data.ptr = conn};

	epoll_ctl(load->epoll, operation, conn->fd, &event);
}

static void open_conn(struct load *load, struct conn *conn)
{
	conn->fd = connect_to((int)load->options.port);
	conn->state = OPENING;
	answer_clear(&conn->answer);
	load->results.connects++;
	watch(load, conn, EPOLLOUT, EPOLL_CTL_ADD);
}

static bool is_under_way(const struct conn *conn)
{
	return conn->state == CALLING || conn->state == SENDING || conn->state == WAITING;
}

static void close_conn(struct load *load, struct conn *conn)
{
	for (size_t i = 0; conn->state == IDLE && i < load->idle_count; i++) {
		if (load->idle[i] == conn)
			load->idle[i] = load->idle[--load->idle_count];
	}
	if (is_under_way(conn))
		load->under_way--;
	close(conn->fd);
	conn->state = CLOSED;
}

static void note_bad(struct load *load, const struct answer *answer, long *counter)
{
	if (!*load->first_bad) /* printable, so that it can stand in the JSON */
		for (size_t i = 0; i < answer->size && i < sizeof(load->first_bad) - 1; i++) {
			char c = answer->bytes[i];

			load->first_bad[i] = c < ' ' || c > '~' || c == '"' || c == '\\' ? ' ' : c;
		}
	++*counter;
}

static void push(struct load *load, struct conn *conn)
{
	ssize_t n = send(conn->fd, conn->shot->bytes + conn->sent, conn->shot->size - conn->sent,
		MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN) {
		load->results.broken++;
		close_conn(load, conn);
		return;
	}
	conn->sent += n > 0 ? (size_t)n : 0;
	if (conn->sent < conn->shot->size) {
		if (conn->state == WAITING)
			watch(load, conn, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
		conn->state = SENDING;
	} else {
		if (conn->state == SENDING)
			watch(load, conn, EPOLLIN, EPOLL_CTL_MOD);
		conn->state = WAITING;
	}
}

/* What was due before the end is sent even after it. */
static bool is_due(const struct load *load, int64_t now)
{
	if (load->options.count && load->sent >= load->options.count)
		return false;
	return load->options.rate ? load->next_due_ns <= now && load->next_due_ns < load->stop_ns
				  : now < load->stop_ns;
}

/* Sends what is due now, as far as connections are free. */
static void fire(struct load *load, int64_t now)
{
	const struct options *options = &load->options;

	while (load->idle_count && is_due(load, now)) {
		struct conn *conn = load->idle[--load->idle_count];

		conn->shot = &load->shots[load->next_shot++ % load->shot_count];
		conn->sent = 0;
		conn->due_ns = options->rate ? load->next_due_ns : now;
		load->next_due_ns += options->rate ? SECOND / options->rate : 0;
		load->sent++;
		load->under_way++;
		if (options->fresh) {
			open_conn(load, conn);
			conn->state = CALLING;
		} else {
			conn->state = WAITING;
			push(load, conn);
		}
	}
}

static void become_idle(struct load *load, struct conn *conn)
{
	conn->state = IDLE;
	load->idle[load->idle_count++] = conn;
}

static void answered(struct load *load, struct conn *conn, int64_t now)
{
	struct results *results = &load->results;
	struct answer *answer = &conn->answer;
	bool closes = answer->closes && !load->options.fresh;

	histogram_add(&results->waits, now - conn->due_ns);
	results->answers++;
	results->in_time += now <= load->stop_ns;
	results->bytes += (long long)answer->size;
	if (answer->status < 200 || answer->status > 299)
		note_bad(load, answer, &results->bad_status);
	else if (!answer_is_good(answer, conn->shot))
		note_bad(load, answer, &results->bad_body);
	answer_clear(answer);
	if (closes) {
		close_conn(load, conn);
		open_conn(load, conn);
		return;
	}
	if (load->options.fresh)
		close_conn(load, conn);
	else
		load->under_way--;
	become_idle(load, conn);
	fire(load, now);
}

static void receive(struct load *load, struct conn *conn)
{
	size_t room;
	char *to = answer_room(&conn->answer, &room);
	ssize_t n = to ? recv(conn->fd, to, room, 0) : 0;
	enum answer_state state = ANSWER_BROKEN;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		conn->answer.size += (size_t)n;
		state = conn->state == IDLE ? ANSWER_BROKEN : answer_look(&conn->answer);
	}
	if (state == ANSWER_COMPLETE)
		answered(load, conn, now_ns());
	if (state != ANSWER_BROKEN)
		return;
	if (n > 0 || conn->state != IDLE)
		note_bad(load, &conn->answer, &load->results.broken);
	close_conn(load, conn); /* an idle one that the server closed is just opened again */
}

static void handle(struct load *load, struct conn *conn, uint32_t events)
{
	if (conn->state == OPENING || conn->state == CALLING) {
		bool calls = conn->state == CALLING;

		if (events & (EPOLLERR | EPOLLHUP)) {
			load->results.broken++;
			close_conn(load, conn);
			return;
		}
		watch(load, conn, EPOLLIN, EPOLL_CTL_MOD);
		conn->state = WAITING;
		if (calls) {
			push(load, conn);
		} else {
			become_idle(load, conn);
			fire(load, now_ns());
		}
	} else if (conn->state == SENDING && events & EPOLLOUT) {
		push(load, conn);
	} else if (conn->state != CLOSED) {
		receive(load, conn);
	}
}

/* Opens what was closed; gives up on what has waited too long. */
static void look_around(struct load *load, int64_t now)
{
	for (long i = 0; i < load->options.connections; i++) {
		struct conn *conn = &load->conns[i];

		if (is_under_way(conn) && now - conn->due_ns > ANSWER_LIMIT_NS) {
			load->results.late++;
			close_conn(load, conn);
		}
		if (conn->state == CLOSED && load->options.fresh)
			become_idle(load, conn);
		else if (conn->state == CLOSED)
			open_conn(load, conn);
	}
}

static int64_t wait_of(const struct load *load, int64_t now)
{
	int64_t wait = LOOK_AROUND_NS;

	if (load->options.rate && load->idle_count && load->next_due_ns < load->stop_ns &&
		load->next_due_ns - now < wait)
		wait = load->next_due_ns > now ? load->next_due_ns - now : 0;
	if (load->stop_ns > now && load->stop_ns - now < wait)
		wait = load->stop_ns - now;
	return wait;
}

static bool is_over(const struct load *load, int64_t now)
{
	if (load->options.count && load->sent >= load->options.count && !load->under_way)
		return true;
	if (now >= load->stop_ns + ANSWER_LIMIT_NS)
		return true;
	return now >= load->stop_ns && !load->under_way && !is_due(load, now);
}

/* Until stop_ns, and then until all is answered. */
static void run(struct load *load)
{
	struct epoll_event events[EVENTS];
	int64_t looked_ns = 0, now;

	while (now = now_ns(), !is_over(load, now)) {
		int64_t wait = wait_of(load, now);
		struct timespec limit = {.tv_sec = wait / SECOND, .tv_nsec = wait % SECOND};
		int n;

		if (now - looked_ns >= LOOK_AROUND_NS) {
			look_around(load, now);
			looked_ns = now;
		}
		fire(load, now);
		n = epoll_pwait2(load->epoll, events, EVENTS, &limit, NULL);
		for (int i = 0; i < n; i++)
			handle(load, events[i].data.ptr, events[i].events);
	}
	load->results.late += load->under_way;
}

/* Those that came after the end, while the last answers were waited for, are no part of the rate.
 */
static void print(const struct load *load, int64_t start_ns)
{
	const struct results *r = &load->results;
	int64_t now = now_ns(), end_ns = now < load->stop_ns ? now : load->stop_ns;
	double seconds = (double)(end_ns - start_ns) / 1e9;

	printf("{\"answers\":%ld,\"seconds\":%.4f,\"rps\":%.1f,\"bytes\":%lld,\"p50_us\":%.1f,"
	       "\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,"
	       "\"bad_status\":%ld,\"bad_body\":%ld,\"broken\":%ld,\"late\":%ld,\"connects\":%ld,"
	       "\"first_bad\":\"%s\"}\n",
		r->answers, seconds, (double)r->in_time / seconds, r->bytes,
		histogram_us(&r->waits, 0.5), histogram_us(&r->waits, 0.9),
		histogram_us(&r->waits, 0.99), histogram_us(&r->waits, 0.999),
		(double)r->waits.max_ns / 1000.0, r->bad_status, r->bad_body, r->broken, r->late,
		r->connects, load->first_bad);
}

static struct options read_options(int argc, char **argv)
{
	struct options options = {.connections = 1, .seconds = 3};
	struct {
		const char *name;
		long *value;
	} numbers[] = {{"--port", &options.port}, {"--connections", &options.connections},
		{"--seconds", &options.seconds}, {"--warmup", &options.warmup},
		{"--rate", &options.rate}, {"--count", &options.count},
		{"--fresh", &options.fresh}};

	for (int i = 1; i + 1 < argc; i += 2) {
		bool known = !strcmp(argv[i], "--file");

		if (known)
			options.file = argv[i + 1];
		for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
			if (strcmp(argv[i], numbers[k].name) != 0)
				continue;
			*numbers[k].value = number_of(argv[i + 1]);
			known = true;
		}
		if (!known)
			die(argv[i]);
	}
	if (!options.port || !options.file || options.connections < 1)
		die("--port and --file are needed");
	return options;
}

int main(int argc, char **argv)
{
	static struct load load;
	int64_t start_ns;

	load.options = read_options(argc, argv);
	files_limit_raise();
	load.shots = shots_read(load.options.file, &load.shot_count);
	load.conns = calloc((size_t)load.options.connections, sizeof(*load.conns));
	load.idle = calloc((size_t)load.options.connections, sizeof(struct conn *));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!load.conns || !load.idle || load.epoll < 0)
		die("memory");
	if (load.options.warmup) {
		load.next_due_ns = now_ns();
		load.stop_ns = load.next_due_ns + load.options.warmup * SECOND;
		run(&load);
		memset(&load.results, 0, sizeof(load.results));
		load.sent = 0;
	}
	start_ns = load.next_due_ns = now_ns();
	load.stop_ns = start_ns + load.options.seconds * SECOND;
	run(&load);
	print(&load, start_ns);
	return 0;
}
