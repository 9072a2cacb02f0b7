/* A connection's way through the ready pool, by whoever holds it; see ready_pool.inl. */

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
	int evicted = pooled->evicted;

	pooled->drained = 0;
	pooled->step_bytes = 0;
	if (evicted) {
		pooled->evicted = 0;
		atomic_fetch_sub(&conn->phys_ctx->pool->leaving, pooled->gives);
		if (pooled->wait == WAIT_BODY) {
			return pool_refuse(conn, 503);
		}
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
	if ((next == NEXT_WAIT) && evicted) {
		return pool_close(conn);
	}
	if ((next == NEXT_WAIT) && (atomic_load(&pooled->due_ms) < pool_now_ms())) {
		next = pool_expire(conn);
	}
	return next; /* where it is gone, it may be another already */
}
