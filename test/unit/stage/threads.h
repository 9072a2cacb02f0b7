/* Threads as a test sees them: who waits, who is awakened, and whether there can be any more; by
 * way of the linker's --wrap.
 */
#ifndef UNIT_STAGE_THREADS_H
#define UNIT_STAGE_THREADS_H

#include <stdbool.h>

/* Threads that entered pthread_cond_wait, or _clockwait, since the last reset.  Every call is
 * counted, by way of the linker's --wrap; a thread is counted while it holds the mutex it waits
 * with, so once that mutex can be had the thread really waits. */
void waiters_reset(void);
void waiters_await(int count);

/* Waits for so many calls of pthread_cond_broadcast since the last reset, counted the same way:
 * what is announced is stored once the mutex held meanwhile can be had. */
void broadcasts_await(int count);

/* While it is set no thread can be started. */
extern bool no_threads;
/* Threads that were started. */
extern _Atomic(int) threads_started;

#endif
