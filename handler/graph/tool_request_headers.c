#include "graph/tool_request_headers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of every request of ours, of the connection, or of the body; with "*": and all that begin so. */
static bool is_reserved(const char *name)
{
	static const char *const NAMES[] = {"Authorization", "Host", "Content-*", "Accept",
		"User-Agent", "client-request-id", "traceparent", "tracestate", "Retry-Attempt",
		"Cookie", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer",
		"Upgrade", "Expect", "Proxy-*", "X-Forwarded-*", "Forwarded", "X-HTTP-Method*",
		"Accept-Encoding"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		size_t n = strcspn(NAMES[i], "*");

		if (!strncasecmp(name, NAMES[i], n) && (NAMES[i][n] == '*' || !name[n]))
			return true;
	}
	return false;
}

static bool name_fits(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

	return n && n <= 64 && !name[n] && !is_reserved(name);
}

/* One text is read as an array of one. */
static bool read_texts(
	const struct template_reader *reader, const cJSON *value, struct tool_node *ret)
{
	if (cJSON_IsArray(value))
		return tool_node_read_texts(reader, value, ret);
	ret->kind = NODE_ARRAY;
	ret->inner = xcalloc(1, sizeof(*ret->inner));
	ret->count = 1;
	return tool_node_read(reader, value, ret->inner);
}

static bool read_header(
	const struct template_reader *reader, const cJSON *value, struct tool_headers *ret)
{
	size_t i = ret->count;

	if (i == GRAPH_REQUEST_HEADERS_MAX)
		return tool_problem_set(reader->problem, "", "There are more than %d headers.",
			GRAPH_REQUEST_HEADERS_MAX);
	if (!name_fits(value->string))
		return tool_problem_set(
			reader->problem, "", "A header of this name is not a definition's to set.");
	for (size_t other = 0; other < i; other++) {
		if (!strcasecmp(ret->at[other].name, value->string))
			return tool_problem_set(reader->problem, "", "It is there twice.");
	}
	ret->at[ret->count++].name = xstrdup(value->string);
	return read_texts(reader, value, &ret->at[i].texts);
}

bool tool_headers_read(
	const struct template_reader *reader, const cJSON *headers, struct tool_headers *ret)
{
	const cJSON *value;

	*ret = (struct tool_headers){.count = 0};
	if (headers && !cJSON_IsObject(headers))
		return tool_problem_set(reader->problem, "", "This must be an object.");
	cJSON_ArrayForEach(value, headers)
	{
		if (!read_header(reader, value, ret))
			return tool_problem_within(reader->problem, value->string);
	}
	return true;
}

void tool_headers_done(struct tool_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		free(headers->at[i].name);
		tool_node_done(&headers->at[i].texts);
	}
	*headers = (struct tool_headers){.count = 0};
}

static bool write_header(const struct tool_node *texts, const struct tool_values *values,
	struct buf *out, struct err *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		const struct tool_node *text = tool_node_find(&texts->inner[i], values);

		if (!text)
			continue;
		buf_adds(out, out->len ? ", " : "");
		if (!template_write(&text->text, values, out, err))
			return false;
	}
	return true;
}

bool tool_headers_write(const struct tool_headers *headers, const struct tool_values *values,
	struct buf out[GRAPH_REQUEST_HEADERS_MAX], struct err *err)
{
	for (size_t i = 0; i < headers->count; i++) {
		if (!write_header(&headers->at[i].texts, values, &out[i], err))
			return false;
	}
	return true;
}
