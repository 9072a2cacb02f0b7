/* The headers that a Graph tool's request has beside those of every request. */
#ifndef GRAPH_TOOL_REQUEST_HEADERS_H
#define GRAPH_TOOL_REQUEST_HEADERS_H

#include "graph/request.h"
#include "graph/tool_node.h"

struct tool_headers {
	struct {
		char *name;
		struct tool_node texts; /* a NODE_ARRAY */
	} at[GRAPH_REQUEST_HEADERS_MAX];
	size_t count;
};

/* Reads {name: text, or texts} (NULL: none).  tool_headers_done ends *ret either way. */
bool tool_headers_read(
	const struct template_reader *reader, const cJSON *headers, struct tool_headers *ret);
void tool_headers_done(struct tool_headers *headers);

/* Appends each header's value to its buffer; an empty one: it is left out. */
bool tool_headers_write(const struct tool_headers *headers, const struct tool_values *values,
	struct buf out[GRAPH_REQUEST_HEADERS_MAX], struct err *err);

#endif
