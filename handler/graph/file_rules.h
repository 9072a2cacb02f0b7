/* What a definition says of a file that follows its answer: the `content` of its result. */
#ifndef GRAPH_FILE_RULES_H
#define GRAPH_FILE_RULES_H

#include "graph/pick_set.h"
#include "graph/tool_problem.h"

/* Names that the result has for a file, so no pick may. */
#define FILE_RESULT_NAMES "text cursor more is why image pdf"

struct file_rules {
	char *path;  /* behind the request's: "/content"; NULL: no file follows */
	char *needs; /* the pick without which there is none; NULL: there always is */
	char *type;  /* the media type where Graph names none; NULL: not known either */
	char *none;  /* a sentence for where there is no file */
};

/* Reads {"path", "needs", "type", "none"} beside its picks, or says what is wrong with it.  Ended
 * with file_rules_done, be it good or not. */
bool file_rules_read(const cJSON *content, const struct pick_set *picks, struct file_rules *ret,
	struct tool_problem *problem);
void file_rules_done(struct file_rules *rules);

#endif
