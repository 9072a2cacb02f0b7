#include "mcp/param_headers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "mcp/headers.h"

#define PREFIX "Mcp-Param-"

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

static bool is_taken(const struct param_headers *params, const char *name)
{
	for (size_t i = 0; i < params->count; i++) {
		if (!strcasecmp(params->list[i].name + strlen(PREFIX), name))
			return true;
	}
	return false;
}

static bool add_param(struct param_headers *params, const cJSON *property, const char *const *path)
{
	const char *name = json_string(property, "x-mcp-header");
	struct param_header *param;
	struct buf header;

	if (params->count == PARAMS_MAX || !is_token(name) || is_taken(params, name) ||
		!is_header_type(json_string(property, "type")))
		return false;
	param = &params->list[params->count++];
	buf_init(&header);
	buf_adds(&header, PREFIX);
	buf_adds(&header, name);
	param->name = header.data;
	memcpy(param->path, path, sizeof(param->path));
	return true;
}

/* Finds the properties with a header, below `properties` only, as the rule has it.
 * NOLINTNEXTLINE(misc-no-recursion): PARAM_DEPTH_MAX bounds it */
static bool find_params(
	struct param_headers *params, const cJSON *schema, const char **path, size_t depth)
{
	const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	const cJSON *property;

	cJSON_ArrayForEach(property, properties)
	{
		if (depth == PARAM_DEPTH_MAX)
			return false;
		path[depth] = property->string;
		if (cJSON_GetObjectItemCaseSensitive(property, "x-mcp-header") &&
			!add_param(params, property, path))
			return false;
		if (!find_params(params, property, path, depth + 1))
			return false;
		path[depth] = NULL;
	}
	return true;
}

bool param_headers_read(struct param_headers *params, const cJSON *schema, struct err *err)
{
	const char *path[PARAM_DEPTH_MAX + 1] = {NULL};

	return find_params(params, schema, path, 0) ||
	       err_set(err, ERR_SERVER_CONFIGURATION,
		       "x-mcp-header is not the name of a header of its own for a string, integer "
		       "or boolean, or properties are nested too deep");
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
