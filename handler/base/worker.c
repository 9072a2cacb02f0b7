#include "base/worker.h"

#include <stdatomic.h>

static void *run(void *arg)
{
	struct worker *worker = arg;

	worker->work(worker->context);
	atomic_store(&worker->at_end, true);
	return NULL;
}

bool worker_start(struct worker *worker, void (*work)(void *context), void *context)
{
	if (worker->started && !atomic_load(&worker->at_end))
		return false;
	worker_join(worker);
	worker->work = work;
	worker->context = context;
	atomic_store(&worker->at_end, false);
	worker->started = pthread_create(&worker->thread, NULL, run, worker) == 0;
	return worker->started;
}

void worker_join(struct worker *worker)
{
	if (worker->started)
		pthread_join(worker->thread, NULL);
	worker->started = false;
}
