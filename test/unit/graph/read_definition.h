/* A tool's definition read, in JSON where ` stands for ". */
#ifndef UNIT_GRAPH_READ_DEFINITION_H
#define UNIT_GRAPH_READ_DEFINITION_H

#include "asked.h"
#include "graph/definition.h"

/* The mistake, or "": there is none; the caller frees it. */
static inline char *mistake(const char *definition)
{
	autofree_json cJSON *tree = asked_json(definition);
	struct tool_problem problem = {.text = ""};
	struct graph_tool tool;
	struct buf out;

	buf_init(&out);
	if (definition_read(tree, "mail", &tool, &problem))
		definition_done(&tool);
	else
		buf_addf(&out, "%s|%s: %s", problem.tool, problem.place, problem.text);
	return out.data ? out.data : xstrdup("");
}

static inline void read(const char *definition, struct graph_tool *ret)
{
	autofree_json cJSON *tree = asked_json(definition);
	struct tool_problem problem = {.text = ""};
	bool good = definition_read(tree, "mail", ret, &problem);

	check(good, "%s: %s", problem.place, problem.text);
}

#endif
