/* The text of a file that a search found. */
#ifndef GRAPH_FETCH_FILE_H
#define GRAPH_FETCH_FILE_H

#include "graph/graph.h"

struct fetch_file {
	struct graph *graph;
	struct json_span item;               /* Graph's driveItem */
	const struct graph_request *content; /* asks for its bytes */
};

/* Appends what can be read of it, or a sentence that says why nothing can.  Errors of
 * graph_download. */
bool fetch_file_text(const struct fetch_file *file, struct graph_errand *errand, struct buf *out,
	struct err *err);

#endif
