/* How an endpoint looks to an MCP client: name, schemas and hints (Model Context Protocol,
 * "Tools").  The list is printed once at start and served as those bytes ever after.
 */
#ifndef MCP_TOOL_H
#define MCP_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct tool {
	const char *name; /* ^[a-z][a-z0-9_]{0,63}$ */
	const char *title;
	const char *description;
	const char *input_schema;  /* JSON Schema text of an object, in schema.h's subset */
	const char *output_schema; /* same, any keywords; NULL: answers content blocks only */
	bool open_world;           /* talks to another system */
	/* a member of ClientCapabilities without which a modern client's call is refused
	 * (-32021), such as "sampling"; NULL: none */
	const char *needs_capability;
};

/* {"tools":[...]} in the order given; the caller deletes it.  Every tool here only reads, so
 * readOnlyHint and idempotentHint are true and destructiveHint false.  Aborts on a schema that is
 * not JSON: a mistake in our own source. */
cJSON *tools_tree(const struct tool *const *tools, size_t count);

#endif
