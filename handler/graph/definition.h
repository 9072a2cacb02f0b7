/* A Graph tool as a definition in graph-tools/ describes it, made ready at start. */
#ifndef GRAPH_DEFINITION_H
#define GRAPH_DEFINITION_H

#include "base/json.h"
#include "graph/guard_rules.h"
#include "graph/tool_problem.h"
#include "graph/tool_request.h"
#include "graph/tool_result.h"

#define DEFINITION_PERMISSIONS_MAX 8
#define DEFINITION_SHARED "shared" /* a word of GRAPH_TOOLS, and no tool's or set's name */
#define DEFINITION_REQUESTS_MAX 2

struct graph_tool {
	char *name, *title, *description;
	char *set;
	char *file;      /* that it is in, without its folder; NULL: not known */
	char *not_found; /* sentence for a 404; NULL: the usual one */
	char *unsure;    /* of one that writes: the sentence for an unknown outcome; else NULL */
	char *permissions[DEFINITION_PERMISSIONS_MAX + 1]; /* Graph's names; NULL ends them */
	char *shared[DEFINITION_PERMISSIONS_MAX + 1];      /* those for another's mailbox; none: it
							      is never about one */
	char *look_permissions[DEFINITION_PERMISSIONS_MAX + 1]; /* of what its guard looks at; none:
								   nothing */
	char *look_shared[DEFINITION_PERMISSIONS_MAX + 1];      /* the same in another's mailbox */
	bool writes, destructive, idempotent;
	char *input_schema;  /* JSON Schema text, with limit and cursor where it is paged, with
				cursor where a file follows */
	char *shared_schema; /* the same with mailbox; NULL: it is never about another's */
	cJSON *excludes;     /* {"search": ["unread"]}; NULL: none */
	struct tool_arguments *arguments;
	struct guard_rules *guard;                              /* of one that writes; else NULL */
	struct tool_request *requests[DEFINITION_REQUESTS_MAX]; /* sent in order; of one that only
								   reads, one */
	size_t request_count;
	struct tool_result *result; /* of the last that is sent */
};

/* Reads one element of a file's `tools`.  False with place and text of *problem (and its tool,
 * where it has a name); *ret is of no use then.  Ended with definition_done.  The text of the
 * schema is built, not compiled: that is for who has a compiler. */
bool definition_read(
	const cJSON *tool, const char *set, struct graph_tool *ret, struct tool_problem *problem);
void definition_done(struct graph_tool *tool);

/* Whether no argument is given beside one that excludes it (null is not given, nor is a default);
 * else ERR_BAD_REQUEST with a sentence that names both. */
bool definition_allows(const struct graph_tool *tool, const cJSON *arguments, struct err *err);

/* Puts the tool's own sentence into an ERR_OUTCOME_UNKNOWN that has none. */
void definition_tell_unsure(const struct graph_tool *tool, struct err *err);

#endif
