/* The bytes of a file that Graph holds.  Graph answers with them, or sends once to an address of
 * Microsoft's own download hosts, which is asked without the token ("Download a file"). */
#ifndef GRAPH_DOWNLOAD_H
#define GRAPH_DOWNLOAD_H

#include "graph/graph.h"

#define DOWNLOAD_BYTES_MAX (16u << 20)
#define DOWNLOADS_AT_ONCE 4 /* each may hold 50 MiB while it is read, of 512 MB */

struct download {
	struct buf bytes;
	bool too_long;        /* longer than DOWNLOAD_BYTES_MAX: there are no bytes */
	bool none;            /* Graph has no bytes of it, such as of an attached link */
	char media_type[128]; /* as it was said; "": not */
	struct graph *graph;  /* own: where it has its place */
};

/* Carries the request out (its answer_max is not looked at) and gives the bytes, to be ended with
 * download_done.  Errors of graph_send, for the host too but where that has refused: then
 * ERR_GRAPH_ERROR, as for a redirect to elsewhere or a second one.  ERR_OVERLOADED while
 * DOWNLOADS_AT_ONCE are not done.  The host's faults do not count as Graph's in its health. */
bool graph_download(struct graph *graph, const struct graph_request *request,
	struct graph_errand *errand, struct download *ret, struct err *err);
void download_done(struct download *download);

#endif
