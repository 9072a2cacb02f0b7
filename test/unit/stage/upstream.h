/* Whatever the handler calls over HTTP, as a script, a clock set by hand, and one that calls and
 * waits put forward: for programs linked with --wrap of http_send, http_client_wait, clock_unix_s
 * and clock_mono_ms.  Nothing sleeps; waits are counted.
 * The handler's parts get NULL for their HTTP client. */
#ifndef UNIT_UPSTREAM_H
#define UNIT_UPSTREAM_H

#include <stdatomic.h>

#include "support.h"

#define UPSTREAM_CALLS_MAX 32

struct upstream_call {
	char *url;
	char *headers; /* "name: value" lines */
	char *body;    /* NULL: none */
	const char *method;
	bool fresh, once;
	size_t body_max;
	int64_t left_ms; /* of its deadline */
};

struct upstream {
	_Atomic(int64_t) now_s;
	_Atomic(int64_t) takes_ms; /* every call, unless its deadline comes first */
	struct upstream_call calls[UPSTREAM_CALLS_MAX];
	_Atomic(int) call_count;
	int64_t waits_ms[UPSTREAM_CALLS_MAX];
	int wait_count;
	int distrust_count; /* connections given up */
};

extern struct upstream upstream;

/* Forgets all calls and answers; the time is NOW_S.  Also to be called last, to free. */
void upstream_reset(void);

/* The next call not yet provided for gets this answer.  The texts are copied. */
void upstream_answers(int status, const char *head, const char *body);
/* The same with a body that was cut off. */
void upstream_answers_cut(const char *body);
/* It gets none, and was not even sent, or may have arrived. */
void upstream_fails(enum err_code code);
void upstream_dies(enum err_code code);

/* Whether every answer was called for, and no more calls came than there were answers. */
bool upstream_is_done(void);

/* A field of the form that was the i-th call's body, decoded; NULL: it has none.  The caller frees
 * it. */
char *upstream_field(int i, const char *name);

#endif
