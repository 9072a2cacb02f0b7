/* Callers that cost a server its patience, by the thousand, held open from one thread.
 *
 *   flood PORT KIND=CONNECTIONS...
 *
 * Those that the server closes are opened again within a second.  Four times a second prints a JSON
 * object, by kind {"opened","opening","held","refused","closed","unanswered","status":{"408":N}}:
 * closed is what the server ended, unanswered how many of these it had never answered.  Ends with
 * its standard input.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

#define SECOND 1000000000LL
#define TURNS 100 /* a second: each connection has its turn in one of them */
#define EVENTS 512
#define ECHO_BYTES 1000000
#define SIP_BYTES 1024
#define BUFFER_BYTES 4096 /* of those that do not read: what is not read stays with the server */
#define STATUS_MAX 600
#define KINDS_MAX 16

#define POST(path, framing)                                                                        \
	"POST " path " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" framing  \
	"\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked"
/* Again and again: the kernel takes an answer or two before the server has to wait. */
#define ECHO POST("/echo", "Content-Length: 1000000")
#define HELLO "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

/* What a caller does: sends first at once, then slow a byte a second, then more of filler. */
struct kind {
	const char *name, *first, *slow, *filler;
	size_t body;                       /* bytes behind first */
	enum { ONCE, FOREVER } sends;      /* first, and its body */
	enum { ALL, SIPS, NOTHING } reads; /* of what is answered */
	enum { STAYS, LEAVES } manners;    /* when it has its turn */
};

static const struct kind KINDS[] = {
	{.name = "idle", .first = HELLO},
	{.name = "silent"},
	{.name = "head",
		.slow = "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
		.filler = "x"},
	{.name = "body", .first = POST("/echo", "Content-Length: 100000"), .filler = "x"},
	{.name = "chunked", .first = POST("/echo", CHUNKED), .filler = "1\r\nx\r\n"},
	{.name = "mcp", .first = POST("/mcp", "Content-Length: 100000"), .filler = "x"},
	{.name = "mcp_chunked", .first = POST("/mcp", CHUNKED), .filler = "1\r\nx\r\n"},
	{.name = "hoard", .first = ECHO, .body = ECHO_BYTES - 1000, .filler = "x"},
	{.name = "deaf", .first = ECHO, .body = ECHO_BYTES, .sends = FOREVER, .reads = NOTHING},
	{.name = "sips", .first = ECHO, .body = ECHO_BYTES, .sends = FOREVER, .reads = SIPS},
	{.name = "pipeline", .first = HELLO HELLO HELLO HELLO, .sends = FOREVER, .reads = NOTHING},
	{.name = "churn", .manners = LEAVES},
};

enum state { CLOSED, OPENING, HELD };

struct flood {
	const struct kind *kind;
	char *first;
	size_t first_size;
	long count;
	long opened, states[3], refused, closed, unanswered, status[STATUS_MAX];
};

struct conn {
	struct flood *flood;
	int fd;
	enum state state;
	size_t sent, dripped;
	char answer[12]; /* up to its status */
	size_t answered;
};

struct floods {
	int port, epoll;
	struct flood floods[KINDS_MAX];
	size_t flood_count;
	struct conn *conns;
	size_t conn_count;
};

static void become(struct conn *conn, enum state state)
{
	conn->flood->states[conn->state]--;
	conn->state = state;
	conn->flood->states[state]++;
}

static void watch(const struct floods *floods, struct conn *conn, int operation)
{
	const struct flood *flood = conn->flood;
	bool sends = conn->state == OPENING || conn->sent < flood->first_size;
	struct epoll_event event = {.data.ptr = conn,
		.events = EPOLLRDHUP | (flood->kind->reads == ALL ? EPOLLIN : 0) |
			  (sends ? EPOLLOUT : 0)};

	epoll_ctl(floods->epoll, operation, conn->fd, &event);
}

static void open_conn(const struct floods *floods, struct conn *conn)
{
	int small = BUFFER_BYTES, fd = connect_to(floods->port);

	*conn = (struct conn){.flood = conn->flood, .state = conn->state, .fd = fd};
	if (conn->flood->kind->reads != ALL)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	become(conn, OPENING);
	conn->flood->opened++;
	watch(floods, conn, EPOLL_CTL_ADD);
}

/* Every other one without a goodbye. */
static void leave(const struct floods *floods, struct conn *conn)
{
	struct linger reset = {.l_onoff = conn->flood->opened % 2};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(conn->fd);
	open_conn(floods, conn);
}

/* Counts an answer by its status, once its first bytes are there. */
static void note_answer(struct conn *conn, const char *bytes, size_t size)
{
	size_t room = sizeof(conn->answer) - conn->answered, taken = size < room ? size : room;
	long status;

	if (!taken)
		return;
	memcpy(conn->answer + conn->answered, bytes, taken);
	conn->answered += taken;
	if (conn->answered < sizeof(conn->answer))
		return;
	status = strtol(conn->answer + 9, NULL, 10);
	conn->flood->status[status > 0 && status < STATUS_MAX ? status : 0]++;
}

/* False when there is no more to come. */
static bool take(struct conn *conn, size_t limit)
{
	static char piece[65536];
	ssize_t n;

	while ((n = recv(conn->fd, piece, limit < sizeof(piece) ? limit : sizeof(piece), 0)) > 0) {
		note_answer(conn, piece, (size_t)n);
		if (conn->flood->kind->reads == SIPS)
			return true;
	}
	return n < 0 && errno == EAGAIN;
}

static void closed_by_server(struct conn *conn)
{
	take(conn, SIZE_MAX);
	close(conn->fd);
	if (conn->state == OPENING) {
		conn->flood->refused++;
	} else {
		conn->flood->closed++;
		conn->flood->unanswered += !conn->answered;
	}
	become(conn, CLOSED);
}

/* A failure to send is seen by epoll, too, together with what was still answered. */
static void push(const struct floods *floods, struct conn *conn)
{
	const struct flood *flood = conn->flood;
	ssize_t n = send(
		conn->fd, flood->first + conn->sent, flood->first_size - conn->sent, MSG_NOSIGNAL);

	conn->sent += n > 0 ? (size_t)n : 0;
	if (conn->sent < flood->first_size)
		return;
	if (flood->kind->sends == FOREVER)
		conn->sent = 0;
	else
		watch(floods, conn, EPOLL_CTL_MOD);
}

static void handle(const struct floods *floods, struct conn *conn, uint32_t events)
{
	if (conn->state == CLOSED)
		return;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ||
		(events & EPOLLIN && !take(conn, SIZE_MAX))) {
		closed_by_server(conn);
		return;
	}
	if (conn->state == OPENING && events & EPOLLOUT) {
		become(conn, HELD);
		watch(floods, conn, EPOLL_CTL_MOD);
	}
	if (events & EPOLLOUT && conn->sent < conn->flood->first_size)
		push(floods, conn);
}

static void drip(struct conn *conn)
{
	const struct kind *kind = conn->flood->kind;
	size_t slow = kind->slow ? strlen(kind->slow) : 0;
	bool in_slow = conn->dripped < slow;
	const char *bytes = in_slow ? kind->slow + conn->dripped : kind->filler;

	if (bytes && send(conn->fd, bytes, in_slow ? 1 : strlen(bytes), MSG_NOSIGNAL) > 0)
		conn->dripped++;
}

/* Once a second, but those that leave always do. */
static void give_turns(const struct floods *floods, size_t turn)
{
	for (size_t i = 0; i < floods->conn_count; i++) {
		struct conn *conn = &floods->conns[i];
		const struct kind *kind = conn->flood->kind;

		if (i % TURNS != turn && kind->manners == STAYS)
			continue;
		if (conn->state == CLOSED)
			open_conn(floods, conn);
		else if (conn->state == HELD && kind->manners == LEAVES)
			leave(floods, conn);
		else if (conn->state == HELD && kind->reads == SIPS)
			take(conn, SIP_BYTES);
		else if (conn->state == HELD)
			drip(conn);
	}
}

static void print(const struct floods *floods)
{
	for (size_t i = 0; i < floods->flood_count; i++) {
		const struct flood *flood = &floods->floods[i];
		const char *comma = "";

		printf("%s\"%s\":{\"opened\":%ld,\"opening\":%ld,\"held\":%ld,\"refused\":%ld,"
		       "\"closed\":%ld,\"unanswered\":%ld,\"status\":{",
			i ? "," : "{", flood->kind->name, flood->opened, flood->states[OPENING],
			flood->states[HELD], flood->refused, flood->closed, flood->unanswered);
		for (size_t status = 0; status < STATUS_MAX; status++) {
			if (!flood->status[status])
				continue;
			printf("%s\"%zu\":%ld", comma, status, flood->status[status]);
			comma = ",";
		}
		printf("}}");
	}
	printf("}\n");
	fflush(stdout);
}

static struct flood flood_of(char *argument)
{
	char *mark = strchr(argument, '=');
	struct flood flood = {0};

	for (size_t i = 0; mark && i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		if (strlen(KINDS[i].name) == (size_t)(mark - argument) &&
			!strncmp(KINDS[i].name, argument, (size_t)(mark - argument)))
			flood.kind = &KINDS[i];
	}
	errno = EINVAL;
	if (!flood.kind)
		die(argument);
	flood.count = number_of(mark + 1);
	flood.states[CLOSED] = flood.count;
	if (flood.kind->first) {
		size_t head = strlen(flood.kind->first);

		flood.first_size = head + flood.kind->body;
		flood.first = calloc(1, flood.first_size);
		if (!flood.first)
			die("memory");
		memset(mempcpy(flood.first, flood.kind->first, head), 'x', flood.kind->body);
	}
	return flood;
}

static void read_arguments(struct floods *floods, int argc, char **argv)
{
	if (argc < 3 || argc - 2 > KINDS_MAX)
		die("flood PORT KIND=CONNECTIONS...");
	floods->port = (int)number_of(argv[1]);
	for (int i = 2; i < argc; i++) {
		floods->floods[floods->flood_count] = flood_of(argv[i]);
		floods->conn_count += (size_t)floods->floods[floods->flood_count++].count;
	}
	floods->conns = calloc(floods->conn_count + 1, sizeof(*floods->conns));
	if (!floods->conns)
		die("memory");
	for (size_t i = 0, at = 0; i < floods->flood_count; i++) {
		for (long k = 0; k < floods->floods[i].count; k++)
			floods->conns[at++].flood = &floods->floods[i];
	}
}

/* Whoever started it has closed its end, or is gone. */
static bool is_over(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) <= 0;
}

static bool wait_until(const struct floods *floods, int64_t end_ns)
{
	struct epoll_event events[EVENTS];
	int64_t now;

	while ((now = now_ns()) < end_ns) {
		int n = epoll_wait(
			floods->epoll, events, EVENTS, (int)((end_ns - now) / 1000000) + 1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				handle(floods, events[i].data.ptr, events[i].events);
			else if (is_over())
				return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct floods floods;
	struct epoll_event end = {.events = EPOLLIN};
	int64_t next_ns = now_ns();
	size_t turn = 0;

	files_limit_raise();
	read_arguments(&floods, argc, argv);
	floods.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (floods.epoll < 0 || epoll_ctl(floods.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &end) != 0)
		die("epoll");
	do {
		give_turns(&floods, turn);
		turn = (turn + 1) % TURNS;
		if (turn % (TURNS / 4) == 0)
			print(&floods);
		next_ns += SECOND / TURNS;
	} while (wait_until(&floods, next_ns));
	print(&floods);
	return 0;
}
