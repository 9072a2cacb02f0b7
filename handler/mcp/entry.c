#include <assert.h>
#include <string.h>

#include "mcp/core.h"

#define NAME_BYTES_MAX 64

static bool is_tool_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return *name >= 'a' && *name <= 'z' && n <= NAME_BYTES_MAX && !name[n];
}

void entry_init(struct entry *entry, const struct tool *tool)
{
	const char *type;

	*entry = (struct entry){.tool = tool, .input = schema_new(tool->input_schema)};
	type = json_string(schema_tree(entry->input), "type");
	assert(is_tool_name(tool->name) && *tool->title && *tool->description);
	assert(type && !strcmp(type, "object"));
	param_headers_read(&entry->params, schema_tree(entry->input));
}

void entry_done(struct entry *entry)
{
	param_headers_done(&entry->params);
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
