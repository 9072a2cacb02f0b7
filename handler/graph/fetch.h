/* One of the things that a search found, with its whole text, by the id that search gave. */
#ifndef GRAPH_FETCH_H
#define GRAPH_FETCH_H

#include "graph/graph.h"

struct fetch {
	struct graph *graph;
	const char *const *permissions; /* of the kinds to fetch; NULL ends them */
	const char *id;
};

/* *ret is {"id","title","text","url","metadata":{...}} on one line of at most RESULT_BYTES_MAX, the
 * metadata's values strings; the caller ends it with buf_done.  ERR_BAD_REQUEST for an id that is
 * none, or of a kind that is not fetched; errors of graph_send. */
bool graph_fetch(
	const struct fetch *fetch, struct graph_errand *errand, struct buf *ret, struct err *err);

#endif
