#include "mcp/schema_node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "mcp/schema_pattern.h"

#define UNIQUE_ITEMS_MAX 1000

/* How the types are called in a schema, in enum schema_type's order. */
static const char *const TYPES[] = {
	"null", "boolean", "integer", "number", "string", "array", "object"};

/* 0: none is called that. */
static unsigned type_named(const char *name)
{
	for (unsigned i = 0; name && i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		if (!strcmp(TYPES[i], name))
			return 1u << i;
	}
	return 0;
}

/* Readers of a keyword: NULL, or the name of the keyword that is wrong, be it within. */
static const char *read_type(struct schema *schema, const cJSON *value)
{
	const cJSON *name;
	unsigned type = type_named(cJSON_GetStringValue(value));

	schema->types = type;
	cJSON_ArrayForEach(name, value)
	{
		type = type_named(cJSON_GetStringValue(name));
		if (!type)
			return value->string;
		schema->types |= type;
	}
	return type ? NULL : value->string;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_parse lets a schema be */
static const char *read_properties(struct schema *schema, const cJSON *value)
{
	const cJSON *item;
	const char *flaw = cJSON_IsObject(value) ? NULL : value->string;

	schema->properties = xcalloc(
		(size_t)cJSON_GetArraySize(value) + 1, sizeof(*schema->properties));
	for (item = value->child; item && !flaw; item = item->next) {
		struct property *property = &schema->properties[schema->property_count++];

		property->name = item->string;
		flaw = schema_compile(&property->schema, item);
	}
	return flaw;
}

static const char *read_required(struct schema *schema, const cJSON *value)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, value)
	{
		if (!cJSON_IsString(name))
			return value->string;
	}
	schema->required = value;
	return cJSON_IsArray(value) ? NULL : value->string;
}

static const char *read_closed(struct schema *schema, const cJSON *value)
{
	schema->closed = cJSON_IsFalse(value);
	return cJSON_IsBool(value) ? NULL : value->string;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static const char *read_items(struct schema *schema, const cJSON *value)
{
	schema->items = xcalloc(1, sizeof(*schema->items));
	return schema_compile(schema->items, value);
}

static const char *read_enum(struct schema *schema, const cJSON *value)
{
	schema->allowed = value;
	return cJSON_IsArray(value) && value->child ? NULL : value->string;
}

static const char *read_pattern(struct schema *schema, const cJSON *value)
{
	if (!cJSON_IsString(value) || !schema_pattern_fits(value->valuestring) ||
		regcomp(&schema->regex, value->valuestring, REG_EXTENDED | REG_NOSUB) != 0)
		return value->string;
	schema->pattern = value->valuestring;
	return NULL;
}

static const char *read_number(const cJSON *value, double *ret)
{
	*ret = value->valuedouble;
	return cJSON_IsNumber(value) ? NULL : value->string;
}

/* A whole number from 0 (JSON Schema, Validation §6.3.1): clients refuse the tool otherwise. */
static const char *read_count(const cJSON *value, double *ret)
{
	double n = value->valuedouble;

	return cJSON_IsNumber(value) && (n < 0 || floor(n) != n) ? value->string
								 : read_number(value, ret);
}

static const char *read_min_length(struct schema *schema, const cJSON *value)
{
	return read_count(value, &schema->length.min);
}

static const char *read_max_length(struct schema *schema, const cJSON *value)
{
	return read_count(value, &schema->length.max);
}

static const char *read_min_items(struct schema *schema, const cJSON *value)
{
	return read_count(value, &schema->count.min);
}

static const char *read_max_items(struct schema *schema, const cJSON *value)
{
	return read_count(value, &schema->count.max);
}

static const char *read_minimum(struct schema *schema, const cJSON *value)
{
	return read_number(value, &schema->range.min);
}

static const char *read_maximum(struct schema *schema, const cJSON *value)
{
	return read_number(value, &schema->range.max);
}

static const char *read_unique(struct schema *schema, const cJSON *value)
{
	schema->unique = cJSON_IsTrue(value);
	return cJSON_IsBool(value) ? NULL : value->string;
}

static const char *read_format(struct schema *schema, const cJSON *value)
{
	schema->date_time = text_is(cJSON_GetStringValue(value), "date-time");
	return schema->date_time ? NULL : value->string;
}

static const char *read_examples(struct schema *schema, const cJSON *value)
{
	schema->example = value->child;
	return cJSON_IsArray(value) ? NULL : value->string;
}

static const char *read_words(struct schema *schema, const cJSON *value)
{
	(void)schema;
	return cJSON_IsString(value) ? NULL : value->string;
}

static const char *ignore(struct schema *schema, const cJSON *value)
{
	(void)schema;
	(void)value;
	return NULL;
}

static const struct {
	const char *name;
	const char *(*read)(struct schema *schema, const cJSON *value);
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
	{"format", read_format},
	{"minItems", read_min_items},
	{"maxItems", read_max_items},
	{"uniqueItems", read_unique},
	{"minimum", read_minimum},
	{"maximum", read_maximum},
	{"examples", read_examples},
	{"title", read_words},
	{"description", read_words},
	{"default", ignore},
	{"x-mcp-header", ignore},
};

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static const char *read_keyword(struct schema *schema, const cJSON *keyword)
{
	for (size_t i = 0; i < sizeof(KEYWORDS) / sizeof(KEYWORDS[0]); i++) {
		if (!strcmp(KEYWORDS[i].name, keyword->string))
			return KEYWORDS[i].read(schema, keyword);
	}
	return keyword->string;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
const char *schema_compile(struct schema *schema, const cJSON *definition)
{
	const char *flaw = NULL;

	*schema = (struct schema){.definition = definition,
		.length = {0, INFINITY},
		.count = {0, INFINITY},
		.range = {-INFINITY, INFINITY}};
	if (!cJSON_IsObject(definition))
		return definition->string ? definition->string : "the schema";
	for (const cJSON *keyword = definition->child; keyword && !flaw; keyword = keyword->next)
		flaw = read_keyword(schema, keyword);
	if (!flaw && schema->unique && schema->count.max > UNIQUE_ITEMS_MAX)
		flaw = "uniqueItems"; /* items are compared with each other */
	if (!schema->example && schema->allowed)
		schema->example = schema->allowed->child;
	return flaw;
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
