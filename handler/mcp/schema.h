/* Arguments against a JSON Schema of our own: those of an MCP tool and those of a REST call alike.
 *
 * The subset (JSON Schema 2020-12, "Validation" and "Applicator"): type (a name or a list of
 * names), properties, required, additionalProperties (a boolean), items, enum, minLength and
 * maxLength (code points), pattern (read as a POSIX extended regular expression, so keep to what
 * it shares with ECMA-262; schema_pattern.h has its bounds), format (date-time: RFC 3339, with an
 * offset or Z), minItems, maxItems, uniqueItems (needs maxItems, of at most 1000), minimum,
 * maximum.
 * A property that is null counts as absent unless its schema has a type null, or no type at all.
 * title, description, default, examples and x-mcp-header say nothing here but the first of
 * `examples`, which a refusal quotes.  Not a validator for other people's schemas: what is
 * outside the subset is a mistake, which in our own source ends the program at start.
 */
#ifndef MCP_SCHEMA_H
#define MCP_SCHEMA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"

/* A string that has to match a pattern has at most this many bytes: a pattern costs time. */
#define SCHEMA_PATTERN_BYTES_MAX 4096

struct schema;

/* Compiles a schema, patterns included, from text that need not be one of the subset: then false,
 * and err->detail names the keyword at fault. */
bool schema_try(const char *text, struct schema **ret, struct err *err);
void schema_free(struct schema *schema);

/* The schema as the tree it was read from; lives as long as the schema. */
const cJSON *schema_tree(const struct schema *schema);

/* Checks a value of json_parse's or of our own making.  ERR_BAD_REQUEST with a public sentence that
 * names the place (select[2]), what is allowed there and an example where the schema has one:
 * `Missing required property text; for example "hi".`  What the client wrote is not repeated but
 * for an unknown property's name, if short and plain.  An integer is a number without fraction
 * within +-2^53.  Any thread. */
bool schema_check(const struct schema *schema, const cJSON *value, struct err *err);

#endif
