/* A mistake in the definition of a Graph tool: that tool is off, and start and /status say why. */
#ifndef GRAPH_TOOL_PROBLEM_H
#define GRAPH_TOOL_PROBLEM_H

#include <stdbool.h>

#include "base/json.h"

struct tool_problem {
	char file[128];  /* without its folder; "": of no file */
	char tool[65];   /* "": of the file as a whole, or not named */
	char place[160]; /* "request.query.$filter.all[1]"; "" */
	char text[240];  /* a sentence: what is wrong and what is wanted */
};

/* Fills place and text, cut to their room; file and tool stay.  Always false. */
bool tool_problem_set(struct tool_problem *problem, const char *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "outer." (or "outer", before a "[") in front of the place, on the way up.  Always false. */
bool tool_problem_within(struct tool_problem *problem, const char *outer);
/* The same with "[index]". */
bool tool_problem_within_item(struct tool_problem *problem, size_t index);

/* Puts "?" for each byte that is no UTF-8: half a character at the end of its room, or of a file's
 * name. */
void tool_problem_as_text(struct tool_problem *problem);

/* The first member of an object that is none of those, separated by blanks; NULL: there is none. */
const cJSON *tool_problem_other(const cJSON *object, const char *members);
/* Whether json is an object of no other members than those, separated by blanks; else a problem,
 * whose place is the member. */
bool tool_problem_free_of_others(
	const cJSON *json, const char *members, struct tool_problem *problem);

#endif
