/* Another instance of this service, asked in the place of Graph: for a program on the user's own
 * machine that holds no credential, so cannot exchange the user's token itself. */
#ifndef GRAPH_GATEWAY_H
#define GRAPH_GATEWAY_H

#include "graph/profile.h"
#include "graph/tool_run.h"

struct gateway {
	const struct config *config; /* its APIM_GATEWAY_URL is the other */
	struct http_client *http;
};

/* As graph_me, by GET /me of the gateway with the caller's own token.  Its errors are passed on by
 * their code; ERR_GRAPH_ERROR for an answer that cannot be read.  A graph_source's; context is a
 * struct gateway. */
bool gateway_me(void *context, const struct profile_query *query, struct graph_errand *errand,
	struct buf *ret, struct err *err);

/* As graph_run_tool, by POST /tools/NAME of the gateway, whose result is passed on. */
bool gateway_run_tool(void *context, const struct graph_tool_call *call,
	struct graph_errand *errand, struct buf *ret, struct err *err);

/* A graph_source's: write_guard_pass_blind, for nothing can be looked at here; the other instance
 * has settings of its own. */
bool gateway_guard(void *context, const struct graph_tool_call *call, struct graph_errand *errand,
	struct question *ret, struct err *err);

#endif
