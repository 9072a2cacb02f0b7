/* Who reads Graph: Graph itself (graph.h), or another instance of this service (gateway.h).  Chosen
 * at start; who asks cannot tell. */
#ifndef GRAPH_SOURCE_H
#define GRAPH_SOURCE_H

#include "graph/profile.h"
#include "graph/tool_run.h"

struct graph_source {
	/* Reads the caller's profile, as graph_me says. */
	bool (*me)(void *context, const struct profile_query *query, struct graph_errand *errand,
		struct buf *ret, struct err *err);
	/* Runs a Graph tool, as graph_run_tool says. */
	bool (*run_tool)(void *context, const struct graph_tool_call *call,
		struct graph_errand *errand, struct buf *ret, struct err *err);
	/* Lets a Graph tool run, or asks, as write_guard_pass says. */
	bool (*guard)(void *context, const struct graph_tool_call *call,
		struct graph_errand *errand, struct question *ret, struct err *err);
	void *context;
	struct health *health; /* of Graph; NULL: not known here */
};

#endif
