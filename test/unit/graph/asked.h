/* What a definition's request asks with a call's arguments, as text to compare.  In the JSON that
 * the tests give ` stands for ". */
#ifndef UNIT_GRAPH_ASKED_H
#define UNIT_GRAPH_ASKED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tool_request.h"
#include "stage/support.h"

static inline cJSON *asked_json(const char *text)
{
	autofree char *json = xstrdup(text);
	cJSON *tree = NULL;
	autoerr(err);

	for (char *p = json; *p; p++)
		*p = *p == '`' ? '"' : *p;
	if (!json_parse(json, strlen(json), &tree, &err))
		fail_msg("%s: %s", err_message(&err), json);
	return tree;
}

/* A request of {"arguments", "required", "request"}; NULL: it is wrong, and *ret_problem says how.
 */
static inline struct tool_request *asked_read(
	const char *tool, const struct page_rules *pages, struct tool_problem *ret_problem)
{
	autofree_json cJSON *tree = asked_json(tool);
	static struct tool_arguments arguments; /* of one request at a time, which needs them */
	struct tool_request_facts facts = {
		.arguments = &arguments, .select = "id,subject", .pages = pages};
	struct tool_request *request = NULL;

	tool_arguments_done(&arguments);
	memset(ret_problem, 0, sizeof(*ret_problem));
	if (tool_arguments_read(cJSON_GetObjectItemCaseSensitive(tree, "arguments"),
		    cJSON_GetObjectItemCaseSensitive(tree, "required"), &arguments, ret_problem))
		tool_request_read(cJSON_GetObjectItemCaseSensitive(tree, "request"), &facts,
			&request, ret_problem);
	return request;
}

/* The query's parameters, decoded, a line each. */
static inline void asked_add_query(const char *query, struct buf *out)
{
	check(!query[strspn(query, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789-._~%$=&")],
		"the query holds what is not encoded: %s", query);
	while (*query) {
		size_t n = strcspn(query, "&");

		buf_adds(out, "\n");
		check(buf_add_urldecoded(out, query, n, SIZE_MAX), "%s", query);
		query += n + (query[n] == '&');
	}
}

static inline void asked_add(const struct graph_request *request, struct buf *out)
{
	buf_addf(out, "%s %s", request->method, request->path);
	if (request->query)
		asked_add_query(request->query, out);
	for (size_t i = 0; i < GRAPH_REQUEST_HEADERS_MAX; i++) {
		const struct header *header = &request->headers[i];

		if (header->value)
			buf_addf(out, "\n%s: %s", header->name, header->value);
	}
	if (request->body && *request->body)
		buf_addf(out, "\n%s", request->body);
	check(!(request->body && *request->body) == !request->body_type, "a body has a type");
}

/* Method, path, parameters, headers and body, a line each, or what is wrong with the definition or
 * the arguments; the caller frees it. */
static inline char *asked_paged(const char *tool, const char *arguments,
	const struct page_rules *pages, const struct page *page)
{
	autofree_json cJSON *given = asked_json(arguments);
	struct tool_problem problem;
	struct tool_request *request = asked_read(tool, pages, &problem);
	struct tool_request_text text;
	struct buf out;
	autoerr(err);

	buf_init(&out);
	if (!request) {
		buf_addf(&out, "%s: %s", problem.place, problem.text);
	} else if (tool_request_write(request, given, page, &text, &err)) {
		if (text.request.path)
			asked_add(&text.request, &out);
		else
			buf_adds(&out, "nothing");
		tool_request_text_done(&text);
	} else {
		buf_addf(&out, "%d: %s", err_info(err.code)->status, err_message(&err));
	}
	tool_request_free(request);
	return out.data;
}

static inline char *asked(const char *tool, const char *arguments)
{
	return asked_paged(tool, arguments, NULL, NULL);
}

/* A tool's arguments, and what is asked then. */
struct asked_case {
	const char *arguments, *expected;
};

static inline void assert_asked(const char *tool, const struct asked_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autofree char *is = asked(tool, cases[i].arguments);

		check(!strcmp(is, cases[i].expected), "%s asks\n%s\nand not\n%s",
			cases[i].arguments, is, cases[i].expected);
	}
}
#define ASSERT_ASKED(tool, cases) assert_asked(tool, cases, COUNT_OF(cases))

#endif
