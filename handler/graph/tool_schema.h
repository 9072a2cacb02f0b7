/* What a client may give a Graph tool, as a JSON Schema. */
#ifndef GRAPH_TOOL_SCHEMA_H
#define GRAPH_TOOL_SCHEMA_H

#include "graph/definition.h"

/* Builds the tool's input_schema, and where it can be about another's mailbox its shared_schema,
 * from the definition (whose arguments are good) and what was read of it: its result, if it has
 * one, and its shared permissions. */
void tool_schema_build(const cJSON *definition, struct graph_tool *tool);

#endif
