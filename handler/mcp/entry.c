#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "mcp/core.h"

#define NAME_BYTES_MAX 64

/* RFC 9110 §5.6.2 */
static bool is_token(const char *text)
{
	static const char TCHAR[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return text && *text && strspn(text, TCHAR) == strlen(text);
}

static bool is_tool_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return *name >= 'a' && *name <= 'z' && n <= NAME_BYTES_MAX && !name[n];
}

static bool is_header_type(const char *type)
{
	return type &&
	       (!strcmp(type, "string") || !strcmp(type, "integer") || !strcmp(type, "boolean"));
}

static void add_param(struct entry *entry, const cJSON *property, const char *const *path)
{
	const char *name = json_string(property, "x-mcp-header");
	struct param_header *param = &entry->params[entry->param_count++];
	struct buf header;

	assert(entry->param_count <= PARAMS_MAX);
	assert(is_token(name) && is_header_type(json_string(property, "type")));
	buf_init(&header);
	buf_adds(&header, "Mcp-Param-");
	buf_adds(&header, name);
	param->header = header.data;
	memcpy(param->path, path, sizeof(param->path));
	for (const struct param_header *other = entry->params; other < param; other++)
		assert(strcasecmp(other->header, param->header) != 0);
}

/* Finds the properties with a header, below `properties` only, as the rule has it.
 * NOLINTNEXTLINE(misc-no-recursion): PARAM_DEPTH_MAX bounds it */
static void find_params(struct entry *entry, const cJSON *schema, const char **path, size_t depth)
{
	const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	const cJSON *property;

	cJSON_ArrayForEach(property, properties)
	{
		assert(depth < PARAM_DEPTH_MAX);
		path[depth] = property->string;
		if (cJSON_GetObjectItemCaseSensitive(property, "x-mcp-header"))
			add_param(entry, property, path);
		find_params(entry, property, path, depth + 1);
		path[depth] = NULL;
	}
}

void entry_init(struct entry *entry, const struct tool *tool)
{
	const char *path[PARAM_DEPTH_MAX + 1] = {NULL};
	const char *type;

	*entry = (struct entry){.tool = tool, .input = schema_new(tool->input_schema)};
	type = json_string(schema_tree(entry->input), "type");
	assert(is_tool_name(tool->name) && *tool->title && *tool->description);
	assert(type && !strcmp(type, "object"));
	find_params(entry, schema_tree(entry->input), path, 0);
}

void entry_done(struct entry *entry)
{
	for (size_t i = 0; i < entry->param_count; i++)
		free(entry->params[i].header);
	schema_free(entry->input);
}

const struct entry *entry_find(const struct mcp_server *server, const char *name)
{
	for (size_t i = 0; name && i < server->options.tool_count; i++) {
		if (!strcmp(server->entries[i].tool->name, name))
			return &server->entries[i];
	}
	return NULL;
}
