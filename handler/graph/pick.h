/* What a definition picks, taken from an answer's bytes: no tree is made of them. */
#ifndef GRAPH_PICK_H
#define GRAPH_PICK_H

#include "base/json_scan.h"
#include "graph/pick_set.h"

/* Appends the object of what is picked, in the definition's order and on one line; what is absent
 * or null is left out.  The object is walked once for all picks; strings of HTML become text. */
void pick_write(const struct pick_set *set, struct json_span object, struct buf *out);

#endif
