/* Which row a request is for, where Graph tools are rows beside the compiled ones. */
#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

static bool say_name(struct call *call, struct err *err)
{
	cJSON *result = cJSON_CreateObject();

	json_add(result, "name", call->endpoint->name);
	outcome_tree(&call->outcome, result);
	return true;
}

static const struct enabled_tool GRAPH;
static const struct tool WHO = {"who", "t", "d", .input_schema = TOOL_NO_ARGUMENTS};
static const struct tool WHOLE = {"whole", "t", "d", .input_schema = TOOL_NO_ARGUMENTS};
static const struct endpoint ROWS[] = {
	{"whole", "POST", .tool = &WHOLE, .graph = &GRAPH, .run = say_name},
	{"tools", "GET", .tool = &tool_tools, .run = endpoint_tools},
	{"who", "POST", .tool = &WHO, .graph = &GRAPH, .run = say_name},
	{"me", "GET", .run = say_name},
	{"oauth", "GET", .run = say_name, .below = "/oauth/"},
};
static struct exchange x;

static int set_up(void **state)
{
	exchange_start_with(&x, ROWS, COUNT_OF(ROWS));
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

/* "-": none. */
static const char *name_at(const char *path)
{
	const struct endpoint *row = service_find(&x.service, path);

	return row ? row->name : "-";
}

static void a_graph_tool_is_found_below_tools_and_nowhere_else(void **state)
{
	static const struct {
		const char *path, *name;
	} CASES[] = {
		{"/tools/who", "who"},
		{"/tools/whole", "whole"},
		{"/api/tools/who", "who"},
		{"/Tools/WHO/", "who"},
		{"/tools", "tools"},
		{"/tools/", "tools"},
		{"/who", "-"},
		{"/tools/wh", "-"},
		{"/tools/whol", "-"},
		{"/tools/wholes", "-"},
		{"/tools/me", "-"},
		{"/tools/tools", "-"},
		{"/tools//who", "-"},
		{"/tools/who//", "-"},
		{"/tools/who/x", "-"},
		{"/tools/oauth/x", "-"},
		{"/oauth/x", "oauth"},
		{"/oauth/tools/who", "oauth"},
		{"/me", "me"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(!strcmp(name_at(CASES[i].path), CASES[i].name), "%s: %s", CASES[i].path,
			name_at(CASES[i].path));
}

static void a_tools_row_is_found_by_its_tool(void **state)
{
	assert_string_equal(service_find_tool(&x.service, &WHO)->name, "who");
	assert_string_equal(service_find_tool(&x.service, &WHOLE)->name, "whole");
	assert_string_equal(service_find_tool(&x.service, &tool_tools)->name, "tools");
}

static void in_an_envelope_the_tool_is_named_by_the_clients_url(void **state)
{
	static const struct {
		const char *url;
		int status; /* of a POST: 405 is the list's */
	} CASES[] = {
		{"https://h/tools/who", 200},
		{"https://h/v7/my/tools/Who/?a=b", 200},
		{"https://h/tools/tools/who", 200}, /* below a prefix of that name */
		{"https://h/tools/who#x", 200},
		{"https://h/tools", 405},
		{"https://h/tools/", 405},
		{"https://h/tools?x=/tools/who", 405},
		{"https://h/tools#/tools/who", 405},
		{"https://h/tools/nobody", 404},
		{"https://h/tools/me", 404},
		{"https://h/tools/who/x", 404},
		{"https://h/tools/"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			404},
		{"", 405},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		x.request.url = CASES[i].url;
		check(exchange_send(&x, "POST", "/tools", NULL) == CASES[i].status, "%s: %d",
			CASES[i].url, x.response.status);
	}
	x.request.url = "https://h/tools/who"; /* another function's is its own */
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 200);
	assert_non_null(strstr(x.response.body, "\"me\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_graph_tool_is_found_below_tools_and_nowhere_else),
		TEST(a_tools_row_is_found_by_its_tool),
		TEST(in_an_envelope_the_tool_is_named_by_the_clients_url),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
