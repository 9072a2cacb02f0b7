/* A piece of work in the background: a thread of its own, joined before the next one and at the
 * end.  One that is zeroed is idle.  Its owner locks. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

struct worker {
	pthread_t thread;
	bool started;         /* and not joined */
	_Atomic(bool) at_end; /* all that is left is to be joined */
	void (*work)(void *context);
	void *context;
};

/* Has work(context) done.  False when the last work is still under way, or no thread is to be had.
 */
bool worker_start(struct worker *worker, void (*work)(void *context), void *context);

/* Waits until the work has ended, if there is any. */
void worker_join(struct worker *worker);

#endif
