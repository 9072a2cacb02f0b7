/* When a call must have ended.  Made once, where the call comes in, and handed down to everything
 * that waits on its behalf; nobody waits on another's.  A zeroed one has passed long ago. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t end_ms; /* by clock_mono_ms */
};

struct deadline deadline_after(int64_t ms);

/* For one of the waits of a call: ms from now, or the call's deadline where that comes first. */
struct deadline deadline_within(struct deadline deadline, int64_t ms);

/* What is left; 0 once it has passed. */
int64_t deadline_left_ms(struct deadline deadline);
bool deadline_passed(struct deadline deadline);

/* pthread_cond_wait until the deadline, so in a while.  False when it has passed. */
bool deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock);

#endif
