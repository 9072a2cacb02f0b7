/* The question that a definition puts before its write: lines with {names} in them, of arguments
 * and of what was looked at. */
#ifndef GRAPH_CONFIRM_TEXT_H
#define GRAPH_CONFIRM_TEXT_H

#include "base/buf.h"
#include "base/json.h"
#include "graph/pick_set.h"
#include "graph/tool_arguments.h"
#include "graph/tool_problem.h"

/* Where names come from. */
struct confirm_names {
	const struct tool_arguments *arguments;
	const struct pick_set *looked; /* NULL: nothing is looked at */
};

/* Whether the name of n bytes is one of them. */
bool confirm_names_have(const struct confirm_names *names, const char *name, size_t n);

/* Whether a text is one, or what is wrong with it. */
bool confirm_text_check(
	const char *text, const struct confirm_names *names, struct tool_problem *problem);

/* What they are in a call. */
struct confirm_values {
	const struct tool_values *arguments;
	const cJSON *looked; /* an object; NULL: none */
};

/* NULL: it is not there. */
const cJSON *confirm_values_find(const struct confirm_values *values, const char *name, size_t n);

/* Appends the text; a line of which a name is not there is left out. */
void confirm_text_write(const char *text, const struct confirm_values *values, struct buf *out);

#endif
