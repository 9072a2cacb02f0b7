#include "mcp/param_headers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "mcp/headers.h"

/* RFC 9110 §5.6.2 */
static bool is_token(const char *text)
{
	static const char TCHAR[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return text && *text && strspn(text, TCHAR) == strlen(text);
}

static bool is_header_type(const char *type)
{
	return type &&
	       (!strcmp(type, "string") || !strcmp(type, "integer") || !strcmp(type, "boolean"));
}

static void add_param(struct param_headers *params, const cJSON *property, const char *const *path)
{
	const char *name = json_string(property, "x-mcp-header");
	struct param_header *param = &params->list[params->count++];
	struct buf header;

	assert(params->count <= PARAMS_MAX);
	assert(is_token(name) && is_header_type(json_string(property, "type")));
	buf_init(&header);
	buf_adds(&header, "Mcp-Param-");
	buf_adds(&header, name);
	param->name = header.data;
	memcpy(param->path, path, sizeof(param->path));
	for (const struct param_header *other = params->list; other < param; other++)
		assert(strcasecmp(other->name, param->name) != 0);
}

/* Finds the properties with a header, below `properties` only, as the rule has it.
 * NOLINTNEXTLINE(misc-no-recursion): PARAM_DEPTH_MAX bounds it */
static void find_params(
	struct param_headers *params, const cJSON *schema, const char **path, size_t depth)
{
	const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	const cJSON *property;

	cJSON_ArrayForEach(property, properties)
	{
		assert(depth < PARAM_DEPTH_MAX);
		path[depth] = property->string;
		if (cJSON_GetObjectItemCaseSensitive(property, "x-mcp-header"))
			add_param(params, property, path);
		find_params(params, property, path, depth + 1);
		path[depth] = NULL;
	}
}

void param_headers_read(struct param_headers *params, const cJSON *schema)
{
	const char *path[PARAM_DEPTH_MAX + 1] = {NULL};

	find_params(params, schema, path, 0);
}

void param_headers_done(struct param_headers *params)
{
	for (size_t i = 0; i < params->count; i++)
		free(params->list[i].name);
}

static bool says(const struct buf *text, const char *expected)
{
	return strlen(expected) == text->len && !memcmp(buf_text(text), expected, text->len);
}

static bool number_agrees(const struct buf *text, double expected)
{
	autofree_json cJSON *number = NULL;
	autoerr(err);

	return json_parse(buf_text(text), text->len, &number, &err) && cJSON_IsNumber(number) &&
	       number->valuedouble == expected;
}

static bool value_agrees(const struct buf *text, const cJSON *argument)
{
	if (cJSON_IsString(argument))
		return says(text, argument->valuestring);
	if (cJSON_IsNumber(argument))
		return number_agrees(text, argument->valuedouble);
	return says(text, cJSON_IsTrue(argument) ? "true" : "false");
}

static bool agrees(
	const struct request *request, const struct param_header *param, const cJSON *arguments)
{
	const cJSON *argument = arguments;
	struct json_span value;
	struct buf decoded;
	bool good;

	for (size_t i = 0; param->path[i]; i++)
		argument = cJSON_GetObjectItemCaseSensitive(argument, param->path[i]);
	if (!argument || cJSON_IsNull(argument))
		return !request_header_count(request, param->name);
	if (cJSON_IsObject(argument) || cJSON_IsArray(argument))
		return true; /* the schema's to refuse: no header can say it */
	/* an argument may be any text, a list as well */
	if (!header_whole(request, param->name, &value))
		return false;
	buf_init(&decoded);
	good = header_decode(value, &decoded) && value_agrees(&decoded, argument);
	buf_done(&decoded);
	return good;
}

const char *param_headers_differing(
	const struct param_headers *params, const struct request *request, const cJSON *arguments)
{
	for (size_t i = 0; i < params->count; i++) {
		if (!agrees(request, &params->list[i], arguments))
			return params->list[i].name;
	}
	return NULL;
}
