/* What civetweb's accepting thread does for the ready pool, its start and its end; see ready_pool.inl. */

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
			if (atomic_load(&pool->connections) >= pool->connections_max) {
				pool_evict(pool, pool_age_of, INT64_MIN);
			}
			pool_admit(ctx, &so);
		} else if ((ERRNO == ENOMEM) || (ERRNO == ENOBUFS)) {
			mg_sleep(10); /* it would be ready again at once */
			return;
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
