#include "mcp/tool_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool read_tool(const struct tool *tool, struct listed_tool *ret, struct err *err)
{
	*ret = (struct listed_tool){.tool = tool};
	if (!text_is_name(tool->name, TOOL_NAME_MAX) || !*tool->title || !*tool->description)
		return err_set(err, ERR_SERVER_CONFIGURATION,
			"a tool has a name of lower-case letters, digits and _, a title and a "
			"description");
	return schema_try(tool->input_schema, &ret->input, err) &&
	       (text_is(json_string(schema_tree(ret->input), "type"), "object") ||
		       err_set(err, ERR_SERVER_CONFIGURATION, "arguments are no object")) &&
	       param_headers_read(&ret->params, schema_tree(ret->input), err);
}

static void listed_done(struct listed_tool *listed)
{
	param_headers_done(&listed->params);
	schema_free(listed->input);
}

bool tool_check(const struct tool *tool, struct err *err)
{
	struct listed_tool listed;
	bool good = read_tool(tool, &listed, err);

	listed_done(&listed);
	return good;
}

static void prepare(struct listed_tool *listed, const struct tool *tool)
{
	autoerr(err);
	bool good = read_tool(tool, listed, &err);

	assert(good);
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
	for (size_t i = 0; i < list->count; i++)
		listed_done(&list->items[i]);
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
	cJSON_AddBoolToObject(hints, "readOnlyHint", !tool->writes);
	cJSON_AddBoolToObject(hints, "destructiveHint", tool->writes && tool->destroys);
	cJSON_AddBoolToObject(hints, "idempotentHint", !tool->writes || tool->repeats);
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
