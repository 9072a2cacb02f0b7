/* The JSON body of a Graph tool's request. */
#ifndef GRAPH_TOOL_REQUEST_BODY_H
#define GRAPH_TOOL_REQUEST_BODY_H

#include "graph/tool_node.h"

/* Appends what there is of the body in a call; nothing: it is left out as a whole.  What a text
 * takes of an argument becomes part of one JSON string, whatever it holds. */
bool tool_body_write(const struct tool_node *body, const struct tool_values *values,
	struct buf *out, struct err *err);

#endif
