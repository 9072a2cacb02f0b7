/* The Graph tools that are on: those of the definitions that GRAPH_TOOLS and GRAPH_TOOLS_WRITE
 * name. */
#ifndef GRAPH_ENABLED_H
#define GRAPH_ENABLED_H

#include "base/config.h"
#include "graph/definitions.h"

struct enabled_tool {
	const struct graph_tool *definition;
	char *scope;        /* its permissions, as the exchange names them */
	char *shared_scope; /* those for another's mailbox; NULL: it is about the caller's alone */
	char *look_scope;   /* of what its guard looks at; NULL: it looks at nothing */
	char *look_shared_scope; /* the same in another's mailbox; NULL: as for both above */
	const char *input_schema;
};

struct enabled_tools {
	struct enabled_tool *list; /* by name */
	size_t count;
};

/* Fills *ret from the definitions, which must outlive it.  A part of GRAPH_TOOLS that is no tool
 * and no set, a tool that writes and may not, or the word shared beside no tool that has a mailbox,
 * is noted among their problems. */
void enabled_read(
	const struct config *config, struct definitions *definitions, struct enabled_tools *ret);
void enabled_done(struct enabled_tools *enabled);

/* Whether a call with those arguments is about another's mailbox. */
bool enabled_names_mailbox(const struct enabled_tool *tool, const cJSON *arguments);
/* What the call needs, as the exchange names it. */
const char *enabled_scope_of(const struct enabled_tool *tool, const cJSON *arguments);

/* What the call's guard needs to look; NULL: it looks at nothing. */
const char *enabled_look_scope_of(const struct enabled_tool *tool, const cJSON *arguments);

#define ENABLED_PERMISSIONS_MAX ((size_t)4 * DEFINITION_PERMISSIONS_MAX)

/* All that some call of the tool needs; NULL ends them. */
void enabled_permissions(
	const struct enabled_tool *tool, const char *ret[ENABLED_PERMISSIONS_MAX + 1]);

/* The permissions (NULL ends them) as the exchange names them, separated by blanks (RFC 6749 §3.3).
 * The caller frees it. */
char *enabled_scope(const struct config *config, char *const *permissions);

#endif
