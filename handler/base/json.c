#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* What cJSON does not look at, in one pass: depth, number of values, NUL bytes and \u0000 escapes.
 */
static const char *refusal(const char *text, size_t n)
{
	bool in_string = false;
	int depth = 0, values = 0;

	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (c == '\0')
			return "The JSON holds a NUL byte.";
		if (in_string) {
			if (c == '\\' && n - i > 5 && !memcmp(text + i + 1, "u0000", 5))
				return "The JSON holds the character U+0000.";
			if ((unsigned char)c < 0x20)
				return "The JSON holds a raw control character in a string.";
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == ',') {
			values++;
		} else if (c == '{' || c == '[') {
			values++;
			if (++depth > JSON_DEPTH_MAX)
				return "The JSON is nested too deeply.";
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	if (values > JSON_VALUES_MAX)
		return "The JSON holds too many values.";
	return utf8_valid(text, n) ? NULL : "The JSON is not valid UTF-8.";
}

bool json_parse(const char *text, size_t n, cJSON **ret, struct err *err)
{
	const char *why = refusal(text, n);
	const char *end = text;
	cJSON *tree;

	if (why)
		return err_say(err, ERR_BAD_REQUEST, "%s", why);
	tree = cJSON_ParseWithLengthOpts(text, n, &end, false);
	if (!tree)
		return err_say(err, ERR_BAD_REQUEST, "The text is not JSON.");
	while (end < text + n && strchr(" \t\r\n", *end))
		end++;
	if (end != text + n) {
		cJSON_Delete(tree);
		return err_say(err, ERR_BAD_REQUEST, "Something follows the JSON document.");
	}
	*ret = tree;
	return true;
}

const char *json_string(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool json_integer(const cJSON *object, const char *name, int64_t *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	/* 2^53: beyond it a double no longer holds every integer. */
	if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= 9007199254740992.0))
		return false;
	*ret = (int64_t)item->valuedouble;
	return true;
}

char *json_print(const cJSON *tree)
{
	return or_die(cJSON_PrintUnformatted(tree));
}

void json_add(cJSON *object, const char *name, const char *value)
{
	cJSON *item = value ? cJSON_CreateString(value) : cJSON_CreateNull();

	cJSON_AddItemToObject(object, name, or_die(item));
}

void json_add_number(cJSON *object, const char *name, int64_t value)
{
	or_die(cJSON_AddNumberToObject(object, name, (double)value));
}

cJSON *json_add_object(cJSON *object, const char *name)
{
	return or_die(cJSON_AddObjectToObject(object, name));
}

cJSON *json_add_array(cJSON *object, const char *name)
{
	return or_die(cJSON_AddArrayToObject(object, name));
}

void json_delete_at(cJSON **tree)
{
	cJSON_Delete(*tree);
}

void free_at(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}
