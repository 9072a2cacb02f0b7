/* A Graph tool called: with the call's arguments its definition becomes a request, and what Graph
 * answers its result. */
#ifndef GRAPH_TOOL_RUN_H
#define GRAPH_TOOL_RUN_H

#include "base/question.h"
#include "graph/enabled.h"
#include "graph/graph.h"

struct graph_tool_call {
	const struct enabled_tool *tool;
	const cJSON *arguments; /* an object, as the tool's schema allows; a null is absent */
	struct person person;   /* in front of the client */
};

/* *ret is the result, an object on one line of at most RESULT_BYTES_MAX, the bytes of an image or a
 * PDF aside; the caller ends it with buf_done.  The token is got for the call's permissions alone.
 * ERR_BAD_REQUEST, naming the argument, for one that its place does not take, that excludes
 * another, or a cursor that is none; the errors of graph_send and graph_download; ERR_GRAPH_ERROR
 * for an answer that has not the tool's shape.  Of a tool that writes, ERR_OUTCOME_UNKNOWN in the
 * tool's own words for that, and for whatever comes after a first of its requests was done, which
 * the sentence then says.  A graph_source's; context is a struct graph. */
bool graph_run_tool(void *context, const struct graph_tool_call *call, struct graph_errand *errand,
	struct buf *ret, struct err *err);

/* Whether its requests can be written with those arguments: the ERR_BAD_REQUEST of graph_run_tool,
 * with nothing sent. */
bool graph_tool_check(const struct graph_tool_call *call, struct err *err);

/* What a 400 of Graph means for values of theirs that only Graph can judge; with its code once
 * graph_tool_say_why has looked at the error. */
#define GRAPH_TOOL_NOT_TAKEN "Microsoft Graph does not take these arguments"
void graph_tool_say_why(struct err *err);

#endif
