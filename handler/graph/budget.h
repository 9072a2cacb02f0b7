/* JSON text made to fit into so many bytes.  The longest strings are cut first, all at one length,
 * whole code points and escapes kept and a mark put behind; what stands below that in length is
 * left as it is.  So is, as long as it may, an id or an address (no blank, ASCII, within bounds):
 * it is of no use in part. */
#ifndef GRAPH_BUDGET_H
#define GRAPH_BUDGET_H

#include "base/buf.h"
#include "base/json_scan.h"

#define BUDGET_MARK "\xe2\x80\xa6 [shortened]"

/* The length of the text (values that json_flaw passed, separated by commas, on one line) once
 * every string is cut as far as it is while there are more items than one: to 200 bytes. */
size_t budget_floor(struct json_span text);

/* Appends the text, at most room bytes of it.  One that is longer than that with strings of 200
 * bytes has to be a single object: its strings are cut further, then the lists in it (a mark is
 * their last element then), then members are left out. */
void budget_write(struct json_span text, size_t room, struct buf *out);

#endif
