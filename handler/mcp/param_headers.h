/* x-mcp-header: arguments that an HTTP header repeats (MCP 2026-07-28, "Transports", custom
 * headers).  The protocol has it, and the tools of its conformance suite (test/fixture) use it; no
 * tool of ours does.
 */
#ifndef MCP_PARAM_HEADERS_H
#define MCP_PARAM_HEADERS_H

#include <stddef.h>

#include "base/json.h"
#include "http/message.h"

#define PARAM_DEPTH_MAX 4
#define PARAMS_MAX 8 /* of a tool */

struct param_header {
	char *name;                            /* "Mcp-Param-Region" */
	const char *path[PARAM_DEPTH_MAX + 1]; /* names from the arguments down, then NULL */
};

struct param_headers {
	struct param_header list[PARAMS_MAX];
	size_t count;
};

/* Fills a zeroed list from a tool's schema, which must outlive it.  False for a mistake in that. */
bool param_headers_read(struct param_headers *params, const cJSON *schema, struct err *err);
void param_headers_done(struct param_headers *params);

/* The name of a header that is not there exactly when its argument is there and not null, or does
 * not say the same: a string byte by byte, a number by value, a boolean as true or false; copies
 * that agree count as one in lines of their own only.  NULL: all agree. */
const char *param_headers_differing(
	const struct param_headers *params, const struct request *request, const cJSON *arguments);

#endif
