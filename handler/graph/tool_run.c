#include "graph/tool_run.h"

#include <stdio.h>

#include "graph/fetch.h"
#include "graph/search.h"

#define ANSWER_BYTES_MAX (4u << 20)
#define NOT_TAKEN "Microsoft Graph does not take these arguments"

struct run {
	struct graph *graph;
	const struct graph_tool_call *call;
	struct graph_errand *errand;
	const struct page *page; /* NULL: not paged */
};

static bool read_page(
	const struct page_rules *rules, const cJSON *arguments, struct page *ret, struct err *err)
{
	const char *cursor = json_string(arguments, "cursor");
	int64_t limit = 0;

	if (cursor)
		return page_read_cursor(rules, cursor, ret, err);
	json_integer(arguments, "limit", &limit);
	page_first(rules, limit, ret);
	return true;
}

/* Which argument it is Graph alone can say, in its code, which MCP has no other place for. */
static void say_why(struct err *err)
{
	const struct err_upstream *graph = err_upstream(err);

	if (err->code == ERR_BAD_REQUEST && *graph->code)
		snprintf(err->message, sizeof(err->message), NOT_TAKEN ": %s.", graph->code);
}

static bool ask(const struct run *run, struct graph_answer *ret, struct err *err)
{
	const struct graph_tool_call *call = run->call;
	const struct graph_tool *tool = call->tool->definition;
	struct tool_request_text text;
	bool good;

	if (!tool_request_write(tool->request, call->arguments, run->page, &text, err))
		return false;
	text.request.scope = call->tool->scope;
	text.request.once = tool->writes;
	text.request.answer_max = ANSWER_BYTES_MAX;
	text.request.not_found = tool->not_found;
	if (call->arguments->child) /* a value of theirs that only Graph can judge */
		text.request.bad_request = NOT_TAKEN ".";
	good = graph_send(run->graph, &text.request, run->errand, ret, err);
	if (!good)
		say_why(err);
	tool_request_text_done(&text);
	return good;
}

static bool ask_and_write(const struct run *run, struct buf *ret, struct err *err)
{
	const struct tool_result_bounds bounds = {
		.page = run->page, .bytes_max = (size_t)run->graph->config->result_bytes_max};
	struct graph_answer answer;
	struct buf text;
	bool good;

	if (!ask(run, &answer, err))
		return false;
	buf_init(&text);
	good = tool_result_write(run->call->tool->definition->result, &answer, &bounds, &text, err);
	if (good)
		*ret = text;
	else
		buf_done(&text);
	graph_answer_done(&answer);
	return good;
}

static bool run_compiled(const struct run *run, struct buf *ret, struct err *err)
{
	const struct enabled_tool *tool = run->call->tool;
	const struct compiled *compiled = tool->definition->compiled;
	const char *argument = json_string(run->call->arguments, compiled->argument);

	if (!argument)
		return err_say(err, ERR_BAD_REQUEST, "%s must be a string.", compiled->argument);
	if (compiled->kind == COMPILED_SEARCH) {
		const struct search search = {run->graph, tool->permissions, argument};

		return graph_search(&search, run->errand, ret, err);
	}
	const struct fetch fetch = {run->graph, tool->permissions, argument};

	return graph_fetch(&fetch, run->errand, ret, err);
}

bool graph_run_tool(void *context, const struct graph_tool_call *call, struct graph_errand *errand,
	struct buf *ret, struct err *err)
{
	const struct graph_tool *tool = call->tool->definition;
	const struct page_rules *rules = tool->compiled ? NULL : tool_result_pages(tool->result);
	struct page page = {0};
	struct run run = {context, call, errand, rules ? &page : NULL};
	bool good;

	if (tool->compiled)
		return run_compiled(&run, ret, err);
	if (!definition_allows(tool, call->arguments, err) ||
		(rules && !read_page(rules, call->arguments, &page, err)))
		return false;
	good = ask_and_write(&run, ret, err);
	page_done(&page);
	return good;
}
