#include "mcp/tool.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"

static void add_schema(cJSON *entry, const char *name, const char *schema)
{
	autoerr(err);
	cJSON *tree = NULL;
	bool good = json_parse(schema, strlen(schema), &tree, &err);

	assert(good);
	cJSON_AddItemToObject(entry, name, tree);
}

char *tools_print(const struct tool *const *tools, size_t count)
{
	autofree_json cJSON *document = cJSON_CreateObject();
	cJSON *list = json_add_array(document, "tools");

	for (size_t i = 0; i < count; i++) {
		cJSON *entry = cJSON_CreateObject();
		cJSON *hints;

		cJSON_AddItemToArray(list, entry);
		json_add(entry, "name", tools[i]->name);
		json_add(entry, "title", tools[i]->title);
		json_add(entry, "description", tools[i]->description);
		add_schema(entry, "inputSchema", tools[i]->input_schema);
		if (tools[i]->output_schema)
			add_schema(entry, "outputSchema", tools[i]->output_schema);
		hints = json_add_object(entry, "annotations");
		cJSON_AddBoolToObject(hints, "readOnlyHint", true);
		cJSON_AddBoolToObject(hints, "destructiveHint", false);
		cJSON_AddBoolToObject(hints, "idempotentHint", true);
		cJSON_AddBoolToObject(hints, "openWorldHint", tools[i]->open_world);
	}
	return json_print(document);
}
