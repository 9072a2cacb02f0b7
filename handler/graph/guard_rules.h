/* What a definition says of how its write is guarded: what the person is asked (`confirm`), whom it
 * reaches (`recipients`), and what is looked at before, for what the arguments do not say (`look`).
 */
#ifndef GRAPH_GUARD_RULES_H
#define GRAPH_GUARD_RULES_H

#include "graph/pick_set.h"
#include "graph/tool_arguments.h"
#include "graph/tool_node.h"
#include "graph/tool_problem.h"
#include "graph/tool_request.h"

struct guard_rules {
	char *confirm;
	struct tool_node
		recipients;        /* names of arguments and of what is looked at; count 0: none */
	struct tool_request *look; /* NULL: nothing is looked at */
	struct pick_set *looked;   /* in what that brings */
};

/* Reads them off a tool that writes, but for the look's permissions, or says what is wrong.  The
 * arguments must outlive *ret, which
 * is ended with guard_rules_free. */
bool guard_rules_read(const cJSON *tool, const struct tool_arguments *arguments,
	struct guard_rules **ret, struct tool_problem *problem);
void guard_rules_free(struct guard_rules *rules);

#endif
