/* What was last seen of an upstream, for /status.  Lock-free; any thread. */
#ifndef BASE_HEALTH_H
#define BASE_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct health {
	_Atomic(int64_t) ok_ms;     /* when it last answered well, by clock_mono_ms; 0: never */
	_Atomic(int64_t) failed_ms; /* when it last failed */
	_Atomic(int) failure;       /* enum err_code of that failure */
	_Atomic(bool) failing;      /* the last call failed; the times may be equal */
	_Atomic(int64_t) calls;     /* all calls made */
	_Atomic(int64_t) failures;
};

/* Whether the service itself failed, rather than refused what it was asked. */
static inline bool health_is_failure(const struct err *err)
{
	return err && (err->code == ERR_UPSTREAM_UNAVAILABLE || err->code == ERR_UPSTREAM_TIMEOUT ||
			      err->code == ERR_GRAPH_ERROR || err->code == ERR_OUTCOME_UNKNOWN ||
			      err->code == ERR_THROTTLED || err->code == ERR_SERVER_CONFIGURATION);
}

/* err: how the call ended; NULL: well.  A refusal of the caller counts as the service being well.
 */
static inline void health_note(struct health *health, int64_t now_ms, const struct err *err)
{
	atomic_fetch_add(&health->calls, 1);
	atomic_store(&health->failing, health_is_failure(err));
	if (!health_is_failure(err)) {
		atomic_store(&health->ok_ms, now_ms);
		return;
	}
	atomic_fetch_add(&health->failures, 1);
	atomic_store(&health->failed_ms, now_ms);
	atomic_store(&health->failure, (int)err->code);
}

#endif
