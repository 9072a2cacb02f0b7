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

static const struct tool *with_hints(struct tool *tool, bool destroys, bool repeats)
{
	*tool = FIRST;
	tool->writes = true;
	tool->destroys = destroys;
	tool->repeats = repeats;
	return tool;
}

static void a_tool_that_writes_says_what_that_may_do(void **state)
{
	for (int i = 0; i < 4; i++) {
		struct tool own;
		const struct tool *tool = with_hints(&own, i & 1, i & 2);
		autofree_json cJSON *tree = printed(&tool, 1);
		const cJSON *hints = member(
			cJSON_GetArrayItem(member(tree, "tools"), 0), "annotations");

		assert_true(cJSON_IsFalse(member(hints, "readOnlyHint")));
		assert_int_equal(cJSON_IsTrue(member(hints, "destructiveHint")), i & 1);
		assert_int_equal(cJSON_IsTrue(member(hints, "idempotentHint")), i >> 1);
	}
}

static void a_tool_with_a_mistake_is_found_before_it_is_listed(void **state)
{
#define TOOL(schema)                                                                               \
	{                                                                                          \
		"first", "t", "d", .input_schema = (schema)                                        \
	}
#define HEADER(name, type) "{\"type\":\"" type "\",\"x-mcp-header\":\"" name "\"}"
#define OBJECT(properties) "{\"type\":\"object\",\"properties\":{" properties "}}"
	static const struct tool WRONG[] = {
		{"First", "t", "d", .input_schema = TOOL_NO_ARGUMENTS},
		{"first", "", "d", .input_schema = TOOL_NO_ARGUMENTS},
		{"first", "t", "", .input_schema = TOOL_NO_ARGUMENTS},
		TOOL("{"),
		TOOL("{}"),
		TOOL("{\"type\":\"array\"}"),
		TOOL(OBJECT("\"a\":{\"type\":\"text\"}")),
		TOOL(OBJECT("\"a\":" HEADER("a b", "string"))),
		TOOL(OBJECT("\"a\":" HEADER("A", "number"))),
		TOOL(OBJECT("\"a\":" HEADER("A", "string") ",\"b\":" HEADER("a", "string"))),
		TOOL(OBJECT("\"a\":" OBJECT(
			"\"a\":" OBJECT("\"a\":" OBJECT("\"a\":" OBJECT("\"a\":{}")))))),
	};

	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		autoerr(err);

		check(!tool_check(&WRONG[i], &err), "%zu", i);
		check(*err.detail, "%zu", i);
	}
	for (size_t i = 0; i < endpoint_count; i++) {
		autoerr(err);

		check(!endpoints[i].tool || tool_check(endpoints[i].tool, &err), "%s: %s",
			endpoints[i].name, err.detail);
	}
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
		/* what needs a user asks Graph on the user's behalf */
		check(tool->open_world == (endpoints[i].auth == AUTH_USER), "%s", tool->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tools_are_listed_by_name_in_whatever_order_they_come),
		cmocka_unit_test(schemas_are_objects_not_text),
		cmocka_unit_test(every_tool_only_reads_and_says_whether_it_leaves_the_house),
		cmocka_unit_test(a_tool_that_writes_says_what_that_may_do),
		cmocka_unit_test(a_tool_with_a_mistake_is_found_before_it_is_listed),
		cmocka_unit_test(no_tools_are_an_empty_list),
		cmocka_unit_test(our_own_tools_have_complete_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
