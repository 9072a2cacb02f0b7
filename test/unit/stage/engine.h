/* The token engine and Graph's client on a script of answers (upstream.h), with a secret for a
 * credential: set up and taken down for each test. */
#ifndef UNIT_ENGINE_H
#define UNIT_ENGINE_H

#include "graph/graph.h"
#include "upstream.h"

#define ENGINE_CORRELATION "00000000-0000-4000-8000-000000000007"

struct engine {
	struct config config;
	struct credential *credential;
	struct entra entra;
	struct obo obo;
	struct graph graph;
};

extern struct engine engine;

int engine_set_up(void **state);
int engine_tear_down(void **state);

/* Ada with that token, which lives for an hour from NOW_S.  secret_done() takes it away. */
struct caller engine_caller(const char *assertion);
/* What is asked of Entra for the caller. */
struct entra_request engine_request(const struct caller *caller);
/* A call of Graph for the caller. */
struct graph_errand engine_errand(const struct caller *caller);

/* Entra's next answer is that Graph token. */
void engine_will_grant(const char *token);

#endif
