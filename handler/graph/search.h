/* One search over mail, calendar, Teams, files, lists and sites.  Microsoft Search refuses a
 * request that mixes them ("Use the Microsoft Search API to query data", Known limitations), so
 * each kind has its own, with a token for its own permission; they are asked side by side. */
#ifndef GRAPH_SEARCH_H
#define GRAPH_SEARCH_H

#include "graph/graph.h"

struct search {
	struct graph *graph;
	const char *const *permissions; /* of the kinds to search, one at least; NULL ends them */
	const char *query;
};

/* *ret is {"results":[{"id","title","url","text"}], "notSearched":[{"kind","why"}]} on one line of
 * at most RESULT_BYTES_MAX: the first of each kind, then the second of each; the caller ends it
 * with buf_done.  A kind that fails is named in notSearched, which is left out where none does;
 * when all fail it is an error of graph_send: the first that the user can
 * mend by signing in or consenting, else the first. */
bool graph_search(
	const struct search *search, struct graph_errand *errand, struct buf *ret, struct err *err);

#endif
