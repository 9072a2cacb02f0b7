/* How an endpoint looks to an MCP client: name, schemas and hints (Model Context Protocol,
 * "Tools"). */
#ifndef MCP_TOOL_H
#define MCP_TOOL_H

#include <stdbool.h>

/* The input schema of a tool without arguments. */
#define TOOL_NO_ARGUMENTS "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

/* What says in an output schema that a value may be null. */
#define TOOL_TEXT_OR_NULL "\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]"
#define TOOL_OBJECT_OR_NULL "\"anyOf\":[{\"type\":\"object\"},{\"type\":\"null\"}]"

#define TOOL_NAME_MAX 64

struct tool {
	const char *name; /* ^[a-z][a-z0-9_]{0,63}$ */
	const char *title;
	const char *description;
	/* JSON Schema text of an object, in schema.h's subset.  Clients differ in what they take:
	 * an object has properties, be they none, an array items, and a type is one name */
	const char *input_schema;
	/* same, any keywords; NULL: answers content blocks only */
	const char *output_schema;
	bool open_world; /* talks to another system */
	/* it changes something; then whether that may destroy what was there, and whether doing it
	 * again changes nothing more */
	bool writes, destroys, repeats;
	/* a member of ClientCapabilities without which a modern client's call is refused
	 * (-32021), such as "sampling"; NULL: none */
	const char *needs_capability;
};

#endif
