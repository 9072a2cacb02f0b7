/* A Graph tool run against the scripted upstream: what its definition's tests share. */
#ifndef UNIT_GRAPH_RUNNING_H
#define UNIT_GRAPH_RUNNING_H

#include <string.h>

#include "graph/tool_run.h"
#include "stage/engine.h"

#define GRAPH "https://graph.microsoft.com/v1.0"

static struct graph_tool definition;
static struct enabled_tool tool = {
	.definition = &definition, .scope = (char *)"https://graph.microsoft.com/Mail.Read"};
static struct err err;

static inline void use(const char *text)
{
	autofree_json cJSON *tree = NULL;
	struct tool_problem problem = {.text = ""};

	definition_done(&definition);
	assert_true(json_parse(text, strlen(text), &tree, &err));
	check(definition_read(tree, "mail", &definition, &problem), "%s: %s", problem.place,
		problem.text);
}

static inline int set_up(void **state)
{
	return engine_set_up(state);
}

static inline int tear_down(void **state)
{
	definition_done(&definition);
	err_done(&err);
	return engine_tear_down(state);
}

/* The result, or the error's code; the caller frees it. */
static inline char *run(const char *arguments)
{
	autofree_json cJSON *tree = NULL;
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_errand errand = engine_errand(&caller);
	struct graph_tool_call call = {.tool = &tool};
	struct buf result;
	bool good;

	assert_true(json_parse(arguments, strlen(arguments), &tree, &err));
	call.arguments = tree;
	good = graph_run_tool(&engine.graph, &call, &errand, &result, &err);
	secret_done(&caller.token);
	return good ? result.data : xstrdup(err_info(err.code)->slug);
}

static inline void assert_run(const char *arguments, const char *expected)
{
	autofree char *outcome = run(arguments);

	assert_string_equal(outcome, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
