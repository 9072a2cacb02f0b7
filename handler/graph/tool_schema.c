#include "graph/tool_schema.h"

#include "graph/mailbox.h"

#define MAILBOX_DESCRIPTION "Address or id of a shared mailbox"

static void add_limit(cJSON *properties, const struct page_rules *pages)
{
	cJSON *limit = json_add_object(properties, "limit");

	json_add(limit, "type", "integer");
	json_add_number(limit, "minimum", 1);
	json_add_number(limit, "maximum", pages->size_max);
}

static void add_mailbox(cJSON *properties)
{
	cJSON *mailbox = json_add_object(properties, MAILBOX_ARGUMENT);

	json_add(mailbox, "type", "string");
	json_add(mailbox, "description", MAILBOX_DESCRIPTION);
}

void tool_schema_build(const cJSON *definition, struct graph_tool *tool)
{
	const struct page_rules *pages = tool_result_pages(tool->result);
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(definition, "arguments");
	const cJSON *required = cJSON_GetObjectItemCaseSensitive(definition, "required");
	autofree_json cJSON *schema = or_die(cJSON_CreateObject());
	cJSON *properties;

	json_add(schema, "type", "object");
	properties = arguments ? or_die(cJSON_Duplicate(arguments, true))
			       : or_die(cJSON_CreateObject());
	cJSON_AddItemToObject(schema, "properties", properties);
	if (pages)
		add_limit(properties, pages);
	if (pages || tool_result_file(tool->result))
		json_add(json_add_object(properties, "cursor"), "type", "string");
	if (required)
		cJSON_AddItemToObject(schema, "required", or_die(cJSON_Duplicate(required, true)));
	or_die(cJSON_AddFalseToObject(schema, "additionalProperties"));
	tool->input_schema = json_print(schema);
	if (!*tool->shared)
		return;
	add_mailbox(properties);
	tool->shared_schema = json_print(schema);
}
