/* The query of a Graph tool's request: its parameters, those of a page among them. */
#ifndef GRAPH_TOOL_REQUEST_QUERY_H
#define GRAPH_TOOL_REQUEST_QUERY_H

#include "graph/page.h"
#include "graph/tool_node.h"
#include "graph/tool_request.h"

struct tool_parameter;

struct tool_query {
	struct tool_parameter *parameters;
	size_t count;
	char *size_parameter; /* of a page; NULL: the endpoint takes none */
};

/* Reads {name: value} (NULL: none), with what the facts say of $select and pages.
 * tool_query_done ends *ret either way. */
bool tool_query_read(const struct template_reader *reader, const cJSON *query,
	const struct tool_request_facts *facts, struct tool_query *ret);
void tool_query_done(struct tool_query *query);

/* Appends the query, encoded, without the "?".  page NULL: not paged. */
bool tool_query_write(const struct tool_query *query, const struct tool_values *values,
	const struct page *page, struct buf *out, struct err *err);

#endif
