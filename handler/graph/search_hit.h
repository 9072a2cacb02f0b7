/* One hit of Microsoft Search as a result of ours ("searchHit resource type"; what each entity
 * comes with is in the pages "Use the Microsoft Search API to search ..."). */
#ifndef GRAPH_SEARCH_HIT_H
#define GRAPH_SEARCH_HIT_H

#include "base/buf.h"
#include "base/json_scan.h"
#include "graph/found_id.h"

/* Appends {"id","title","url","text"} on one line; url is "" where it is no address to open.
 * searched is FOUND_MAIL, FOUND_EVENT, FOUND_CHAT, of which posts come too, or FOUND_FILE, of which
 * items and sites do.  False, with nothing added, for a hit without an id. */
bool search_hit_write(enum found_kind searched, struct json_span hit, struct buf *out);

#endif
