#include "mcp/schema_node.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "mcp/schema_more.h"

/* How the types are called in a schema, in enum schema_type's order. */
static const char *const TYPES[] = {
	"null", "boolean", "integer", "number", "string", "array", "object"};

static enum schema_type type_named(const char *name)
{
	unsigned i = 0;

	assert(name);
	while (strcmp(TYPES[i], name) != 0) {
		i++;
		assert(i < sizeof(TYPES) / sizeof(TYPES[0]));
	}
	return (enum schema_type)(1u << i);
}

static void read_type(struct schema *schema, const cJSON *value)
{
	const cJSON *name;

	if (cJSON_IsString(value))
		schema->types = type_named(value->valuestring);
	assert(cJSON_IsString(value) || cJSON_IsArray(value));
	cJSON_ArrayForEach(name, value)
	{
		schema->types |= type_named(cJSON_GetStringValue(name));
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): our own schemas, as deep as json_parse lets them be */
static void read_properties(struct schema *schema, const cJSON *value)
{
	const cJSON *item;
	size_t i = 0;

	assert(cJSON_IsObject(value));
	schema->property_count = (size_t)cJSON_GetArraySize(value);
	schema->properties = xcalloc(schema->property_count + 1, sizeof(*schema->properties));
	cJSON_ArrayForEach(item, value)
	{
		schema->properties[i].name = item->string;
		schema_compile(&schema->properties[i++].schema, item);
	}
}

static void read_required(struct schema *schema, const cJSON *value)
{
	const cJSON *name;

	assert(cJSON_IsArray(value));
	cJSON_ArrayForEach(name, value)
	{
		assert(cJSON_IsString(name));
	}
	schema->required = value;
}

static void read_closed(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsBool(value));
	schema->closed = cJSON_IsFalse(value);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static void read_items(struct schema *schema, const cJSON *value)
{
	schema->items = xcalloc(1, sizeof(*schema->items));
	schema_compile(schema->items, value);
}

static void read_enum(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsArray(value) && value->child);
	schema->allowed = value;
}

static void read_pattern(struct schema *schema, const cJSON *value)
{
	int status;

	assert(cJSON_IsString(value));
	status = regcomp(&schema->regex, value->valuestring, REG_EXTENDED | REG_NOSUB);
	assert(!status);
	schema->pattern = value->valuestring;
}

static double number(const cJSON *value)
{
	assert(cJSON_IsNumber(value));
	return value->valuedouble;
}

static void read_min_length(struct schema *schema, const cJSON *value)
{
	schema->length.min = number(value);
}

static void read_max_length(struct schema *schema, const cJSON *value)
{
	schema->length.max = number(value);
}

static void read_min_items(struct schema *schema, const cJSON *value)
{
	schema->count.min = number(value);
}

static void read_max_items(struct schema *schema, const cJSON *value)
{
	schema->count.max = number(value);
}

static void read_examples(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsArray(value));
	schema->example = value->child;
}

static void ignore(struct schema *schema, const cJSON *value)
{
	(void)schema;
	(void)value;
}

static const struct {
	const char *name;
	void (*read)(struct schema *schema, const cJSON *value);
} KEYWORDS[] = {
	{"type", read_type},
	{"properties", read_properties},
	{"required", read_required},
	{"additionalProperties", read_closed},
	{"items", read_items},
	{"enum", read_enum},
	{"minLength", read_min_length},
	{"maxLength", read_max_length},
	{"pattern", read_pattern},
	{"minItems", read_min_items},
	{"maxItems", read_max_items},
	{"uniqueItems", schema_read_unique},
	{"minimum", schema_read_minimum},
	{"maximum", schema_read_maximum},
	{"examples", read_examples},
	{"title", ignore},
	{"description", ignore},
	{"default", ignore},
	{"x-mcp-header", ignore},
};

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static void read_keyword(struct schema *schema, const cJSON *keyword)
{
	for (size_t i = 0; i < sizeof(KEYWORDS) / sizeof(KEYWORDS[0]); i++) {
		if (!strcmp(KEYWORDS[i].name, keyword->string)) {
			KEYWORDS[i].read(schema, keyword);
			return;
		}
	}
	assert(!"a keyword outside the subset");
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void schema_compile(struct schema *schema, const cJSON *definition)
{
	const cJSON *keyword;

	*schema = (struct schema){.definition = definition,
		.length = {0, INFINITY},
		.count = {0, INFINITY},
		.range = {-INFINITY, INFINITY}};
	assert(cJSON_IsObject(definition));
	cJSON_ArrayForEach(keyword, definition)
	{
		read_keyword(schema, keyword);
	}
	/* items are compared with each other */
	assert(!schema->unique || isfinite(schema->count.max));
	if (!schema->example && schema->allowed)
		schema->example = schema->allowed->child;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void schema_release(struct schema *schema)
{
	for (size_t i = 0; i < schema->property_count; i++)
		schema_release(&schema->properties[i].schema);
	free(schema->properties);
	if (schema->items)
		schema_release(schema->items);
	free(schema->items);
	if (schema->pattern)
		regfree(&schema->regex);
	cJSON_Delete(schema->owned);
}
