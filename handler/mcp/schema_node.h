/* A compiled schema from inside: what is read from its text, for the checks to apply. */
#ifndef MCP_SCHEMA_NODE_H
#define MCP_SCHEMA_NODE_H

#include <regex.h>
#include <stddef.h>

#include "mcp/schema.h"

enum schema_type {
	SCHEMA_NULL = 1 << 0,
	SCHEMA_BOOLEAN = 1 << 1,
	SCHEMA_INTEGER = 1 << 2,
	SCHEMA_NUMBER = 1 << 3,
	SCHEMA_STRING = 1 << 4,
	SCHEMA_ARRAY = 1 << 5,
	SCHEMA_OBJECT = 1 << 6,
};

struct schema_limits {
	double min, max; /* inclusive; infinite: none */
};

struct property;

struct schema {
	cJSON *owned;            /* the root's tree; NULL elsewhere */
	const cJSON *definition; /* this schema within it */
	unsigned types;          /* enum schema_type bits; 0: any */
	struct property *properties;
	size_t property_count;
	const cJSON *required; /* array of names, or NULL */
	bool closed;           /* no other properties */
	struct schema *items;
	const cJSON *allowed; /* enum: array, or NULL */
	const char *pattern;  /* its text; NULL: none */
	regex_t regex;
	bool unique;
	bool date_time;
	struct schema_limits length, count, range; /* of strings, arrays, numbers */
	const cJSON *example;                      /* NULL: none */
};

struct property {
	const char *name;
	struct schema schema;
};

/* Fills a node; the definition must outlive it.  NULL, or the keyword of the definition that is not
 * of the subset, or not as the subset has it. */
const char *schema_compile(struct schema *schema, const cJSON *definition);
/* Releases what a node holds, be it filled by half, and the tree where it owns that. */
void schema_release(struct schema *schema);

#endif
