/* The parts of an Office file (ECMA-376 part 2, "Open Packaging Conventions"): XML in a zip, and
 * how one part refers to others. */
#ifndef CONTENT_OFFICE_H
#define CONTENT_OFFICE_H

#include "content/text_out.h"
#include "content/xml.h"
#include "content/zip.h"

#define OFFICE_RELS_MAX 4096
#define OFFICE_NAME_MAX                                                                            \
	512 /* bytes of an id, a type or a part's name; longer ones are left out                   \
	     */

/* Reads a part until *enough (NULL: all of it) or a bound of the zip ends it.  NULL, or a public
 * sentence; part NULL or of no such name: the file is damaged. */
struct office_reader {
	const struct xml_handlers *handlers;
	void *context;
	const bool *enough;
};
const char *office_read_part(struct zip *zip, const char *part, const struct office_reader *reader);

/* To what a part refers. */
struct office_rel {
	char *id, *type, *part;
};

struct office_rels {
	struct office_rel *items;
	size_t count;
};

/* Those of a part, "" for the file's own; none where there are none.  Fills *ret, to be ended with
 * office_rels_done, whatever it returns: NULL or a public sentence. */
const char *office_read_rels(struct zip *zip, const char *part, struct office_rels *ret);
void office_rels_done(struct office_rels *rels);

/* The part with that id, or the first of that type's last word; NULL: there is none. */
const char *office_rel_by_id(const struct office_rels *rels, const char *id);
const char *office_rel_by_type(const struct office_rels *rels, const char *type);

#endif
