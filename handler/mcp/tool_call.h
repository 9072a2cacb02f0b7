/* tools/call, in both eras: the tool is found, its arguments are checked, it is run and what came
 * of it is answered as text and structure. */
#ifndef MCP_TOOL_CALL_H
#define MCP_TOOL_CALL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "mcp/outcome.h"
#include "mcp/tool.h"

struct turn;

/* Everything here lives until the runner returns. */
struct tool_call {
	const struct tool *tool;
	const cJSON *arguments;  /* as tool->input_schema allows; a member may be null: absent */
	const char *traceparent; /* valid (W3C Trace Context, version 00) from _meta, else from the
				  * HTTP header; NULL: none */
	bool in_batch;           /* one of several in its message */
	void *transport;         /* the message's */
	struct person person;    /* in front of the client */
};

/* Runs a tool; on several threads at once.  *ret, empty at first, is the core's from then on; with
 * an output_schema, json is wanted, or a question, where the person can be asked: the tool is then
 * run again with the answer.  False with err: see mcp_answer. */
typedef bool (*tool_runner)(
	void *context, const struct tool_call *call, struct outcome *ret, struct err *err);

/* The tool that a tools/call names; NULL: none that exists, or another method. */
const struct listed_tool *tool_called(const struct turn *turn);

/* Answers a request of that method. */
void tool_call_answer(struct turn *turn);

#endif
