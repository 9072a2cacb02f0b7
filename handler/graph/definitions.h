/* The definitions of Graph tools, all files of one folder, read once at start. */
#ifndef GRAPH_DEFINITIONS_H
#define GRAPH_DEFINITIONS_H

#include "graph/definition.h"

struct definitions {
	struct graph_tool *tools; /* by file name, then in the file's order */
	size_t count;
	struct tool_problem *problems; /* each a tool, or a file, that is left out */
	size_t problem_count;
};

/* Reads every *.json of the folder; what cannot be read is a problem, and so is a folder that is
 * not there.  Of a name that comes twice the second is a problem.  At most 200 of them, 1 MiB a
 * file. */
void definitions_load(const char *folder, struct definitions *ret);
void definitions_add_problem(struct definitions *definitions, const struct tool_problem *problem);
/* Leaves out the tool of that index, for the place and text of *problem. */
void definitions_refuse(
	struct definitions *definitions, size_t i, const struct tool_problem *problem);
void definitions_done(struct definitions *definitions);

#endif
