/* What is looked at before a write, taken from Graph's answer. */
#ifndef GRAPH_LOOKED_H
#define GRAPH_LOOKED_H

#include "base/json_scan.h"
#include "graph/pick_set.h"

/* Appends the object of what is picked, as pick_write does.  False: that is not all, for the list
 * goes on elsewhere, or an element of one holds nothing that is picked, such as a person without an
 * address. */
bool looked_write(const struct pick_set *set, struct json_span answer, struct buf *out);

#endif
