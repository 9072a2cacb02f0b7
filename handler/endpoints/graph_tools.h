/* The Graph tools of the program: read from their files and checked at start, those that are
 * switched on as rows of the table. */
#ifndef ENDPOINTS_GRAPH_TOOLS_H
#define ENDPOINTS_GRAPH_TOOLS_H

#include <stdio.h>

#include "base/config.h"
#include "endpoints/endpoint.h"
#include "graph/enabled.h"

struct graph_tools {
	struct definitions definitions;
	struct enabled_tools enabled;
	struct tool *tools;    /* by enabled tool, as the next */
	struct endpoint *rows; /* each the model's, with its own name and tool */
};

struct graph_tools_beside {
	const struct endpoint *table; /* whose names are taken */
	size_t table_count;
	const struct endpoint *model; /* what the rows have in common */
};

/* Reads GRAPH_TOOLS_DIR, or graph-tools beside host.json, if any tool is asked for. */
void graph_tools_init(struct graph_tools *tools, const struct config *config,
	const struct graph_tools_beside *beside);
void graph_tools_done(struct graph_tools *tools);

/* Each problem, and what is on, to the log. */
void graph_tools_report(const struct graph_tools *tools);

/* A line each tool, "name<TAB>permissions"; an empty line; the permissions of all, sorted; an empty
 * line; the commands that add them to a registration. */
void graph_tools_print_permissions(
	const struct graph_tools *tools, const struct config *config, FILE *out);

#endif
