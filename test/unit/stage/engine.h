/* The token engine and Graph's client on a script of answers (upstream.h), with a secret for a
 * credential: set up and taken down for each test. */
#ifndef UNIT_ENGINE_H
#define UNIT_ENGINE_H

#include "graph/graph.h"
#include "upstream.h"

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

/* Entra's next answer is that Graph token. */
void engine_will_grant(const char *token);

#endif
