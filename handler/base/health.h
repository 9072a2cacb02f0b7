/* What was last seen of an upstream, for /status.  Lock-free; any thread. */
#ifndef BASE_HEALTH_H
#define BASE_HEALTH_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

struct health {
	_Atomic(int64_t) ok_s;     /* when it last answered well, Unix time; 0: never */
	_Atomic(int64_t) failed_s; /* when it last failed */
	_Atomic(int) failure;      /* enum err_code of that failure */
	_Atomic(int64_t) calls;    /* all calls made */
	_Atomic(int64_t) failures;
};

/* err NULL: it answered well. */
static inline void health_note(struct health *health, int64_t now_s, const struct err *err)
{
	atomic_fetch_add(&health->calls, 1);
	if (!err) {
		atomic_store(&health->ok_s, now_s);
		return;
	}
	atomic_fetch_add(&health->failures, 1);
	atomic_store(&health->failed_s, now_s);
	atomic_store(&health->failure, (int)err->code);
}

#endif
