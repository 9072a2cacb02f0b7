/* A server's tools, made ready once at start, however many there are: sorted by name, their schemas
 * compiled. */
#ifndef MCP_TOOL_LIST_H
#define MCP_TOOL_LIST_H

#include <stddef.h>

#include "base/json.h"
#include "mcp/param_headers.h"
#include "mcp/schema.h"
#include "mcp/tool.h"

struct listed_tool {
	const struct tool *tool;
	struct schema *input;
	struct param_headers params;
};

struct tool_list {
	struct listed_tool *items; /* by name */
	size_t count;
};

/* Whether a tool that others wrote can be listed: err->detail says what is wrong with it. */
bool tool_check(const struct tool *tool, struct err *err);

/* The tools must outlive the list, their array need not.  Asserts on a mistake in one of them, such
 * as a schema that is none, and on two of one name. */
void tool_list_init(struct tool_list *list, const struct tool *const *tools, size_t count);
void tool_list_done(struct tool_list *list);

/* NULL: there is none of that name, or name is NULL. */
const struct listed_tool *tool_list_find(const struct tool_list *list, const char *name);

/* {"tools":[...]}, all on one page; the caller deletes it. */
cJSON *tool_list_tree(const struct tool_list *list);

#endif
