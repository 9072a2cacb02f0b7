/* What a Graph tool makes of Graph's answer: one object in one line, of the members its definition
 * picks, that is never longer than it may be; what is left out of a list can be had by a cursor. */
#ifndef GRAPH_TOOL_RESULT_H
#define GRAPH_TOOL_RESULT_H

#include "base/json.h"
#include "graph/answer.h"
#include "graph/file_rules.h"
#include "graph/page.h"
#include "graph/tool_problem.h"

#define TOOL_RESULT_BYTES_MIN 2048 /* less may not hold what is said beside the items */

struct tool_result;

/* Reads a definition's `result`, or says in *problem what is wrong with it (its place begins below
 * `result`).  Ended with tool_result_free.  Any thread may use one. */
bool tool_result_read(const cJSON *result, struct tool_result **ret, struct tool_problem *problem);
void tool_result_free(struct tool_result *result);

/* The properties it picks, separated by commas, for $select; NULL: none are named. */
const char *tool_result_select(const struct tool_result *result);

/* NULL: it is no list that comes in pages. */
const struct page_rules *tool_result_pages(const struct tool_result *result);

/* NULL: no file follows. */
const struct file_rules *tool_result_file(const struct tool_result *result);

struct tool_result_bounds {
	const struct page *page; /* what was asked for; NULL: not paged */
	size_t bytes_max;        /* of the text; at least TOOL_RESULT_BYTES_MIN */
};

/* Appends the result of a successful answer, of half as many bytes where a file follows.
 * ERR_GRAPH_ERROR for an answer that has not the shape its definition names. */
bool tool_result_write(const struct tool_result *result, const struct graph_answer *answer,
	const struct tool_result_bounds *bounds, struct buf *out, struct err *err);

#endif
