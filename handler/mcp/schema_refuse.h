/* The sentence that refuses a value: where it stands, the rule, an example. */
#ifndef MCP_SCHEMA_REFUSE_H
#define MCP_SCHEMA_REFUSE_H

#include "mcp/schema_node.h"

#define SENTENCE_MAX_BYTES (sizeof(((struct err *)0)->message) - 2) /* with the full stop */

/* Where the value stands: a chain up to the whole, spelt out only when something is wrong. */
struct place {
	const struct place *outer; /* NULL: this is the whole */
	const char *name;          /* in our own schema; NULL: an item */
	int index;                 /* of the item */
};

struct place_path {
	char text[80];
};

/* "" for the whole, else select[2] or a.b. */
struct place_path place_path(const struct place *place);
/* The same to begin a sentence with. */
struct place_path place_subject(const struct place *place);

/* ERR_BAD_REQUEST with "<place> <rule><; for example x>."  Returns false. */
bool schema_refuse(struct err *err, const struct schema *schema, const struct place *place,
	const char *rule_format, ...) __attribute__((format(printf, 4, 5)));

/* The same with a whole sentence, without its full stop; schema NULL: there is no example. */
bool schema_say(struct err *err, const struct schema *schema, const char *sentence);

#endif
