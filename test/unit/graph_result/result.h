/* What the tests of a tool's result share: a result is made of a definition and an answer. */
#ifndef UNIT_RESULT_H
#define UNIT_RESULT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tool_result.h"
#include "stage/support.h"

#define ROOM 32768

/* Ends the test for a definition with a mistake. */
static inline struct tool_result *result_defined(const char *definition)
{
	struct tool_problem problem = {.text = ""};
	autofree_json cJSON *tree = NULL;
	struct tool_result *result = NULL;
	autoerr(err);

	check(json_parse(definition, strlen(definition), &tree, &err), "%s", err.message);
	check(tool_result_read(tree, &result, &problem), "%s: %s", problem.place, problem.text);
	return result;
}

/* What a whole result must be: an object in one line, within its bounds. */
static inline void result_check(const char *text, size_t n, size_t bytes_max)
{
	bool nul;
	const char *flaw = json_flaw(text, n, &nul);

	check(!flaw, "%s %s", flaw, text);
	check(n <= bytes_max, "%zu bytes for %zu", n, bytes_max);
	check(*text == '{' && !strpbrk(text, "\r\n"), "%s", text);
}

/* The result as text, or the error's code; the caller frees it.  page NULL: not paged. */
static inline char *result_written(const struct tool_result *result, const char *answer,
	const struct page *page, size_t bytes_max)
{
	struct http_reply reply = reply_make(200, "", answer);
	struct tool_result_bounds bounds = {page, bytes_max};
	struct graph_answer read;
	struct buf out;
	autoerr(err);

	buf_init(&out);
	graph_answer_read(&reply, NOW_S, &read);
	if (tool_result_write(result, &read, &bounds, &out, &err))
		result_check(buf_text(&out), out.len, bytes_max);
	else
		buf_adds(&out, err_info(err.code)->slug);
	graph_answer_done(&read);
	http_reply_done(&reply);
	return out.data;
}

/* The same for a definition of that one use, its first page where it is paged. */
static inline char *result_of(const char *definition, const char *answer, size_t bytes_max)
{
	struct tool_result *result = result_defined(definition);
	const struct page_rules *rules = tool_result_pages(result);
	struct page page;
	char *ret;

	if (rules)
		page_first(rules, 0, &page);
	ret = result_written(result, answer, rules ? &page : NULL, bytes_max);
	tool_result_free(result);
	return ret;
}

#endif
