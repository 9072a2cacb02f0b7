/* Where an argument stands in a request, and what its text becomes there so that it can fill that
 * place and nothing more. */
#ifndef GRAPH_TEMPLATE_PLACE_H
#define GRAPH_TEMPLATE_PLACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define TEMPLATE_TEXT_MAX 8000 /* bytes: what stands in an address or a header is never longer */

enum template_place {
	PLACE_SEGMENT,     /* one segment of a path, percent-encoded */
	PLACE_PATH_STRING, /* between '' in a path: quotes doubled, percent-encoded */
	PLACE_STRING,      /* between '': quotes doubled (OData 4.01, ABNF: SQUOTE-in-string) */
	PLACE_ESCAPED,     /* between "": quotes and backslashes behind a backslash */
	PLACE_PHRASE,      /* between "" in KQL, which has no escape: quotes become blanks */
	PLACE_WORDS,       /* all of a KQL text: without parentheses, its quotes in pairs */
	PLACE_HEADER,      /* between "" in a header: printable ASCII without quote and backslash */
	PLACE_AS_IS,       /* all of a query parameter, or what is bare by its kind */
	PLACE_JSON,        /* within a string of the body, which is quoted as a whole */
	PLACE_JSON_TIME,   /* the same of a moment: without the Z, beside "timeZone": "UTC" */
};

/* An argument's name and text. */
struct template_placed {
	const char *name, *text;
};

/* Appends the text as its place wants it; what a query parameter is made of is encoded later, as a
 * whole.  ERR_BAD_REQUEST with a sentence that names the argument for what the place cannot take.
 */
bool template_place_put(enum template_place place, const struct template_placed *placed,
	struct buf *out, struct err *err);

#endif
