#include "mcp/tool_list.h"

#include <stdlib.h>
#include <string.h>

#include "endpoints/endpoints.h"
#include "stage/support.h"

static const struct tool FIRST = {.name = "first",
	.title = "The \"first\"",
	.description = "Does one thing.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"x\":{\"maxLength\":7}}}",
	.output_schema = "{\"type\":\"object\",\"additionalProperties\":false}"};
static const struct tool SECOND = {.name = "second",
	.title = "t",
	.description = "d",
	.input_schema = "{\"type\":\"object\"}",
	.output_schema = "{}",
	.open_world = true};

static cJSON *printed(const struct tool *const *tools, size_t count)
{
	struct tool_list list;
	cJSON *tree;

	tool_list_init(&list, tools, count);
	tree = tool_list_tree(&list);
	tool_list_done(&list);
	return tree;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void tools_are_listed_by_name_in_whatever_order_they_come(void **state)
{
	const struct tool *tools[] = {&SECOND, &FIRST};
	autofree_json cJSON *tree = printed(tools, 2);
	const cJSON *list = member(tree, "tools");

	assert_int_equal(cJSON_GetArraySize(list), 2);
	assert_string_equal(json_string(cJSON_GetArrayItem(list, 0), "name"), "first");
	assert_string_equal(json_string(cJSON_GetArrayItem(list, 1), "name"), "second");
	assert_string_equal(json_string(cJSON_GetArrayItem(list, 0), "title"), "The \"first\"");
	assert_string_equal(
		json_string(cJSON_GetArrayItem(list, 0), "description"), "Does one thing.");
}

static void schemas_are_objects_not_text(void **state)
{
	const struct tool *tools[] = {&FIRST};
	autofree_json cJSON *tree = printed(tools, 1);
	const cJSON *tool = cJSON_GetArrayItem(member(tree, "tools"), 0);
	const cJSON *input = member(tool, "inputSchema");
	int64_t n = 0;

	assert_true(json_integer(member(member(input, "properties"), "x"), "maxLength", &n));
	assert_int_equal(n, 7);
	assert_true(cJSON_IsFalse(member(member(tool, "outputSchema"), "additionalProperties")));
}

static void every_tool_only_reads_and_says_whether_it_leaves_the_house(void **state)
{
	const struct tool *tools[] = {&FIRST, &SECOND};
	autofree_json cJSON *tree = printed(tools, 2);

	for (int i = 0; i < 2; i++) {
		const cJSON *tool = cJSON_GetArrayItem(member(tree, "tools"), i);
		const cJSON *hints = member(tool, "annotations");

		assert_true(cJSON_IsTrue(member(hints, "readOnlyHint")));
		assert_true(cJSON_IsFalse(member(hints, "destructiveHint")));
		assert_true(cJSON_IsTrue(member(hints, "idempotentHint")));
		assert_int_equal(cJSON_IsTrue(member(hints, "openWorldHint")), i == 1);
	}
}

static void no_tools_are_an_empty_list(void **state)
{
	autofree_json cJSON *tree = printed(NULL, 0);
	autofree char *text = json_print(tree);

	assert_string_equal(text, "{\"tools\":[]}");
}

static void our_own_tools_have_complete_entries(void **state)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		const struct tool *tool = endpoints[i].tool;
		autofree_json cJSON *tree = NULL;
		const cJSON *entry;

		if (!tool)
			continue;
		tree = printed(&tool, 1);
		entry = cJSON_GetArrayItem(member(tree, "tools"), 0);
		assert_string_equal(json_string(entry, "name"), endpoints[i].name);
		check(*json_string(entry, "title") && *json_string(entry, "description"), "%s",
			tool->name);
		assert_string_equal(json_string(member(entry, "inputSchema"), "type"), "object");
		assert_string_equal(json_string(member(entry, "outputSchema"), "type"), "object");
		check(tool->open_world == !strcmp(tool->name, "me"), "%s", tool->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tools_are_listed_by_name_in_whatever_order_they_come),
		cmocka_unit_test(schemas_are_objects_not_text),
		cmocka_unit_test(every_tool_only_reads_and_says_whether_it_leaves_the_house),
		cmocka_unit_test(no_tools_are_an_empty_list),
		cmocka_unit_test(our_own_tools_have_complete_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
