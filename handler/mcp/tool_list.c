#include "mcp/tool_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_MAX 64

static bool is_tool_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return *name >= 'a' && *name <= 'z' && n <= NAME_BYTES_MAX && !name[n];
}

static void prepare(struct listed_tool *listed, const struct tool *tool)
{
	const char *type;

	*listed = (struct listed_tool){.tool = tool, .input = schema_new(tool->input_schema)};
	type = json_string(schema_tree(listed->input), "type");
	assert(is_tool_name(tool->name) && *tool->title && *tool->description);
	assert(type && !strcmp(type, "object"));
	param_headers_read(&listed->params, schema_tree(listed->input));
}

static int compare(const void *a, const void *b)
{
	const struct listed_tool *left = a, *right = b;

	return strcmp(left->tool->name, right->tool->name);
}

void tool_list_init(struct tool_list *list, const struct tool *const *tools, size_t count)
{
	*list = (struct tool_list){xcalloc(count + 1, sizeof(*list->items)), count};
	for (size_t i = 0; i < count; i++)
		prepare(&list->items[i], tools[i]);
	qsort(list->items, count, sizeof(*list->items), compare);
	for (size_t i = 1; i < count; i++)
		assert(compare(&list->items[i - 1], &list->items[i]) < 0);
}

void tool_list_done(struct tool_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		param_headers_done(&list->items[i].params);
		schema_free(list->items[i].input);
	}
	free(list->items);
	*list = (struct tool_list){0};
}

const struct listed_tool *tool_list_find(const struct tool_list *list, const char *name)
{
	size_t from = 0, to = list->count;

	while (name && from < to) {
		size_t middle = (from + to) / 2;
		int order = strcmp(name, list->items[middle].tool->name);

		if (order == 0)
			return &list->items[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

static void add_schema(cJSON *object, const char *name, const char *schema)
{
	autoerr(err);
	cJSON *tree = NULL;
	bool good = json_parse(schema, strlen(schema), &tree, &err);

	assert(good);
	cJSON_AddItemToObject(object, name, tree);
}

static cJSON *describe(const struct tool *tool)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *hints;

	json_add(object, "name", tool->name);
	json_add(object, "title", tool->title);
	json_add(object, "description", tool->description);
	add_schema(object, "inputSchema", tool->input_schema);
	if (tool->output_schema)
		add_schema(object, "outputSchema", tool->output_schema);
	hints = json_add_object(object, "annotations");
	cJSON_AddBoolToObject(hints, "readOnlyHint", true);
	cJSON_AddBoolToObject(hints, "destructiveHint", false);
	cJSON_AddBoolToObject(hints, "idempotentHint", true);
	cJSON_AddBoolToObject(hints, "openWorldHint", tool->open_world);
	return object;
}

cJSON *tool_list_tree(const struct tool_list *list)
{
	cJSON *document = cJSON_CreateObject();
	cJSON *array = json_add_array(document, "tools");

	for (size_t i = 0; i < list->count; i++)
		cJSON_AddItemToArray(array, describe(list->items[i].tool));
	return document;
}
