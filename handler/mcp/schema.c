#include "mcp/schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "mcp/schema_more.h"

#define INTEGER_MAX 9007199254740992.0 /* 2^53: beyond it a double skips integers */
#define LIST_MAX_BYTES 80

static bool is_integer(const cJSON *value)
{
	return cJSON_IsNumber(value) && fabs(value->valuedouble) <= INTEGER_MAX &&
	       floor(value->valuedouble) == value->valuedouble;
}

static unsigned types_of(const cJSON *value)
{
	if (is_integer(value))
		return SCHEMA_INTEGER | SCHEMA_NUMBER;
	if (cJSON_IsNumber(value)) /* 1e999 is JSON, but no number that anybody can use */
		return isfinite(value->valuedouble) ? SCHEMA_NUMBER : 0;
	if (cJSON_IsString(value))
		return SCHEMA_STRING;
	if (cJSON_IsBool(value))
		return SCHEMA_BOOLEAN;
	if (cJSON_IsArray(value))
		return SCHEMA_ARRAY;
	return cJSON_IsObject(value) ? SCHEMA_OBJECT : SCHEMA_NULL;
}

static bool check_type(
	const struct schema *schema, const cJSON *value, const struct place *place, struct err *err)
{
	static const char *const WORDS[] = {"null", "true or false", "an integer", "a number",
		"a string", "an array", "an object"};
	char list[80] = "";

	if (!schema->types || schema->types & types_of(value))
		return true;
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		size_t len = strlen(list);

		if (schema->types & 1u << i)
			snprintf(list + len, sizeof(list) - len, "%s%s", len ? " or " : "",
				WORDS[i]);
	}
	return schema_refuse(err, schema, place, "must be %s", list);
}

static bool check_allowed(
	const struct schema *schema, const cJSON *value, const struct place *place, struct err *err)
{
	const cJSON *item;
	struct buf list;
	bool good;

	cJSON_ArrayForEach(item, schema->allowed)
	{
		if (cJSON_Compare(item, value, true))
			return true;
	}
	if (!schema->allowed)
		return true;
	buf_init(&list);
	cJSON_ArrayForEach(item, schema->allowed)
	{
		autofree char *text = json_print(item);

		buf_addf(&list, "%s%s", list.len ? ", " : "", text);
	}
	if (list.len > LIST_MAX_BYTES) /* too many to name them all */
		good = schema_refuse(
			err, schema, place, "must be one of the values its schema lists");
	else
		good = err_say(err, ERR_BAD_REQUEST, "%s must be one of %s.",
			place_subject(place).text, buf_text(&list));
	buf_done(&list);
	return good;
}

struct amount {
	double n;
	const char *unit; /* of what, in the singular */
	struct schema_limits limits;
};

static bool check_amount(const struct schema *schema, const struct amount *amount,
	const struct place *place, struct err *err)
{
	const struct schema_limits limits = amount->limits;
	double n = amount->n;
	double limit = n < limits.min ? limits.min : limits.max;
	const char *bound = n < limits.min ? "least" : "most";

	if (n >= limits.min && n <= limits.max)
		return true;
	return schema_refuse(err, schema, place, "must have at %s %.17g %s%s", bound, limit,
		amount->unit, limit == 1 ? "" : "s");
}

static bool check_string(
	const struct schema *schema, const char *text, const struct place *place, struct err *err)
{
	struct amount length = {(double)utf8_length(text), "character", schema->length};

	if (!check_amount(schema, &length, place, err))
		return false;
	if (!schema_check_format(schema, text, place, err))
		return false;
	if (!schema->pattern)
		return true;
	if (strlen(text) > SCHEMA_PATTERN_BYTES_MAX)
		return schema_refuse(
			err, schema, place, "must have at most %d bytes", SCHEMA_PATTERN_BYTES_MAX);
	if (regexec(&schema->regex, text, 0, NULL, 0) != 0)
		return schema_refuse(err, schema, place, "must match %.64s", schema->pattern);
	return true;
}

static bool check(const struct schema *schema, const cJSON *value, const struct place *place,
	struct err *err);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own schema */
static bool check_array(
	const struct schema *schema, const cJSON *array, const struct place *place, struct err *err)
{
	struct amount count = {cJSON_GetArraySize(array), "item", schema->count};
	const cJSON *item;
	int i = 0;

	if (!check_amount(schema, &count, place, err))
		return false;
	cJSON_ArrayForEach(item, array)
	{
		struct place inner = {.outer = place, .index = i++};

		if (schema->items && !check(schema->items, item, &inner, err))
			return false;
	}
	return schema_check_unique(schema, array, place, err); /* of items known to be small */
}

static const struct schema *property(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->property_count; i++) {
		if (!strcmp(schema->properties[i].name, name))
			return &schema->properties[i].schema;
	}
	return NULL;
}

/* Many clients write out the arguments that they have not got. */
static bool is_absent(const struct schema *known, const cJSON *item)
{
	return !item ||
	       (cJSON_IsNull(item) && known && known->types && !(known->types & SCHEMA_NULL));
}

static bool check_required(const struct schema *schema, const cJSON *object,
	const struct place *place, struct err *err)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, schema->required)
	{
		const struct schema *known = property(schema, name->valuestring);
		struct place inner = {.outer = place, .name = name->valuestring};
		char sentence[128];

		if (!is_absent(known, cJSON_GetObjectItemCaseSensitive(object, name->valuestring)))
			continue;
		snprintf(sentence, sizeof(sentence), "Missing required property %s",
			place_path(&inner).text);
		return schema_say(err, known, sentence);
	}
	return true;
}

/* Short and without anything that a terminal, a log or a model could take for more than a name. */
static bool is_plain_name(const char *name)
{
	size_t n = strspn(
		name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$-");

	return n && n <= 32 && !name[n];
}

static bool refuse_unknown(
	const struct schema *schema, const char *name, const struct place *place, struct err *err)
{
	struct place inner = {.outer = place, .name = is_plain_name(name) ? name : "of that name"};
	struct buf list;

	buf_init(&list);
	for (size_t i = 0; i < schema->property_count; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", schema->properties[i].name);
	err_say(err, ERR_BAD_REQUEST, "Unknown property %s; %s%s.", place_path(&inner).text,
		!schema->property_count     ? "none is allowed"
		: list.len > LIST_MAX_BYTES ? "see the schema for those allowed"
					    : "allowed: ",
		list.len > LIST_MAX_BYTES ? "" : buf_text(&list));
	buf_done(&list);
	return false;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own schema */
static bool check_object(const struct schema *schema, const cJSON *object,
	const struct place *place, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		const struct schema *known = property(schema, item->string);
		struct place inner = {.outer = place, .name = item->string};

		if (!known && schema->closed)
			return refuse_unknown(schema, item->string, place, err);
		if (known && !is_absent(known, item) && !check(known, item, &inner, err))
			return false;
	}
	return check_required(schema, object, place, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as our own schema */
static bool check(
	const struct schema *schema, const cJSON *value, const struct place *place, struct err *err)
{
	if (!check_type(schema, value, place, err) || !check_allowed(schema, value, place, err))
		return false;
	if (cJSON_IsString(value))
		return check_string(schema, value->valuestring, place, err);
	if (cJSON_IsNumber(value))
		return schema_check_range(schema, value, place, err);
	if (cJSON_IsArray(value))
		return check_array(schema, value, place, err);
	return !cJSON_IsObject(value) || check_object(schema, value, place, err);
}

bool schema_check(const struct schema *schema, const cJSON *value, struct err *err)
{
	struct place root = {.outer = NULL};

	return check(schema, value, &root, err);
}

bool schema_try(const char *text, struct schema **ret, struct err *err)
{
	struct schema *schema;
	cJSON *tree = NULL;
	const char *flaw;

	if (!json_parse(text, strlen(text), &tree, err))
		return false;
	schema = xcalloc(1, sizeof(*schema));
	flaw = schema_compile(schema, tree);
	schema->owned = tree;
	if (!flaw) {
		*ret = schema;
		return true;
	}
	err_set(err, ERR_SERVER_CONFIGURATION, "%.64s is not of the subset of JSON Schema", flaw);
	schema_free(schema);
	return false;
}

void schema_free(struct schema *schema)
{
	if (!schema)
		return;
	schema_release(schema);
	free(schema);
}

const cJSON *schema_tree(const struct schema *schema)
{
	return schema->definition;
}
