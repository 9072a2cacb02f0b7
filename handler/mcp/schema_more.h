/* Keywords that no tool of ours has, but the arguments of other Graph requests: minimum, maximum
 * (of numbers) and uniqueItems. */
#ifndef MCP_SCHEMA_MORE_H
#define MCP_SCHEMA_MORE_H

#include "mcp/schema_refuse.h"

/* Read them into a node. */
void schema_read_minimum(struct schema *schema, const cJSON *value);
void schema_read_maximum(struct schema *schema, const cJSON *value);
void schema_read_unique(struct schema *schema, const cJSON *value);

/* Apply them to a number, or to an array whose items are known to be good. */
bool schema_check_range(const struct schema *schema, const cJSON *number, const struct place *place,
	struct err *err);
bool schema_check_unique(const struct schema *schema, const cJSON *array, const struct place *place,
	struct err *err);

#endif
