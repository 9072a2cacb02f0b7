/* Text that others wrote, as a person can be shown it within a text of ours: no line of it looks
 * like one of ours, and nothing in it changes how the rest is read. */
#ifndef GRAPH_SHOWN_H
#define GRAPH_SHOWN_H

#include "base/buf.h"

/* Appends valid UTF-8: of line breaks each goes on indented, other control characters and those
 * that nothing is shown of (Unicode's bidirectional and invisible ones) are blanks.  Of more
 * than max bytes the beginning, and how much more there is. */
void shown_add(const char *text, size_t max, struct buf *out);

#endif
