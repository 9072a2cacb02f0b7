/* Where in Graph a thing of each kind is, and where in it what is told of it stands. */
#ifndef GRAPH_FETCH_KIND_H
#define GRAPH_FETCH_KIND_H

#include "graph/found_id.h"

#define FETCH_FACTS_MAX 6

struct fetch_kind {
	const char *permission;                /* NULL: it cannot be fetched */
	const char *segments[FOUND_PARTS_MAX]; /* of the path, each before a part of the id */
	const char *query;                     /* NULL: none */
	const char *prefer;                    /* NULL: no such header */
	const char *title, *url;               /* places, as found_line takes them */
	const char *not_found;
	struct {
		const char *name, *places;
	} facts[FETCH_FACTS_MAX]; /* metadata */
};

const struct fetch_kind *fetch_kind(enum found_kind kind);

#endif
