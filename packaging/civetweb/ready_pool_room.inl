/* The ready pool's buffers, what is sent from them, and who has to go when there is no room; see
 * ready_pool.inl.
 */

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
static enum pool_next pool_close(struct mg_connection *conn);


/* Whether it has sent nothing, or a part of a head, and no more is there: nothing is to be said. */
static int
pool_says_nothing(struct mg_connection *conn)
{
	char one;

	return (conn->pooled.wait <= WAIT_HEAD)
	       && (recv(conn->client.sock, &one, 1, MSG_PEEK | MSG_DONTWAIT) <= 0);
}


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
	atomic_fetch_add(&pool->closed, 1);
	if (pool_says_nothing(most)) {
		pool_close(most);
		return 1;
	}
	most->pooled.evicted = 1;
	most->pooled.gives = atomic_load(&most->pooled.holds);
	atomic_fetch_add(&pool->leaving, most->pooled.gives);
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
