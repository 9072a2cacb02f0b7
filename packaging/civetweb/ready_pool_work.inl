/* The ready pool's workers: who holds a connection, and how one is handed over; see ready_pool.inl. */

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
