/* The JSON Schema of a tool's arguments, as clients are shown it: the definition's own, and those
 * that its result and its mailbox bring. */
#ifndef GRAPH_TOOL_SCHEMA_H
#define GRAPH_TOOL_SCHEMA_H

#include "base/json.h"
#include "graph/tool_result.h"

/* Of a definition with that result (NULL: it has none): with limit and cursor where it is paged,
 * with cursor where a file follows.  The caller frees it. */
char *tool_schema(const cJSON *tool, const struct tool_result *result);

/* The same with mailbox. */
char *tool_schema_with_mailbox(const cJSON *tool, const struct tool_result *result);

#endif
