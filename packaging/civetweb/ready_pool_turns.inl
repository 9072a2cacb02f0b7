/* The ready pool's turns: who of the workers runs, see ready_pool.inl. */

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
