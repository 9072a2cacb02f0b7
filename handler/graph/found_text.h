/* What others wrote, as the members of what was found: each a JSON string, quotes included. */
#ifndef GRAPH_FOUND_TEXT_H
#define GRAPH_FOUND_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_scan.h"

/* The value at the next of the places, separated by blanks, each as json_find_at takes it, that has
 * one; *places moves behind it.  False: no more has. */
bool found_next(struct json_span object, const char **places, struct json_span *ret);

/* Appends what the first of the places says that is a string and not blank, or a number, on one
 * line; nothing: there is none. */
void found_line(struct json_span object, const char *places, struct buf *out);

/* Appends the address at that place as one that is https, ASCII and without blanks; nothing where
 * it is none, or too long to be kept whole. */
void found_url(struct json_span object, const char *places, struct buf *out);

/* Appends ,"name": and the text as a JSON string. */
void found_member(struct buf *out, const char *name, const struct buf *text);

#endif
