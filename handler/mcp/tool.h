/* How an endpoint looks to an MCP client: name, schemas and hints (Model Context Protocol,
 * "Tools"). */
#ifndef MCP_TOOL_H
#define MCP_TOOL_H

#include <stdbool.h>

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

#endif
