/* The ready pool: a connection that waits belongs to no thread.  Part of civetweb.c, by our patch.
 *
 * Whatever a connection waits for (a first byte, the rest of a head or of a body, the next request,
 * a peer that takes its answer slowly) it lies in an epoll set meanwhile.  A worker takes one that
 * something has happened to, holds it, does all that can be done without waiting, and lets it go.
 * A request is answered by civetweb's own code when all of it is here: no read waits.
 *
 * About as many workers run as there are processors: each that runs has a turn.  One that is about
 * to wait for something else (mg_pool_leave) gives its turn to another, which is started if there
 * is none.  Those without a turn lie on a stack: few threads, with warm stacks, do the work.
 *
 * Events come once for each change (EPOLLET), to whichever worker asks next.  An event may be about
 * a connection that is held, or that is gone: the memory of a connection is used again but never
 * given back, and one looked at in vain only waits on.
 *
 * Locks: pool->lock is a leaf.  What is in struct pooled belongs to who holds the connection, but
 * for the atomic members.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define POOL_BUFFER (4096)           /* bytes to begin with: a request with its token */
#define POOL_SLACK (8)               /* zeroes behind a head */
#define POOL_ACCEPTS (64)            /* connections taken before the clock is looked at */
#define POOL_REQUESTS (16)           /* answered one after another before others have a go */
#define POOL_BYTES (262144)          /* likewise, of a body */
#define POOL_SWEEP_MS (250)          /* how late the end of a wait may be noticed */
#define POOL_RATE (500)              /* bytes a second, each second of a wait beyond the first ones */
#define POOL_LONGEST (4)             /* times those first ones, whatever has come */
#define POOL_SOCKET_BUFFER (131072)  /* bytes; left alone the kernel holds megabytes of a reader */
#define POOL_LINGER_MS (5000)        /* for a peer to read why it is closed on */
#define POOL_BEYOND (64)             /* connections beyond the limit, while others go for them */

struct pooled_worker {
	sem_t wake;
	struct pooled_worker *below; /* on the stack of those without a turn */
	int turn;
};

struct ready_pool {
	int epoll;
	int bell;    /* an eventfd: rings once for each connection in due, and for good at the end */
	int reserve; /* a descriptor to let go when there is no other */
	int turns;
	int connections_max;
	int64_t wait_ms; /* for a head, a body, a reader: to begin with */
	int64_t idle_ms; /* for another request */
	int64_t held_max;
	_Atomic(int) running;      /* turns taken; given back with the lock held */
	_Atomic(int) connections;  /* open */
	_Atomic(int) away, closed; /* for want of room, since that was last told */
	int64_t told_ms;
	_Atomic(int) busy;         /* of these: held, with a request whose body is awaited, or with
	                            * an answer that is not all sent; each counts for itself */
	_Atomic(int64_t) held;     /* bytes in buffers */
	_Atomic(int64_t) leaving;  /* of these, in those of connections that have to go */
	pthread_mutex_t lock;      /* guards what follows */
	struct pooled_worker *idle;
	unsigned threads;          /* started */
	struct mg_connection **all;
	size_t count, room;
	struct mg_connection *free;
	struct mg_connection *due, **due_end; /* held by nobody else: to be served */
};


static int64_t
pool_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


/* ---- turns ---- */

static void *pool_work(void *context);


/* Somebody else is to run in the place of one that does not, unless more run than are to: wakes the
 * latest to stop, or starts a thread.  The turn is theirs already. */
static void
pool_pass_turn(struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;
	struct pooled_worker *next;
	pthread_t *thread = NULL;

	pthread_mutex_lock(&pool->lock);
	if (atomic_load(&pool->running) > pool->turns) {
		atomic_fetch_sub(&pool->running, 1);
		pthread_mutex_unlock(&pool->lock);
		return;
	}
	next = pool->idle;
	if (next) {
		pool->idle = next->below;
	} else if ((pool->threads < ctx->cfg_worker_threads)
	           && STOP_FLAG_IS_ZERO(&ctx->stop_flag)) {
		thread = &ctx->worker_threadids[pool->threads++];
	}
	if (thread && (mg_start_thread_with_id(pool_work, ctx, thread) != 0)) {
		pool->threads--; /* goes on with those there are */
		thread = NULL;
	}
	if (!next && !thread) {
		atomic_fetch_sub(&pool->running, 1);
	}
	pthread_mutex_unlock(&pool->lock);
	if (next) {
		sem_post(&next->wake);
	}
}


static struct pooled_worker *
pool_this_worker(void)
{
	struct mg_workerTLS *tls = (struct mg_workerTLS *)pthread_getspecific(sTlsKey);

	return tls ? tls->worker : NULL;
}


void
mg_pool_leave(struct mg_context *ctx)
{
	struct pooled_worker *worker = pool_this_worker();

	if (worker && worker->turn) {
		worker->turn = 0;
		pool_pass_turn(ctx);
	}
}


void
mg_pool_return(struct mg_context *ctx)
{
	struct pooled_worker *worker = pool_this_worker();

	if (worker && !worker->turn) {
		worker->turn = 1;
		atomic_fetch_add(&ctx->pool->running, 1);
	}
}


/* Lies down where more run than there are to be. */
static void
pool_rest(struct mg_context *ctx, struct pooled_worker *worker)
{
	struct ready_pool *pool = ctx->pool;

	pthread_mutex_lock(&pool->lock);
	if ((atomic_load(&pool->running) <= pool->turns)
	    || !STOP_FLAG_IS_ZERO(&ctx->stop_flag)) {
		pthread_mutex_unlock(&pool->lock);
		return;
	}
	atomic_fetch_sub(&pool->running, 1);
	worker->below = pool->idle;
	pool->idle = worker;
	pthread_mutex_unlock(&pool->lock);
	while (sem_wait(&worker->wake) != 0) {
		continue; /* EINTR */
	}
}


/* ---- buffers ---- */

/* The small ones, which everybody may have, take nothing from what there is for the others. */
static void
pool_count_bytes(struct mg_connection *conn, int64_t bytes)
{
	if ((bytes > POOL_BUFFER) || (bytes < -POOL_BUFFER)) {
		atomic_fetch_add(&conn->pooled.holds, bytes);
		atomic_fetch_add(&conn->phys_ctx->pool->held, bytes);
	}
}


static void pool_hand_over(struct mg_connection *conn);


static int64_t
pool_size_of(struct pooled *pooled)
{
	return atomic_load(&pooled->holds);
}


static int64_t
pool_age_of(struct pooled *pooled)
{
	return -atomic_load(&pooled->due_ms);
}


/* Of the connections that wait the one with the most of something, and more than that, has to go.
 * 0: there is none. */
static int
pool_evict(struct ready_pool *pool, int64_t (*measure)(struct pooled *), int64_t more_than)
{
	struct mg_connection *most = NULL;
	int waits = POOLED_WAITS;

	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; i < pool->count; i++) {
		struct pooled *pooled = &pool->all[i]->pooled;

		if ((atomic_load(&pooled->owner) == POOLED_WAITS) && (measure(pooled) > more_than)) {
			most = pool->all[i];
			more_than = measure(pooled);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	if (!most || !atomic_compare_exchange_strong(&most->pooled.owner, &waits, POOLED_HELD)) {
		return most != NULL; /* something happened to it just now */
	}
	most->pooled.evicted = 1;
	most->pooled.gives = atomic_load(&most->pooled.holds);
	atomic_fetch_add(&pool->leaving, most->pooled.gives);
	atomic_fetch_add(&pool->closed, 1);
	atomic_fetch_add(&pool->busy, 1);
	pool_hand_over(most);
	return 1;
}


/* Whether so many bytes may be had: the first few always, and more where somebody who waits with as
 * many can go. */
static int
pool_has_room(struct ready_pool *pool, int64_t size)
{
	return (size <= POOL_BUFFER)
	       || (atomic_load(&pool->held) - atomic_load(&pool->leaving) + size <= pool->held_max)
	       || pool_evict(pool, pool_size_of, size - 1);
}


static void
pool_drop(struct mg_connection *conn, char **buffer, int64_t size, size_t used)
{
	if (*buffer) {
		explicit_bzero(*buffer, used); /* tokens */
		mg_free(*buffer);
		*buffer = NULL;
		pool_count_bytes(conn, -size);
	}
}


/* As large a buffer as the next bytes are worth: by leaps, but no larger than what is awaited. */
static int64_t
pool_next_size(const struct mg_connection *conn)
{
	const struct pooled *pooled = &conn->pooled;
	int64_t size = pooled->in_size ? 4 * pooled->in_size : POOL_BUFFER;
	int64_t all = conn->request_len + conn->content_len + POOL_BUFFER;
	int64_t head_max = conn->phys_ctx->max_request_size;

	if (!pooled->parsed && (pooled->in_size < head_max) && (head_max < size)) {
		return head_max;
	}
	return pooled->parsed && !conn->is_chunked && (all < size) && (all > pooled->in_size)
	           ? all
	           : size;
}


static int
pool_resize(struct mg_connection *conn, int64_t size)
{
	struct pooled *pooled = &conn->pooled;
	char *in = (char *)mg_malloc((size_t)size);

	if (!in) {
		return 0;
	}
	if (conn->data_len) {
		memcpy(in, pooled->in, (size_t)conn->data_len);
	}
	pool_drop(conn, &pooled->in, pooled->in_size, (size_t)conn->data_len);
	pooled->in = in;
	pooled->in_size = size;
	pool_count_bytes(conn, size);
	return 1;
}


/* Room for more to be read.  0: there is none to be had. */
static int
pool_make_room(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	struct ready_pool *pool = conn->phys_ctx->pool;
	int64_t size = pool_next_size(conn);

	if (conn->data_len < pooled->in_size) {
		return 1;
	}
	return (size <= INT_MAX) && pool_has_room(pool, size) && pool_resize(conn, size);
}


/* Before a wait: what is left of a large request keeps no large buffer, and of nothing none. */
static void
pool_drop_read(struct mg_connection *conn)
{
	if (!conn->data_len) {
		pool_drop(conn, &conn->pooled.in, conn->pooled.in_size, 0);
		conn->pooled.in_size = 0;
	} else if ((conn->pooled.in_size > POOL_BUFFER) && (conn->data_len < POOL_BUFFER)
	    && !conn->pooled.parsed) {
		pool_resize(conn, POOL_BUFFER);
	}
}


static void
pool_drop_head(struct mg_connection *conn)
{
	pool_drop(conn, &conn->buf, conn->pooled.head_size, (size_t)conn->pooled.head_size);
	conn->pooled.head_size = 0;
}


/* ---- writing ---- */

/* Sends what the peer takes; what it does not take yet is kept.  Returns what send does. */
static int
pool_write(struct mg_connection *conn, const char *text, int len)
{
	struct pooled *pooled = &conn->pooled;
	struct ready_pool *pool = conn->phys_ctx->pool;
	ssize_t sent = 0;
	int64_t size;
	char *rest;

	if (!pooled->rest) {
		sent = send(conn->client.sock, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if ((sent < 0) && !ERROR_TRY_AGAIN(ERRNO)) {
			pooled->broken = 1;
			return -1;
		}
		if (sent == len) {
			return len;
		}
		sent = sent < 0 ? 0 : sent;
	}
	size = (int64_t)pooled->rest_len + len - sent;
	rest = pool_has_room(pool, size) ? (char *)mg_malloc((size_t)size) : NULL;
	if (!rest) {
		pooled->broken = 1;
		return -1;
	}
	if (pooled->rest) {
		memcpy(rest, pooled->rest, pooled->rest_len);
	} else {
		atomic_fetch_add(&pool->busy, 1);
	}
	memcpy(rest + pooled->rest_len, text + sent, (size_t)(len - sent));
	pool_drop(conn, &pooled->rest, (int64_t)pooled->rest_len, pooled->rest_len);
	pooled->rest = rest;
	pooled->rest_len += (size_t)(len - sent);
	pool_count_bytes(conn, (int64_t)pooled->rest_len);
	return len;
}


static void
pool_drop_rest(struct mg_connection *conn)
{
	if (conn->pooled.rest) {
		atomic_fetch_sub(&conn->phys_ctx->pool->busy, 1);
	}
	pool_drop(conn,
	          &conn->pooled.rest,
	          (int64_t)conn->pooled.rest_len,
	          conn->pooled.rest_len);
	conn->pooled.rest_len = conn->pooled.rest_sent = 0;
}


/* 1: all is sent, or never will be; 0: not yet. */
static int
pool_flush(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;

	while (pooled->rest_sent < pooled->rest_len) {
		ssize_t sent = send(conn->client.sock,
		                    pooled->rest + pooled->rest_sent,
		                    pooled->rest_len - pooled->rest_sent,
		                    MSG_NOSIGNAL | MSG_DONTWAIT);

		if ((sent < 0) && ERROR_TRY_AGAIN(ERRNO)) {
			return 0;
		}
		if (sent <= 0) {
			pooled->broken = 1;
			break;
		}
		pooled->rest_sent += (size_t)sent;
		pooled->moved += sent;
	}
	pool_drop_rest(conn);
	return 1;
}


/* ---- reading ---- */

/* Passes over a line of a chunked body that has come whole; 0: it has not. */
static int
pool_chunk_line(struct mg_connection *conn, const char **ret_line, size_t *ret_len)
{
	struct pooled *pooled = &conn->pooled;
	const char *line = pooled->in + pooled->scanned;
	const char *end =
	    (const char *)memchr(line, '\n', (size_t)conn->data_len - pooled->scanned);

	if (!end) {
		return 0;
	}
	*ret_line = line;
	*ret_len = (size_t)(end - line);
	pooled->scanned += *ret_len + 1;
	return 1;
}


/* A line of digits, whatever stands behind them: is for mg_read to judge. */
static int64_t
pool_chunk_size(const char *line, size_t len)
{
	int64_t size = 0;

	for (; len && isxdigit((unsigned char)*line) && (size < INT_MAX); line++, len--) {
		int digit = tolower((unsigned char)*line);

		size = size * 16 + (isdigit(digit) ? digit - '0' : digit - 'a' + 10);
	}
	return size;
}


/* Whether all of a chunked body is here, or enough of it for mg_read to find what is wrong. */
static int
pool_chunks_whole(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	const char *line;
	size_t len;

	for (;;) {
		int64_t here = conn->data_len - (int64_t)pooled->scanned;

		if (pooled->chunk == CHUNK_DATA) {
			int64_t n = here < pooled->chunk_left ? here : pooled->chunk_left;

			pooled->scanned += (size_t)n;
			pooled->chunk_left -= n;
			if (pooled->chunk_left > 0) {
				return 0;
			}
			pooled->chunk = CHUNK_DATA_END;
			continue;
		}
		if (!pool_chunk_line(conn, &line, &len)) {
			/* as much as mg_read takes of a line */
			return here > (pooled->chunk == CHUNK_DATA_END ? 2 : CHUNK_LINE_MAX);
		}
		switch (pooled->chunk) {
		case CHUNK_SIZE:
			pooled->chunk_left = pool_chunk_size(line, len);
			if (!len || !isxdigit((unsigned char)*line) || (pooled->chunk_left >= INT_MAX)) {
				return 1;
			}
			pooled->chunk = pooled->chunk_left ? CHUNK_DATA : CHUNK_TRAILER;
			break;
		case CHUNK_DATA_END:
			if (len != 1) {
				return 1;
			}
			pooled->chunk = CHUNK_SIZE;
			break;
		default:
			pooled->trailer += len;
			if ((len <= 1) || (pooled->trailer > CHUNK_TRAILER_MAX)) {
				return 1;
			}
		}
	}
}


/* Whether the body is here, all of it or as much as may be. */
static int
pool_has_body(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int64_t here = (int64_t)conn->data_len - conn->request_len;

	if (!pooled->whole) {
		pooled->whole =
		    conn->is_chunked ? pool_chunks_whole(conn) : here >= conn->content_len;
	}
	return pooled->whole || pooled->ended || (pooled->body_max && (here > pooled->body_max));
}


/* Looks for the end of the head in what has come since. */
static int
pool_find_head(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int from = pooled->scanned > 3 ? (int)pooled->scanned - 3 : 0;
	int len = get_http_header_len(pooled->in + from, conn->data_len - from);

	pooled->scanned = (size_t)conn->data_len;
	return len > 0 ? from + len : len;
}


/* In the place of read_message: the head, or what there is where there will be no head, is cut up
 * in a buffer of its own, as the one that is read into may yet move.  -1: it is none. */
static int
pool_take_head(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int len = pooled->head_len > 0 ? pooled->head_len : 0;

	pool_drop_head(conn);
	conn->buf = (char *)mg_calloc(1, (size_t)len + POOL_SLACK);
	if (!conn->buf) {
		return -1;
	}
	pooled->head_size = len + POOL_SLACK;
	pool_count_bytes(conn, pooled->head_size);
	memcpy(conn->buf, pooled->in, (size_t)len);
	conn->buf_size = (int)conn->phys_ctx->max_request_size;
	pooled->scanned = (size_t)len;
	if (!len && (conn->data_len >= conn->buf_size)) {
		conn->buf_size = conn->data_len; /* get_message: too large */
		return 0;
	}
	return len ? len : -1;
}


/* Reads what is there.  0: the peer is gone. */
static int
pool_read(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	int64_t room = pooled->in_size - conn->data_len;
	ssize_t n = recv(
	    conn->client.sock, pooled->in + conn->data_len, (size_t)room, MSG_DONTWAIT);

	pooled->drained = n < room;
	if (n > 0) {
		conn->data_len += (int)n;
		pooled->moved += n;
		pooled->step_bytes += n;
		return 1;
	}
	if ((n < 0) && ERROR_TRY_AGAIN(ERRNO)) {
		return 1;
	}
	pooled->ended = 1;
	return 0;
}


/* ---- a connection's way ---- */

enum pool_next { NEXT_WAIT, NEXT_AGAIN, NEXT_GONE };


static void
pool_begin_wait(struct mg_connection *conn, enum pooled_wait wait)
{
	struct pooled *pooled = &conn->pooled;
	struct ready_pool *pool = conn->phys_ctx->pool;
	int64_t ms = pool->wait_ms;

	if (pooled->wait != wait) {
		pooled->wait = wait;
		pooled->since_ms = pool_now_ms();
		pooled->moved = 0;
	}
	if (wait == WAIT_REQUEST) {
		ms = conn->handled_requests ? pool->idle_ms : pool->wait_ms;
	} else {
		ms = (wait == WAIT_CLOSE ? POOL_LINGER_MS : ms) + pooled->moved * 1000 / POOL_RATE;
		ms = ms > POOL_LONGEST * pool->wait_ms ? POOL_LONGEST * pool->wait_ms : ms;
	}
	atomic_store(&pooled->due_ms, pooled->since_ms + ms);
}


static void
pool_watch(struct mg_connection *conn, uint32_t events)
{
	struct epoll_event event = {.events = events | EPOLLRDHUP | EPOLLET, .data.ptr = conn};

	epoll_ctl(conn->phys_ctx->pool->epoll, EPOLL_CTL_MOD, conn->client.sock, &event);
}


/* A body is awaited no more. */
static void
pool_end_body(struct mg_connection *conn)
{
	if (conn->pooled.body_max > 0) {
		atomic_fetch_sub(&conn->phys_ctx->pool->busy, 1);
	}
	conn->pooled.body_max = 0;
}


static enum pool_next
pool_close(struct mg_connection *conn)
{
	struct ready_pool *pool = conn->phys_ctx->pool;
	struct pooled *pooled = &conn->pooled;

	mg_set_user_connection_data(conn, NULL);
	pool_end_body(conn);
	pool_drop_rest(conn);
	pool_drop(conn, &pooled->in, pooled->in_size, (size_t)conn->data_len);
	pooled->in_size = 0;
	pool_drop_head(conn);
	reset_per_request_attributes(conn);
	closesocket(conn->client.sock);
	conn->client.sock = INVALID_SOCKET;
	atomic_store(&pooled->owner, POOLED_FREE);
	atomic_fetch_sub(&pool->connections, 1);
	pthread_mutex_lock(&pool->lock);
	pooled->next = pool->free;
	pool->free = conn;
	pthread_mutex_unlock(&pool->lock);
	return NEXT_GONE;
}


/* Closes for reading what the peer may still be sending only when it has had time to read the
 * answer: closing on unread bytes takes the answer back. */
static enum pool_next
pool_linger(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	char unread[16384];

	if (pooled->wait != WAIT_CLOSE) {
		shutdown(conn->client.sock, SHUT_WR);
		pool_begin_wait(conn, WAIT_CLOSE);
		pool_drop(conn, &pooled->in, pooled->in_size, (size_t)conn->data_len);
		pooled->in_size = conn->data_len = 0;
	}
	for (int i = 0; i < POOL_REQUESTS; i++) {
		ssize_t n = recv(conn->client.sock, unread, sizeof(unread), MSG_DONTWAIT);

		if ((n == 0) || ((n < 0) && !ERROR_TRY_AGAIN(ERRNO))) {
			return pool_close(conn);
		}
		pooled->moved += n > 0 ? n : 0;
		if (n < (ssize_t)sizeof(unread)) {
			pool_begin_wait(conn, WAIT_CLOSE);
			return NEXT_WAIT;
		}
	}
	return NEXT_AGAIN;
}


/* After an answer that is on its way. */
static enum pool_next
pool_end(struct mg_connection *conn)
{
	if (conn->pooled.broken || (!conn->pooled.keep && conn->pooled.all_read)) {
		return pool_close(conn);
	}
	return conn->pooled.keep ? NEXT_AGAIN : pool_linger(conn);
}


/* The request is no more: what came behind it is next. */
static void
pool_forget_request(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;

	mg_set_user_connection_data(conn, NULL);
	pool_drop_head(conn);
	reset_per_request_attributes(conn);
	pooled->head_len = pooled->parsed = pooled->whole = 0;
	pooled->scanned = pooled->trailer = 0;
	pooled->chunk = CHUNK_SIZE;
	pooled->chunk_left = 0;
	pooled->wait = WAIT_REQUEST;
	pooled->since_ms = pool_now_ms();
	pooled->moved = 0;
}


/* The answer has been written, as far as the peer took it. */
static enum pool_next
pool_answered(struct mg_connection *conn, int keep)
{
	struct pooled *pooled = &conn->pooled;

	pool_end_body(conn);
	if (!keep) {
		conn->must_close = 1;
		conn->phys_ctx->callbacks.connection_close(conn);
	}
	pooled->keep = keep && !pooled->ended && !pooled->broken;
	pooled->all_read = keep || pooled->ended || (pooled->whole && pooled->drained);
	if (keep) {
		pool_forget_request(conn);
	}
	if (pooled->rest && !pooled->broken) {
		pool_drop_read(conn);
		pool_watch(conn, EPOLLIN | EPOLLOUT);
		pool_begin_wait(conn, WAIT_WRITE);
		return NEXT_WAIT;
	}
	return pool_end(conn);
}


static enum pool_next
pool_refuse(struct mg_connection *conn, int status)
{
	if (!conn->pooled.parsed) {
		reset_per_request_attributes(conn);
	}
	conn->must_close = 1;
	mg_send_http_error(conn, status, "%s", status == 408 ? "Too slow" : "No room");
	return pool_answered(conn, 0);
}


/* Whether the head is here: then it has been read, and its request's body is next. */
static int
pool_has_head(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;

	if (pooled->parsed) {
		return 1;
	}
	if (!pooled->head_len) {
		pooled->head_len = pool_find_head(conn);
	}
	if (pooled->head_len > (int)conn->phys_ctx->max_request_size) {
		pooled->head_len = 0;
	}
	return pooled->head_len || pooled->ended
	       || (conn->data_len >= (int)conn->phys_ctx->max_request_size);
}


/* Answers the request whose bytes are here, or says that some are still awaited. */
static enum pool_next
pool_try_request(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	struct mg_context *ctx = conn->phys_ctx;

	if (!pooled->parsed) {
		pooled->parsed = understand_request(conn) ? 1 : -1;
	}
	if ((pooled->parsed > 0) && !pool_has_body(conn)) {
		if (pooled->body_max) {
			return NEXT_WAIT;
		}
		pooled->body_max = ctx->callbacks.await_body(conn);
		if (pooled->body_max <= 0) {
			conn->must_close = 1;
			return pool_answered(conn, 0);
		}
		atomic_fetch_add(&ctx->pool->busy, 1);
		if (pooled->rest) {
			pool_watch(conn, EPOLLIN | EPOLLOUT);
		}
		if (!pool_has_body(conn)) {
			return NEXT_WAIT;
		}
	}
	return pool_answered(conn, answer_request(conn, pooled->parsed > 0));
}


static enum pool_next
pool_wait_for_more(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;

	pool_drop_read(conn);
	if (!conn->data_len) {
		if (pooled->ended) {
			return pool_close(conn);
		}
		pool_begin_wait(conn, WAIT_REQUEST);
	} else {
		pool_begin_wait(conn, pooled->parsed ? WAIT_BODY : WAIT_HEAD);
	}
	return NEXT_WAIT;
}


/* Goes on with reading and answering until there is nothing to be read. */
static enum pool_next
pool_converse(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	enum pool_next next;

	for (int answered = conn->handled_requests;;) {
		if (conn->data_len && pool_has_head(conn)) {
			next = pool_try_request(conn);
			if ((next == NEXT_GONE) || (pooled->wait >= WAIT_WRITE)) {
				return next;
			}
			if (next == NEXT_AGAIN) {
				if (conn->handled_requests - answered >= POOL_REQUESTS) {
					return NEXT_AGAIN;
				}
				continue;
			}
		}
		if ((pooled->drained && !atomic_exchange(&pooled->hung_up, 0)) || pooled->ended) {
			return pool_wait_for_more(conn);
		}
		if (pooled->step_bytes > POOL_BYTES) {
			return NEXT_AGAIN;
		}
		if (!pool_make_room(conn)) {
			return pool_refuse(conn, 503);
		}
		pool_read(conn);
	}
}


static enum pool_next
pool_expire(struct mg_connection *conn)
{
	switch (conn->pooled.wait) {
	case WAIT_HEAD:
	case WAIT_BODY:
		return pool_refuse(conn, 408);
	default:
		return pool_close(conn);
	}
}


/* One go at a connection that is held. */
static enum pool_next
pool_step(struct mg_connection *conn)
{
	struct pooled *pooled = &conn->pooled;
	enum pool_next next = NEXT_AGAIN;

	pooled->drained = 0;
	pooled->step_bytes = 0;
	if (pooled->evicted) {
		pooled->evicted = 0;
		atomic_fetch_sub(&conn->phys_ctx->pool->leaving, pooled->gives);
		return pooled->wait == WAIT_BODY ? pool_refuse(conn, 503) : pool_close(conn);
	}
	if (pooled->wait == WAIT_CLOSE) {
		next = pool_linger(conn);
	} else if (pooled->wait == WAIT_BODY) {
		pool_flush(conn); /* the word that it may come */
	} else if (pooled->wait == WAIT_WRITE) {
		if (pool_flush(conn)) {
			pool_watch(conn, EPOLLIN);
			pooled->all_read = 0; /* more may have come meanwhile */
			pooled->wait = WAIT_REQUEST;
			pooled->since_ms = pool_now_ms();
			next = pool_end(conn);
		} else {
			pool_begin_wait(conn, WAIT_WRITE);
			next = NEXT_WAIT;
		}
	}
	if ((next == NEXT_AGAIN) && (pooled->wait < WAIT_WRITE)) {
		next = pool_converse(conn);
	}
	if ((next == NEXT_WAIT) && (atomic_load(&pooled->due_ms) < pool_now_ms())) {
		next = pool_expire(conn);
	}
	return next;
}


/* ---- who serves ---- */

/* Hands over a connection that is held. */
static void
pool_hand_over(struct mg_connection *conn)
{
	struct ready_pool *pool = conn->phys_ctx->pool;

	pthread_mutex_lock(&pool->lock);
	conn->pooled.next = NULL;
	*pool->due_end = conn;
	pool->due_end = &conn->pooled.next;
	pthread_mutex_unlock(&pool->lock);
	eventfd_write(pool->bell, 1);
}


static void
pool_serve(struct mg_connection *conn)
{
	struct ready_pool *pool = conn->phys_ctx->pool;
	struct pooled *pooled = &conn->pooled;

	for (;;) {
		enum pool_next next;
		int held = POOLED_HELD;

		atomic_store(&pooled->owner, POOLED_HELD);
		next = pool_step(conn);
		if (next == NEXT_GONE) {
			atomic_fetch_sub(&pool->busy, 1);
			return;
		}
		if (next == NEXT_AGAIN) {
			pool_hand_over(conn); /* behind the others */
			return;
		}
		if (atomic_compare_exchange_strong(&pooled->owner, &held, POOLED_WAITS)) {
			atomic_fetch_sub(&pool->busy, 1);
			return;
		}
	}
}


/* Whether an event makes the connection the caller's. */
static int
pool_hold(struct mg_connection *conn, uint32_t events)
{
	_Atomic(int) *owner = &conn->pooled.owner;
	int was = atomic_load(owner);

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
		atomic_store(&conn->pooled.hung_up, 1);
	}
	while ((was == POOLED_WAITS) || (was == POOLED_HELD)) {
		if (atomic_compare_exchange_weak(owner,
		                                 &was,
		                                 was == POOLED_WAITS ? POOLED_HELD
		                                                     : POOLED_HELD_AND_READY)) {
			return was == POOLED_WAITS;
		}
	}
	return 0;
}


static struct mg_connection *
pool_take_due(struct ready_pool *pool)
{
	struct mg_connection *conn;
	eventfd_t rung;

	if (eventfd_read(pool->bell, &rung) != 0) {
		return NULL;
	}
	pthread_mutex_lock(&pool->lock);
	conn = pool->due;
	if (conn) {
		pool->due = conn->pooled.next;
		if (!pool->due) {
			pool->due_end = &pool->due;
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return conn;
}


int
mg_pool_idle(struct mg_context *ctx)
{
	struct mg_pollfd ready = {.fd = ctx->pool->epoll, .events = POLLIN};

	return (atomic_load(&ctx->pool->busy) == 0) && (poll(&ready, 1, 0) == 0);
}


/* Waits for something to happen.  NULL: it was nothing. */
static struct mg_connection *
pool_next_ready(struct ready_pool *pool)
{
	struct epoll_event event;
	struct mg_connection *conn;

	if (epoll_wait(pool->epoll, &event, 1, -1) != 1) {
		return NULL;
	}
	conn = (struct mg_connection *)event.data.ptr;
	if (!conn) {
		return pool_take_due(pool);
	}
	if (!pool_hold(conn, event.events)) {
		return NULL;
	}
	atomic_fetch_add(&pool->busy, 1);
	return conn;
}


static void *
pool_work(void *context)
{
	struct mg_context *ctx = (struct mg_context *)context;
	struct pooled_worker worker = {.turn = 1};
	struct mg_workerTLS tls = {.worker = &worker};
	struct mg_connection *conn;

	mg_set_thread_name("worker");
	tls.thread_idx = (unsigned)mg_atomic_inc(&thread_idx_max);
	pthread_setspecific(sTlsKey, &tls);
	sem_init(&worker.wake, 0, 0);
	if (ctx->callbacks.init_thread) {
		tls.user_ptr = ctx->callbacks.init_thread(ctx, 1);
	}
	while (STOP_FLAG_IS_ZERO(&ctx->stop_flag)) {
		conn = pool_next_ready(ctx->pool);
		if (conn) {
			pool_serve(conn);
		}
		mg_pool_return(ctx);
		pool_rest(ctx, &worker);
	}
	sem_destroy(&worker.wake);
	pthread_setspecific(sTlsKey, NULL);
	return NULL;
}


/* ---- the master's ---- */

static struct mg_connection *
pool_new_connection(struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;
	struct mg_connection *conn;

	pthread_mutex_lock(&pool->lock);
	conn = pool->free;
	if (conn) {
		pool->free = conn->pooled.next;
	} else if (pool->count < pool->room) {
		conn = (struct mg_connection *)mg_calloc(1, sizeof(*conn));
		if (conn && (pthread_mutex_init(&conn->mutex, &pthread_mutex_attr) == 0)) {
			pool->all[pool->count++] = conn;
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return conn;
}


/* Says so, and closes. */
static void
pool_turn_away(struct mg_context *ctx, int sock)
{
	const char *answer = ctx->callbacks.no_room;
	char unread[POOL_BUFFER];

	if (recv(sock, unread, sizeof(unread), MSG_DONTWAIT) >= 0 || ERROR_TRY_AGAIN(ERRNO)) {
		(void)!send(sock, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	shutdown(sock, SHUT_WR);
	closesocket(sock);
	atomic_fetch_add(&ctx->pool->away, 1);
}


/* A connection to be had by the first worker that finds it ready. */
static void
pool_admit(struct mg_context *ctx, const struct socket *so)
{
	struct mg_connection *conn = pool_new_connection(ctx);
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = conn};
	int held = POOLED_HELD;

	if (!conn) {
		pool_turn_away(ctx, so->sock);
		return;
	}
	conn->phys_ctx = ctx;
	conn->dom_ctx = &ctx->dd;
	conn->client = *so;
	conn->conn_birth_time = time(NULL);
	conn->request_info.user_data = ctx->user_data;
	conn->request_info.remote_port = ntohs(USA_IN_PORT_UNSAFE(&so->rsa));
	conn->request_info.server_port = ntohs(USA_IN_PORT_UNSAFE(&so->lsa));
	inet_ntop(AF_INET,
	          &so->rsa.sin.sin_addr,
	          conn->request_info.remote_addr,
	          sizeof(conn->request_info.remote_addr));
	init_connection(conn);
	conn->connection_type = CONNECTION_TYPE_REQUEST;
	conn->protocol_type = PROTOCOL_TYPE_HTTP1;
	conn->pooled.ended = conn->pooled.broken = conn->pooled.evicted = 0;
	atomic_store(&conn->pooled.hung_up, 0);
	pool_forget_request(conn);
	pool_begin_wait(conn, WAIT_REQUEST);
	atomic_fetch_add(&ctx->pool->connections, 1);
	/* held: a late event of the connection that was here before is not to find it half made */
	atomic_fetch_add(&ctx->pool->busy, 1);
	atomic_store(&conn->pooled.owner, POOLED_HELD);
	if (epoll_ctl(ctx->pool->epoll, EPOLL_CTL_ADD, so->sock, &event) != 0) {
		pool_close(conn);
	} else if (!atomic_compare_exchange_strong(&conn->pooled.owner, &held, POOLED_WAITS)) {
		pool_hand_over(conn);
		return;
	}
	atomic_fetch_sub(&ctx->pool->busy, 1);
}


/* Where no descriptor is left, the reserve is one: its connection is turned away. */
static int
pool_accept_by_reserve(const struct socket *listener, struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;
	int sock;

	if (pool->reserve < 0) {
		mg_sleep(10); /* somebody else had it; there is nothing to be done but wait */
		pool->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return 0;
	}
	closesocket(pool->reserve);
	sock = accept4(listener->sock, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (sock >= 0) {
		pool_turn_away(ctx, sock);
	}
	pool->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return sock >= 0;
}


static void
pool_accept(const struct socket *listener, struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;

	for (int i = 0; i < POOL_ACCEPTS; i++) {
		struct socket so = {.lsa = listener->lsa};
		socklen_t len = sizeof(so.rsa);

		so.sock = accept4(
		    listener->sock, &so.rsa.sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (so.sock >= 0) {
			if ((atomic_load(&pool->connections) >= pool->connections_max)
			    && !pool_evict(pool, pool_age_of, INT64_MIN)) {
				pool_turn_away(ctx, so.sock);
			} else {
				pool_admit(ctx, &so);
			}
		} else if (((ERRNO != EMFILE) && (ERRNO != ENFILE))
		           || !pool_accept_by_reserve(listener, ctx)) {
			return;
		}
	}
}


static void
pool_tell(struct mg_context *ctx, int64_t now)
{
	struct ready_pool *pool = ctx->pool;
	int away, closed;

	if (now - pool->told_ms < 1000) {
		return;
	}
	away = atomic_exchange(&pool->away, 0);
	closed = atomic_exchange(&pool->closed, 0);
	if (away || closed) {
		pool->told_ms = now;
		ctx->callbacks.no_room_was(ctx, away, closed);
	}
}


/* Gives connections whose wait is over to the workers. */
static void
pool_sweep(struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;
	int64_t now = pool_now_ms();
	size_t count;

	pool_tell(ctx, now);
	pthread_mutex_lock(&pool->lock);
	count = pool->count;
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < count; i++) {
		struct pooled *pooled = &pool->all[i]->pooled;
		int waits = POOLED_WAITS;

		if ((atomic_load(&pooled->owner) == POOLED_WAITS)
		    && (atomic_load(&pooled->due_ms) < now)
		    && atomic_compare_exchange_strong(&pooled->owner, &waits, POOLED_HELD)) {
			atomic_fetch_add(&pool->busy, 1);
			pool_hand_over(pool->all[i]);
		}
	}
}


static int
pool_setting(const struct mg_context *ctx, int option, int otherwise)
{
	return ctx->dd.config[option] ? atoi(ctx->dd.config[option]) : otherwise;
}


static int
pool_processors(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}


static void
pool_free(struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;

	if (!pool) {
		return;
	}
	for (size_t i = 0; i < pool->count; i++) {
		if (atomic_load(&pool->all[i]->pooled.owner) != POOLED_FREE) {
			pool_close(pool->all[i]);
		}
		pthread_mutex_destroy(&pool->all[i]->mutex);
		mg_free(pool->all[i]);
	}
	mg_free(pool->all);
	close(pool->epoll);
	close(pool->bell);
	if (pool->reserve >= 0) {
		close(pool->reserve);
	}
	pthread_mutex_destroy(&pool->lock);
	mg_free(pool);
	ctx->pool = NULL;
}


/* Everybody out: those that wait for a turn, and those for an event. */
static void
pool_stop(struct mg_context *ctx)
{
	struct ready_pool *pool = ctx->pool;

	eventfd_write(pool->bell, INT_MAX);
	pthread_mutex_lock(&pool->lock);
	while (pool->idle) {
		struct pooled_worker *worker = pool->idle;

		pool->idle = worker->below; /* before it is gone */
		sem_post(&worker->wake);
	}
	ctx->cfg_worker_threads = pool->threads;
	pthread_mutex_unlock(&pool->lock);
}


/* 0: it runs. */
static int
pool_start(struct mg_context *ctx)
{
	struct ready_pool *pool = (struct ready_pool *)mg_calloc(1, sizeof(*pool));
	struct epoll_event event = {.events = EPOLLIN};
	int on = 1, bytes = POOL_SOCKET_BUFFER;

	if (!pool) {
		return -1;
	}
	ctx->pool = pool;
	pthread_mutex_init(&pool->lock, NULL);
	pool->due_end = &pool->due;
	pool->epoll = epoll_create1(EPOLL_CLOEXEC);
	pool->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	pool->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pool->turns = pool_processors() > 1 ? pool_processors() : 2;
	pool->wait_ms = pool_setting(ctx, REQUEST_TIMEOUT, 20000);
	pool->idle_ms = pool_setting(ctx, KEEP_ALIVE_TIMEOUT, 60000);
	pool->connections_max = ctx->callbacks.connections_max;
	pool->held_max = ctx->callbacks.held_max;
	pool->room = (size_t)pool->connections_max + POOL_BEYOND;
	pool->all = (struct mg_connection **)mg_calloc(pool->room, sizeof(*pool->all));
	if (!pool->all || (pool->epoll < 0) || (pool->bell < 0)
	    || (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, pool->bell, &event) != 0)) {
		mg_cry_ctx_internal(ctx, "%s", "No memory or file for the ready pool");
		return -1;
	}
	for (unsigned i = 0; i < ctx->num_listening_sockets; i++) {
		set_non_blocking_mode(ctx->listening_sockets[i].sock);
		/* its connections have it from the listener */
		setsockopt(ctx->listening_sockets[i].sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		setsockopt(ctx->listening_sockets[i].sock, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
		setsockopt(ctx->listening_sockets[i].sock, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	}
	pthread_mutex_lock(&pool->lock);
	while ((int)pool->threads < pool->turns) {
		atomic_fetch_add(&pool->running, 1);
		if (mg_start_thread_with_id(
		        pool_work, ctx, &ctx->worker_threadids[pool->threads])
		    != 0) {
			atomic_fetch_sub(&pool->running, 1);
			break;
		}
		pool->threads++;
	}
	pthread_mutex_unlock(&pool->lock);
	if (!pool->threads) {
		mg_cry_ctx_internal(ctx, "%s", "Cannot start a worker thread");
		return -1;
	}
	return 0;
}
