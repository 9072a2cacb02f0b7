/* Keywords that no compiled tool has, but the arguments of Graph tools: minimum, maximum (of
 * numbers), uniqueItems and format. */
#ifndef MCP_SCHEMA_MORE_H
#define MCP_SCHEMA_MORE_H

#include "mcp/schema_refuse.h"

/* Apply them to a number, to an array whose items are known to be good, to a string. */
bool schema_check_range(const struct schema *schema, const cJSON *number, const struct place *place,
	struct err *err);
bool schema_check_unique(const struct schema *schema, const cJSON *array, const struct place *place,
	struct err *err);
bool schema_check_format(
	const struct schema *schema, const char *text, const struct place *place, struct err *err);

#endif
