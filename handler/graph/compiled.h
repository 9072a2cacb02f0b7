/* The tools that are code: their definitions say what a model is told of them, and which
 * permissions they may use; what is asked of Graph, and what is made of it, is search.h's and
 * fetch.h's. */
#ifndef GRAPH_COMPILED_H
#define GRAPH_COMPILED_H

#include "graph/tool_arguments.h"

#define COMPILED_NEEDS_MAX 5

enum compiled_kind { COMPILED_SEARCH, COMPILED_FETCH };

struct compiled {
	const char *name; /* as `compiled` says it */
	enum compiled_kind kind;
	const char *argument; /* the one that it takes, a string */
	/* The permissions it has a use for: of each, separated by blanks, for all of them together;
	 * NULL ends them. */
	const char *needs[COMPILED_NEEDS_MAX + 1];
	const char *output_schema; /* JSON Schema text */
};

/* Reads the definition of a tool with the member `compiled`, or says in *problem what is wrong with
 * it.  What *ret points to is a constant. */
bool compiled_read(const cJSON *tool, const struct tool_arguments *arguments,
	const struct compiled **ret, struct tool_problem *problem);

#endif
