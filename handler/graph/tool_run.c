#include "graph/tool_run.h"

#include <stdio.h>

#include "graph/fetch.h"
#include "graph/file_result.h"
#include "graph/mailbox.h"
#include "graph/search.h"

#define ANSWER_BYTES_MAX (4u << 20)

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
void graph_tool_say_why(struct err *err)
{
	const struct err_upstream *graph = err_upstream(err);

	if (err->code == ERR_BAD_REQUEST && *graph->code)
		snprintf(err->message, sizeof(err->message), GRAPH_TOOL_NOT_TAKEN ": %s.",
			graph->code);
}

/* Of the tool's requests those that the arguments ask for, in their order. */
struct sequence {
	struct tool_request_text texts[DEFINITION_REQUESTS_MAX];
	const char *done[DEFINITION_REQUESTS_MAX]; /* what has been done after each */
	size_t count;
};

static void end_sequence(struct sequence *sequence)
{
	for (size_t i = 0; i < sequence->count; i++)
		tool_request_text_done(&sequence->texts[i]);
}

static bool refuse_nothing(const struct graph_tool *tool, struct err *err)
{
	uint32_t when = 0;
	struct buf names;

	for (size_t i = 0; i < tool->request_count; i++)
		when |= tool_request_when(tool->requests[i]);
	buf_init(&names);
	for (size_t i = 0; i < tool->arguments->count; i++) {
		if (when & 1u << i)
			buf_addf(
				&names, "%s%s", names.len ? ", " : "", tool->arguments->at[i].name);
	}
	err_say(err, ERR_BAD_REQUEST, "There is nothing to do; give at least one of: %.200s.",
		buf_text(&names));
	buf_done(&names);
	return false;
}

/* All are written before any is sent: an argument that the last does not take stops the first. */
static bool write_sequence(const struct run *run, struct sequence *ret, struct err *err)
{
	const struct graph_tool *tool = run->call->tool->definition;

	ret->count = 0;
	for (size_t i = 0; i < tool->request_count; i++) {
		struct tool_request_text *text = &ret->texts[ret->count];

		if (!tool_request_write(
			    tool->requests[i], run->call->arguments, run->page, text, err)) {
			end_sequence(ret);
			return false;
		}
		if (text->request.path)
			ret->done[ret->count++] = tool_request_done(tool->requests[i]);
	}
	return ret->count || refuse_nothing(tool, err);
}

/* After a part was done the call must not be made again as a whole, as a 401 invites to. */
static void tell_part(const char *done, struct err *err)
{
	char after[sizeof(err->message)];

	snprintf(after, sizeof(after), "%s", err_message(err));
	err->code = ERR_OUTCOME_UNKNOWN;
	snprintf(err->message, sizeof(err->message), "%s Then: %.240s", done, after);
}

static void prepare(const struct run *run, struct graph_request *request)
{
	const struct graph_tool_call *call = run->call;
	const struct graph_tool *tool = call->tool->definition;

	request->scope = enabled_scope_of(call->tool, call->arguments);
	request->once = tool->writes;
	request->answer_max = ANSWER_BYTES_MAX;
	request->not_found = tool->not_found;
	if (enabled_names_mailbox(call->tool, call->arguments))
		request->elsewhere = MAILBOX_NOT_OPEN;
	if (call->arguments->child) /* a value of theirs that only Graph can judge */
		request->bad_request = GRAPH_TOOL_NOT_TAKEN ".";
}

static bool ask(const struct run *run, struct graph_request *request, struct graph_answer *ret,
	struct err *err)
{
	prepare(run, request);
	if (graph_send(run->graph, request, run->errand, ret, err))
		return true;
	graph_tool_say_why(err);
	definition_tell_unsure(run->call->tool->definition, err);
	return false;
}

/* *ret: the last answer. */
static bool ask_all(const struct run *run, struct graph_answer *ret, struct err *err)
{
	struct sequence sequence;
	bool good = write_sequence(run, &sequence, err);

	if (!good)
		return false;
	for (size_t i = 0; good && i < sequence.count; i++) {
		if (i)
			graph_answer_done(ret);
		good = ask(run, &sequence.texts[i].request, ret, err);
		if (!good && i)
			tell_part(sequence.done[i - 1], err);
	}
	end_sequence(&sequence);
	return good;
}

/* The file is at the same place, but for what its rules put behind that. */
static bool fetch(const struct run *run, const struct file_rules *rules, struct download *ret,
	struct err *err)
{
	const struct graph_tool *tool = run->call->tool->definition;
	struct tool_request_text text;
	bool good;

	if (!tool_request_write(*tool->requests, run->call->arguments, run->page, &text, err))
		return false;
	prepare(run, &text.request);
	buf_adds(&text.path, rules->path);
	text.request.path = text.path.data;
	text.request.query = NULL;
	good = graph_download(run->graph, &text.request, run->errand, ret, err);
	if (!good)
		graph_tool_say_why(err);
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
	const struct graph_tool *tool = run->call->tool->definition;
	const struct tool_result_bounds bounds = {
		.page = run->page, .bytes_max = (size_t)run->graph->config->result_bytes_max};
	const struct file_rules *rules = tool_result_file(tool->result);
	struct graph_answer answer;
	struct buf text;
	bool good;

	if (!ask_all(run, &answer, err))
		return false;
	buf_init(&text);
	good = tool_result_write(tool->result, &answer, &bounds, &text, err) &&
	       (!rules || add_file(run, rules, &text, err));
	if (!good && tool->writes) {
		err->code = ERR_OUTCOME_UNKNOWN;
		definition_tell_unsure(tool, err);
	}
	if (good)
		*ret = text;
	else
		buf_done(&text);
	graph_answer_done(&answer);
	return good;
}

bool graph_tool_check(const struct graph_tool_call *call, struct err *err)
{
	const struct run run = {.call = call};
	struct sequence sequence;

	if (!definition_allows(call->tool->definition, call->arguments, err) ||
		!write_sequence(&run, &sequence, err))
		return false;
	end_sequence(&sequence);
	return true;
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
	const struct page_rules *rules = tool_result_pages(tool->result);
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
