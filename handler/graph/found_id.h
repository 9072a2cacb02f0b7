/* The id of what a search found: its kind, and where in Graph it is.  A client brings it back, so
 * that nothing of it is believed. */
#ifndef GRAPH_FOUND_ID_H
#define GRAPH_FOUND_ID_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"

#define FOUND_PARTS_MAX 3
#define FOUND_PART_SIZE 400
#define FOUND_ID_MAX 500 /* bytes of an id: a result that is made to fit keeps it whole */

enum found_kind {
	FOUND_MAIL,
	FOUND_EVENT,
	FOUND_CHAT, /* a message of a chat */
	FOUND_POST, /* a message of a channel */
	FOUND_FILE, /* of a drive; a folder too */
	FOUND_ITEM, /* of a list */
	FOUND_SITE,
	FOUND_HIT, /* what Graph gives no way to: it can be opened, not fetched */
	FOUND__COUNT
};

struct found_id {
	enum found_kind kind;
	char parts[FOUND_PARTS_MAX][FOUND_PART_SIZE]; /* decoded */
};

/* As its id begins: "mail". */
const char *found_word(enum found_kind kind);

/* Sets the part behind the first `set` ones, of an id whose kind is set, from a JSON string of
 * Graph's.  False when it is no id: 1 to FOUND_PART_SIZE - 1 of letters, digits and -_.~!,=:@, and
 * not of dots alone.  So no part can become another segment of a path, nor a query. */
bool found_part(struct found_id *id, int set, struct json_span string);

/* Appends "kind:part/part", each part percent-encoded; false, with nothing added, where that is
 * longer than FOUND_ID_MAX. */
bool found_id_write(const struct found_id *id, struct buf *out);

/* Reads what that wrote, strictly in form and however it is percent-encoded.  ERR_BAD_REQUEST for
 * anything else. */
bool found_id_read(const char *text, struct found_id *ret, struct err *err);

#endif
