#include "mcp/schema_more.h"

#include <assert.h>

void schema_read_minimum(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsNumber(value));
	schema->range.min = value->valuedouble;
}

void schema_read_maximum(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsNumber(value));
	schema->range.max = value->valuedouble;
}

void schema_read_unique(struct schema *schema, const cJSON *value)
{
	assert(cJSON_IsBool(value));
	schema->unique = cJSON_IsTrue(value);
}

bool schema_check_range(const struct schema *schema, const cJSON *number, const struct place *place,
	struct err *err)
{
	double n = number->valuedouble;

	if (n < schema->range.min)
		return schema_refuse(
			err, schema, place, "must be at least %.17g", schema->range.min);
	return n <= schema->range.max ||
	       schema_refuse(err, schema, place, "must be at most %.17g", schema->range.max);
}

bool schema_check_unique(
	const struct schema *schema, const cJSON *array, const struct place *place, struct err *err)
{
	const cJSON *a, *b;

	if (!schema->unique)
		return true;
	cJSON_ArrayForEach(a, array)
	{
		for (b = a->next; b; b = b->next) {
			if (cJSON_Compare(a, b, true))
				return schema_refuse(
					err, schema, place, "must not hold an item twice");
		}
	}
	return true;
}
