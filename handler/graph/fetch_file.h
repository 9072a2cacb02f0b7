/* The text of a file that a search found. */
#ifndef GRAPH_FETCH_FILE_H
#define GRAPH_FETCH_FILE_H

#include "graph/graph.h"

/* Appends what can be read of a driveItem, that object, or a sentence that says why nothing can;
 * content asks for its bytes.  Errors of graph_download. */
bool fetch_file_text(struct graph *graph, const struct graph_request *content,
	struct json_span object, struct graph_errand *errand, struct buf *out, struct err *err);

#endif
