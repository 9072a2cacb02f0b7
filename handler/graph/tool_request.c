#include "graph/tool_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "graph/mailbox.h"
#include "graph/tool_request_body.h"
#include "graph/tool_request_headers.h"
#include "graph/tool_request_query.h"

#define ADDRESS_MAX 8000 /* bytes of path and query; what lies before Graph takes little more */
#define MEMBERS "when unless done method path query headers body"
#define DONE_BYTES_MAX 60

struct tool_request {
	const struct tool_arguments *arguments;
	char *done;
	const char *method;    /* a constant */
	struct tool_node path; /* with the request's own when and unless */
	struct tool_query query;
	struct tool_headers headers;
	struct tool_node body;
	bool has_body;
	bool bodiless; /* its method has none; others say that theirs is empty (RFC 9110 §8.6) */
};

static bool read_method(
	const cJSON *request, struct tool_request *ret, struct tool_problem *problem)
{
	static const char *const METHODS[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
	const cJSON *method = cJSON_GetObjectItemCaseSensitive(request, "method");
	const char *name = method ? cJSON_GetStringValue(method) : "GET";

	for (size_t i = 0; name && i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
		if (!strcmp(METHODS[i], name))
			ret->method = METHODS[i];
	}
	ret->bodiless = text_is(ret->method, "GET") || text_is(ret->method, "DELETE");
	return ret->method ||
	       tool_problem_set(problem, "method", "This must be GET, POST, PATCH, PUT or DELETE.");
}

static bool read_path(
	const struct template_reader *reader, const cJSON *path, struct tool_request *ret)
{
	return tool_node_read(reader, path, &ret->path) &&
	       (!ret->arguments->mailbox || tool_node_begins(&ret->path, MAILBOX_OWN) ||
		       tool_problem_set(reader->problem, "",
			       "With shared every path begins with " MAILBOX_OWN "."));
}

static bool read_done(const cJSON *request, struct tool_request *ret, struct tool_problem *problem)
{
	const cJSON *done = cJSON_GetObjectItemCaseSensitive(request, "done");

	if (!done)
		return true;
	ret->done = xstrdup_if(cJSON_GetStringValue(done));
	return (ret->done && *ret->done && strlen(ret->done) <= DONE_BYTES_MAX &&
		       !utf8_has_control(ret->done)) ||
	       tool_problem_set(problem, "done", "This must be a sentence of at most %d bytes.",
		       DONE_BYTES_MAX);
}

static bool read_body(struct template_reader *reader, const cJSON *body, struct tool_request *ret)
{
	reader->ground = GROUND_BODY;
	if (!body)
		return true;
	if (!strcmp(ret->method, "GET"))
		return tool_problem_set(reader->problem, "body", "A GET has no body.");
	ret->has_body = true;
	return tool_node_read(reader, body, &ret->body) ||
	       tool_problem_within(reader->problem, "body");
}

static bool read_parts(const cJSON *request, const struct tool_request_facts *facts,
	struct tool_request *ret, struct tool_problem *problem)
{
	struct template_reader reader = {ret->arguments, GROUND_PATH, problem};

	if (!read_path(&reader, cJSON_GetObjectItemCaseSensitive(request, "path"), ret))
		return tool_problem_within(problem, "path");
	if (!tool_node_read_conditions(&reader, request, &ret->path))
		return false;
	reader.ground = GROUND_QUERY;
	if (!tool_query_read(&reader, cJSON_GetObjectItemCaseSensitive(request, "query"), facts,
		    &ret->query))
		return tool_problem_within(problem, "query");
	reader.ground = GROUND_HEADER;
	if (!tool_headers_read(
		    &reader, cJSON_GetObjectItemCaseSensitive(request, "headers"), &ret->headers))
		return tool_problem_within(problem, "headers");
	return read_body(&reader, cJSON_GetObjectItemCaseSensitive(request, "body"), ret);
}

bool tool_request_read(const cJSON *request, const struct tool_request_facts *facts,
	struct tool_request **ret, struct tool_problem *problem)
{
	struct tool_request *made = xcalloc(1, sizeof(*made));

	made->arguments = facts->arguments;
	if (tool_problem_free_of_others(request, MEMBERS, problem) &&
		read_done(request, made, problem) && read_method(request, made, problem) &&
		read_parts(request, facts, made, problem)) {
		*ret = made;
		return true;
	}
	tool_request_free(made);
	return false;
}

void tool_request_free(struct tool_request *request)
{
	if (!request)
		return;
	free(request->done);
	tool_node_done(&request->path);
	tool_query_done(&request->query);
	tool_headers_done(&request->headers);
	tool_node_done(&request->body);
	free(request);
}

uint32_t tool_request_when(const struct tool_request *request)
{
	return request->path.when;
}

const char *tool_request_done(const struct tool_request *request)
{
	return request->done;
}

static bool write_path(const struct tool_node *path, const struct tool_values *values,
	struct buf *out, struct err *err)
{
	struct buf own;
	bool good;

	buf_init(&own);
	good = template_write(&path->text, values, &own, err);
	if (good) {
		buf_adds(out, "/v1.0");
		mailbox_add_path(values->mailbox, own.data, out);
	}
	buf_done(&own);
	return good;
}

static bool write_address(const struct tool_request *request, const struct tool_values *values,
	const struct page *page, struct tool_request_text *text, struct err *err)
{
	if (!write_path(tool_node_find(&request->path, values), values, &text->path, err) ||
		!tool_query_write(&request->query, values, page, &text->query, err))
		return false;
	return text->path.len + text->query.len + 1 <= ADDRESS_MAX ||
	       err_say(err, ERR_BAD_REQUEST,
		       "The arguments are too long: with them the request's address is longer than "
		       "%d bytes.",
		       ADDRESS_MAX);
}

static bool write_parts(const struct tool_request *request, const struct tool_values *values,
	const struct page *page, struct tool_request_text *text, struct err *err)
{
	return write_address(request, values, page, text, err) &&
	       tool_headers_write(&request->headers, values, text->headers, err) &&
	       (!request->has_body || tool_body_write(&request->body, values, &text->body, err));
}

/* Points the request to the texts, which stay where they are from here on. */
static void point(const struct tool_request *request, struct tool_request_text *text)
{
	struct graph_request *made = &text->request;

	made->method = request->method;
	made->path = text->path.data;
	made->query = text->query.len ? text->query.data : NULL;
	for (size_t i = 0; i < request->headers.count; i++)
		made->headers[i] = (struct header){
			request->headers.at[i].name, text->headers[i].data};
	made->body = text->body.len ? text->body.data : request->bodiless ? NULL : "";
	made->body_type = text->body.len ? "application/json" : NULL;
}

bool tool_request_write(const struct tool_request *request, const cJSON *arguments,
	const struct page *page, struct tool_request_text *ret, struct err *err)
{
	struct tool_request_text text = {.request = {.method = NULL}};
	struct tool_values values;

	if (!tool_values_read(request->arguments, arguments, &values, err))
		return false;
	if (tool_node_find(&request->path, &values)) {
		if (!write_parts(request, &values, page, &text, err)) {
			tool_request_text_done(&text);
			return false;
		}
		point(request, &text);
	}
	*ret = text;
	return true;
}

void tool_request_text_done(struct tool_request_text *text)
{
	buf_done(&text->path);
	buf_done(&text->query);
	for (size_t i = 0; i < GRAPH_REQUEST_HEADERS_MAX; i++)
		buf_done(&text->headers[i]);
	buf_done(&text->body);
}
