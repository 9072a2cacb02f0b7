#include "mcp/schema_more.h"

#include "base/date_time.h"

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

bool schema_check_format(
	const struct schema *schema, const char *text, const struct place *place, struct err *err)
{
	int64_t unix_s;

	return !schema->date_time || date_time_read(text, &unix_s) ||
	       schema_refuse(err, schema, place, "must be a date and time with an offset or Z%s",
		       schema->example ? "" : ", such as " DATE_TIME_EXAMPLE);
}
