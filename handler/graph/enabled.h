/* The Graph tools that are on: those of the definitions that GRAPH_TOOLS and GRAPH_TOOLS_WRITE
 * name. */
#ifndef GRAPH_ENABLED_H
#define GRAPH_ENABLED_H

#include "base/config.h"
#include "graph/definitions.h"

struct enabled_tool {
	const struct graph_tool *definition;
	char *scope;      /* its permissions, as the exchange names them */
	char *look_scope; /* of what its guard looks at; NULL: it looks at nothing */
};

struct enabled_tools {
	struct enabled_tool *list; /* by name */
	size_t count;
};

/* Fills *ret from the definitions, which must outlive it.  A part of GRAPH_TOOLS that is no tool
 * and no set, or a tool that writes and may not, is noted among their problems. */
void enabled_read(
	const struct config *config, struct definitions *definitions, struct enabled_tools *ret);
void enabled_done(struct enabled_tools *enabled);

/* The permissions (NULL ends them) as the exchange names them, separated by blanks (RFC 6749 §3.3).
 * The caller frees it. */
char *enabled_scope(const struct config *config, char *const *permissions);

#endif
