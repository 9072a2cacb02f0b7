/* What was found of each kind, made one result. */
#ifndef GRAPH_SEARCH_RESULT_H
#define GRAPH_SEARCH_RESULT_H

#include "graph/answer.h"
#include "graph/found_id.h"

#define SEARCH_KINDS_MAX 4
#define SEARCH_RESULTS_MAX 25

/* Of one kind, Graph's answer or why there is none. */
struct search_found {
	enum found_kind kind;       /* searched */
	struct err err;             /* code ERR_NONE: there is an answer */
	struct graph_answer answer; /* zeroed: there is none */
	struct json_span hits;      /* of it, an array */
	bool more;                  /* Graph has more of it */
};

/* Finds the hits of the answer; its err is ERR_GRAPH_ERROR when it has not the shape. */
void search_found_read(struct search_found *found);
void search_found_done(struct search_found *found);

/* *ret is the result that graph_search gives, of bytes_max at most.  When
 * every kind has an error it is the first that the user can mend by signing in or consenting, else
 * the first. */
bool search_result_write(struct search_found *const *found, size_t count, size_t bytes_max,
	struct buf *ret, struct err *err);

#endif
