/* Which members of Graph's objects a result takes, and under which names, as a definition says. */
#ifndef GRAPH_PICK_SET_H
#define GRAPH_PICK_SET_H

#include "base/buf.h"
#include "base/json.h"
#include "graph/tool_problem.h"

#define PICKS_MAX 32 /* of one object */
#define PICK_PARTS_MAX 8
#define PICK_NAME_BYTES_MAX 32 /* of a name of ours */

/* "a.b[].c": a part that begins with "@" runs to the end. */
struct pick_path {
	struct pick_part {
		char *name;
		bool each; /* of the array there, every element */
	} parts[PICK_PARTS_MAX];
	size_t count;
};

struct pick {
	char *name; /* ours */
	struct pick_path path;
	bool many;              /* some part is an array: so is what is written */
	bool html;              /* the text of it */
	struct pick_set *inner; /* of the object there; NULL: the value as it is */
};

struct pick_set {
	struct pick picks[PICKS_MAX];
	size_t count;
};

/* Reads {"name": "path" | {"at": "path", "pick": {…}} | {"at": "path", "html": true}}, or says what
 * is wrong with it.  Ended with pick_set_free. */
bool pick_set_read(const cJSON *pick, struct pick_set **ret, struct tool_problem *problem);
void pick_set_free(struct pick_set *set);

/* False, with nothing to end, when the text is no path. */
bool pick_path_read(const char *text, struct pick_path *ret);
void pick_path_done(struct pick_path *path);
/* Whether some part of it is an array, every element of which is meant. */
bool pick_path_is_many(const struct pick_path *path);

/* Whether a name may stand in a result: letters, digits and "_", a letter first. */
bool pick_name_valid(const char *name);

/* Appends the place of a member, named as "attachments.name", in what is written:
 * "attachments[].name".  False, with *out of no use, when there is none. */
bool pick_set_place(const struct pick_set *set, const char *name, struct buf *out);

/* Adds Graph's names that it reads to a list with commas, each once. */
void pick_set_select(const struct pick_set *set, struct buf *out);

/* For a member that is none of those, separated by blanks: false, and the problem says so. */
bool pick_members_known(const cJSON *object, const char *members, struct tool_problem *problem);

#endif
