#include "graph/tool_run.h"

#include <stdio.h>

#include "graph/file_result.h"

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

/* Ended with tool_request_text_done. */
static bool write_request(const struct run *run, struct tool_request_text *ret, struct err *err)
{
	const struct graph_tool_call *call = run->call;
	const struct graph_tool *tool = call->tool->definition;

	if (!tool_request_write(tool->request, call->arguments, run->page, ret, err))
		return false;
	ret->request.scope = call->tool->scope;
	ret->request.once = tool->writes;
	ret->request.answer_max = ANSWER_BYTES_MAX;
	ret->request.not_found = tool->not_found;
	if (call->arguments->child) /* a value of theirs that only Graph can judge */
		ret->request.bad_request = NOT_TAKEN ".";
	return true;
}

static bool ask(const struct run *run, struct graph_answer *ret, struct err *err)
{
	struct tool_request_text text;
	bool good;

	if (!write_request(run, &text, err))
		return false;
	good = graph_send(run->graph, &text.request, run->errand, ret, err);
	if (!good)
		say_why(err);
	tool_request_text_done(&text);
	return good;
}

/* The file is at the same place, but for what its rules put behind that. */
static bool fetch(const struct run *run, const struct file_rules *rules, struct download *ret,
	struct err *err)
{
	struct tool_request_text text;
	bool good;

	if (!write_request(run, &text, err))
		return false;
	buf_adds(&text.path, rules->path);
	text.request.path = text.path.data;
	text.request.query = NULL;
	good = graph_download(run->graph, &text.request, run->errand, ret, err);
	if (!good)
		say_why(err);
	tool_request_text_done(&text);
	return good;
}

/* Puts the file, if there is one, behind what was picked of it. */
static bool add_file(
	const struct run *run, const struct file_rules *rules, struct buf *text, struct err *err)
{
	const struct file_found found = {.rules = rules,
		.picked = {text->data, text->len},
		.cursor = json_string(run->call->arguments, "cursor"),
		.bytes_max = (size_t)run->graph->config->result_bytes_max};
	bool wanted = file_result_wants(&found), good;
	struct download file;
	struct buf whole;

	if (wanted && !fetch(run, rules, &file, err))
		return false;
	buf_init(&whole);
	good = file_result_write(&found, wanted ? &file : NULL, &whole, err);
	if (wanted)
		download_done(&file);
	if (good) {
		buf_done(text);
		*text = whole;
	} else {
		buf_done(&whole);
	}
	return good;
}

static bool ask_and_write(const struct run *run, struct buf *ret, struct err *err)
{
	const struct tool_result_bounds bounds = {
		.page = run->page, .bytes_max = (size_t)run->graph->config->result_bytes_max};
	const struct tool_result *result = run->call->tool->definition->result;
	const struct file_rules *rules = tool_result_file(result);
	struct graph_answer answer;
	struct buf text;
	bool good;

	if (!ask(run, &answer, err))
		return false;
	buf_init(&text);
	good = tool_result_write(result, &answer, &bounds, &text, err) &&
	       (!rules || add_file(run, rules, &text, err));
	if (good)
		*ret = text;
	else
		buf_done(&text);
	graph_answer_done(&answer);
	return good;
}

bool graph_run_tool(void *context, const struct graph_tool_call *call, struct graph_errand *errand,
	struct buf *ret, struct err *err)
{
	const struct graph_tool *tool = call->tool->definition;
	const struct page_rules *rules = tool_result_pages(tool->result);
	struct page page = {0};
	struct run run = {context, call, errand, rules ? &page : NULL};
	bool good;

	if (!definition_allows(tool, call->arguments, err) ||
		(rules && !read_page(rules, call->arguments, &page, err)))
		return false;
	good = ask_and_write(&run, ret, err);
	page_done(&page);
	return good;
}
