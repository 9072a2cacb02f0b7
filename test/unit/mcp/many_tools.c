/* A table of far more tools than the program has of its own, built at start. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

#define MANY 60
#define INPUT_SCHEMA                                                                               \
	"{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"pattern\":"            \
	"\"^[0-9A-Za-z_-]+$\",\"description\":\"The item's id.\"},\"top\":{\"type\":\"integer\","  \
	"\"minimum\":1,\"maximum\":999}},\"additionalProperties\":false}"
#define META                                                                                       \
	"\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                   \
	"\"io.modelcontextprotocol/clientCapabilities\":{}}"

static char names[MANY][24];
static struct tool tools[MANY];
static struct endpoint rows[MANY + 2];
static struct exchange x;

static bool say_name(struct call *call, struct err *err)
{
	cJSON *result = cJSON_CreateObject();

	json_add(result, "name", call->endpoint->name);
	outcome_tree(&call->outcome, result);
	return true;
}

/* In another order than that of their names. */
static int set_up(void **state)
{
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "tool_%02d", (i * 7 + 3) % MANY);
		tools[i] = (struct tool){.name = names[i],
			.title = names[i],
			.description = "One of many.",
			.input_schema = INPUT_SCHEMA,
			.output_schema = "{\"type\":\"object\"}"};
		rows[i] = (struct endpoint){names[i], "GET", .tool = &tools[i], .run = say_name};
	}
	rows[MANY] = (struct endpoint){"mcp", "POST", AUTH_MCP, .raw = endpoint_mcp};
	rows[MANY + 1] = (struct endpoint){
		"tools", "GET", .tool = &tool_tools, .run = endpoint_tools};
	exchange_start_with(&x, rows, COUNT_OF(rows));
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

/* The answer's result, whose document is to be deleted; name: of the tool called. */
static const cJSON *ask(const char *method, const char *name, const char *body, cJSON **ret)
{
	exchange_header(&x, "Content-Type", "application/json");
	if (strstr(body, META)) {
		exchange_header(&x, "MCP-Protocol-Version", "2026-07-28");
		exchange_header(&x, "Mcp-Method", method);
		if (name)
			exchange_header(&x, "Mcp-Name", name);
	}
	assert_int_equal(exchange_send(&x, "POST", "/mcp", body), 200);
	*ret = exchange_json(&x);
	return cJSON_GetObjectItemCaseSensitive(*ret, "result");
}

static const struct endpoint *row_of(const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "/%.23s", name);
	return service_find(&x.service, path);
}

static void assert_all_listed(const cJSON *result)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(result, "tools");

	assert_int_equal(cJSON_GetArraySize(list), MANY + 1);
	assert_null(cJSON_GetObjectItemCaseSensitive(result, "nextCursor"));
	for (int i = 0; i < MANY; i++) {
		char name[24];

		snprintf(name, sizeof(name), "tool_%02d", i);
		assert_string_equal(json_string(cJSON_GetArrayItem(list, i), "name"), name);
	}
}

static void all_of_many_tools_are_listed_on_one_page_in_both_eras(void **state)
{
	autofree_json cJSON *modern = NULL, *legacy = NULL;

	assert_all_listed(ask("tools/list", NULL,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}",
		&modern));
	assert_all_listed(ask("tools/list", NULL,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", &legacy));
}

static void rest_lists_all_of_many_tools(void **state)
{
	autofree_json cJSON *tree = NULL;

	assert_int_equal(exchange_send(&x, "GET", "/tools", NULL), 200);
	tree = exchange_json(&x);
	assert_all_listed(tree);
}

static void each_of_many_tools_is_called_by_its_name_and_counted(void **state)
{
	for (int i = 0; i < MANY; i++) {
		autofree_json cJSON *tree = NULL;
		const cJSON *result;
		char body[512];

		snprintf(body, sizeof(body),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
			"\"name\":\"%.23s\",\"arguments\":{\"id\":\"a\",\"top\":5}," META "}}",
			names[i]);
		result = ask("tools/call", names[i], body, &tree);
		assert_string_equal(
			json_string(cJSON_GetObjectItemCaseSensitive(result, "structuredContent"),
				"name"),
			names[i]);
		assert_int_equal(service_row(&x.service, row_of(names[i]))->requests, 1);
	}
}

static void a_schema_is_compiled_once_for_rest_and_mcp(void **state)
{
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(service_row(&x.service, row_of(names[i]))->arguments,
			mcp_input_schema(x.service.mcp, &tools[i]));
	assert_null(service_row(&x.service, row_of("mcp"))->arguments);
}

static void a_name_beside_those_of_many_tools_is_none(void **state)
{
	static const char *const NONE[] = {
		"a", "tool", "tool_", "tool_0", "tool_000", "tool_60", "Tool_00", "tools_", "zzz"};

	for (size_t i = 0; i < COUNT_OF(NONE); i++) {
		autofree_json cJSON *tree = NULL;
		char body[160];

		snprintf(body, sizeof(body),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
			"\"params\":{\"name\":\"%s\"}}",
			NONE[i]);
		check(!ask("tools/call", NONE[i], body, &tree), "%s", NONE[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_many_tools_are_listed_on_one_page_in_both_eras),
		TEST(rest_lists_all_of_many_tools),
		TEST(each_of_many_tools_is_called_by_its_name_and_counted),
		TEST(a_schema_is_compiled_once_for_rest_and_mcp),
		TEST(a_name_beside_those_of_many_tools_is_none),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
