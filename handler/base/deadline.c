#include "base/deadline.h"

#include <time.h>

#include "base/clock.h"
#include "base/turn.h"

struct deadline deadline_after(int64_t ms)
{
	return (struct deadline){clock_mono_ms() + ms};
}

struct deadline deadline_within(struct deadline deadline, int64_t ms)
{
	struct deadline sooner = deadline_after(ms);

	return sooner.end_ms < deadline.end_ms ? sooner : deadline;
}

int64_t deadline_left_ms(struct deadline deadline)
{
	int64_t left_ms = deadline.end_ms - clock_mono_ms();

	return left_ms > 0 ? left_ms : 0;
}

bool deadline_passed(struct deadline deadline)
{
	return deadline_left_ms(deadline) == 0;
}

bool deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock)
{
	struct timespec end = {
		.tv_sec = deadline.end_ms / 1000, .tv_nsec = deadline.end_ms % 1000 * 1000000};

	int result;

	turn_leave();
	result = pthread_cond_clockwait(cond, lock, CLOCK_MONOTONIC, &end);
	turn_take();
	return result == 0;
}
