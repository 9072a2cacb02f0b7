#include "graph/tool_schema.h"

#include "base/text.h"
#include "graph/mailbox.h"

#define MAILBOX_DESCRIPTION "Address or id of a shared mailbox"

static void add_limit(cJSON *properties, const struct page_rules *pages)
{
	cJSON *limit = json_add_object(properties, "limit");

	json_add(limit, "type", "integer");
	json_add_number(limit, "minimum", 1);
	json_add_number(limit, "maximum", pages->size_max);
}

static cJSON *properties_of(const cJSON *tool, const struct tool_result *result)
{
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(tool, "arguments");
	const struct page_rules *pages = tool_result_pages(result);
	cJSON *properties = arguments ? or_die(cJSON_Duplicate(arguments, true))
				      : or_die(cJSON_CreateObject());

	if (pages)
		add_limit(properties, pages);
	if (pages || tool_result_file(result))
		json_add(json_add_object(properties, "cursor"), "type", "string");
	return properties;
}

/* The properties are the schema's from then on. */
static char *print_with(cJSON *properties, const cJSON *tool)
{
	const cJSON *required = cJSON_GetObjectItemCaseSensitive(tool, "required");
	autofree_json cJSON *schema = or_die(cJSON_CreateObject());

	json_add(schema, "type", "object");
	cJSON_AddItemToObject(schema, "properties", properties);
	if (required)
		cJSON_AddItemToObject(schema, "required", or_die(cJSON_Duplicate(required, true)));
	or_die(cJSON_AddFalseToObject(schema, "additionalProperties"));
	return json_print(schema);
}

char *tool_schema(const cJSON *tool, const struct tool_result *result)
{
	return print_with(properties_of(tool, result), tool);
}

char *tool_schema_with_mailbox(const cJSON *tool, const struct tool_result *result)
{
	cJSON *properties = properties_of(tool, result);
	cJSON *mailbox = json_add_object(properties, MAILBOX_ARGUMENT);

	json_add(mailbox, "type", "string");
	json_add(mailbox, "description", MAILBOX_DESCRIPTION);
	return print_with(properties, tool);
}
