/* How many calls are under way at once: so many at their places, so many more that wait for one,
 * so many of one caller.  Whoever comes past that is turned away at once, and told when to come
 * back.
 *
 * A call keeps a struct admission_pass, zeroed, from before admission_enter until admission_leave;
 * all that is known of it is there, so nothing is left of a caller without a call.  Places are
 * given in the order in which calls came.  Who was turned away is counted, and logged once a second
 * at most for each reason (event=shed reason=... count=...).  Any thread; one lock, held for a look
 * or a change.
 */
#ifndef BASE_ADMISSION_H
#define BASE_ADMISSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/err.h"

#define ADMISSION_CALLER_SIZE 80

struct admission;

struct admission_limits {
	long places;
	long waiting;
	long wait_ms;       /* the longest */
	long of_one_caller; /* at their places or waiting */
};

enum admission_stage { ADMISSION_OUT, ADMISSION_WAITING, ADMISSION_IN };

/* Of one call; the module's own. */
struct admission_pass {
	enum admission_stage stage;
	char caller[ADMISSION_CALLER_SIZE];
	struct admission_pass *chain; /* of those whose callers' names fall together */
	struct admission_pass *later; /* of those that wait */
	pthread_cond_t placed;
};

/* Why a call was turned away. */
enum admission_shed {
	ADMISSION_FULL,   /* as many wait as may */
	ADMISSION_WAITED, /* no place came free in time */
	ADMISSION_CALLER, /* the caller has as many as one may have */
	ADMISSION_BODY,   /* no room for what it brings */
	ADMISSION_SHED__COUNT
};

struct admission_count {
	long in, waiting;
	int64_t shed[ADMISSION_SHED__COUNT]; /* since the start */
};

struct admission *admission_new(const struct admission_limits *limits);
/* Logs what was not logged yet. */
void admission_free(struct admission *admission);

/* Takes a place for a call of that caller ("": not known, and not limited by caller; cut at
 * ADMISSION_CALLER_SIZE - 1), waiting for one until the deadline at most.  A call that has a
 * place keeps it, and counts as that caller's from then on.  ERR_OVERLOADED, ERR_TOO_MANY_REQUESTS;
 * both leave what place it has, and say when to come back. */
bool admission_enter(struct admission *admission, struct admission_pass *pass, const char *caller,
	struct deadline deadline, struct err *err);

/* Takes a place for a call of that caller if one is free and the caller may have it; false, and
 * nothing is counted, if not. */
bool admission_enter_free(
	struct admission *admission, struct admission_pass *pass, const char *caller);

/* Counts, and logs in its turn, one that was turned away elsewhere. */
void admission_note_shed(struct admission *admission, enum admission_shed shed);

/* The call has ended: gives back the place, if it has one, to the one that waits longest. */
void admission_leave(struct admission *admission, struct admission_pass *pass);

void admission_count(struct admission *admission, struct admission_count *ret);

#endif
