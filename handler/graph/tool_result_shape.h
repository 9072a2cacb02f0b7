/* A definition's `result` as it is kept.  Its file has tool_result.h's tool_result_read and
 * tool_result_free. */
#ifndef GRAPH_TOOL_RESULT_SHAPE_H
#define GRAPH_TOOL_RESULT_SHAPE_H

#include "graph/pick_set.h"
#include "graph/tool_result.h"

struct tool_result {
	char *done;             /* the whole result, and nothing is read; NULL: the rest counts */
	struct pick_path list;  /* to the array in the answer; no parts: the answer is one object */
	char *as;               /* the list's name in the result */
	struct pick_set *picks; /* of an item, or of the object */
	char *others_wrote;     /* "othersWrote":"…"; "": nothing of it is others' */
	char *select;           /* NULL: none */
	bool paged;
	struct page_rules pages;
	struct file_rules file;
};

#endif
