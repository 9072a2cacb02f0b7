/* A definition of a Graph tool and, behind a NUL, a call's arguments: a mistake is told, and what
 * is asked of Graph are requests to the paths that the definition names. */
#include <assert.h>

#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"
#include "graph/definition.h"

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

static size_t count_of(const char *text, char c)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* As many segments as the definition has, each one that no reader takes away. */
static void check_path(const char *path, const char *defined)
{
	assert(!strncmp(path, "/v1.0/", 6));
	assert(!path[strspn(path, UNRESERVED "!$&'()*+,;=:@/%")]);
	assert(!defined || count_of(path, '/') == count_of(defined, '/') + 1);
	for (const char *at = path; *at == '/'; at += 1 + strcspn(at + 1, "/")) {
		size_t n = strcspn(at + 1, "/");

		assert(n && strncmp(at + 1, "..", n <= 2 ? n : 3) != 0);
	}
}

/* No more parameters than the definition has and a page brings. */
static void check_query(const char *query, const cJSON *defined)
{
	size_t most = (size_t)cJSON_GetArraySize(defined) + 2;

	assert(!query[strspn(query, UNRESERVED "$&=%")]);
	assert(count_of(query, '=') <= most && count_of(query, '&') < most);
}

static void check_request(const struct graph_request *made, const cJSON *defined)
{
	bool nul;

	check_path(made->path, json_string(defined, "path"));
	if (made->query)
		check_query(made->query, cJSON_GetObjectItemCaseSensitive(defined, "query"));
	for (size_t i = 0; i < GRAPH_REQUEST_HEADERS_MAX; i++) {
		for (const char *p = made->headers[i].value; p && *p; p++)
			assert(*p >= ' ' && *p <= '~');
	}
	assert(!made->body || !json_flaw(made->body, strlen(made->body), &nul));
	assert((made->body && *made->body) == (made->body_type != NULL));
}

static const cJSON *request_of(const cJSON *definition, size_t i)
{
	const cJSON *request = cJSON_GetObjectItemCaseSensitive(definition, "request");

	return cJSON_IsArray(request) ? cJSON_GetArrayItem(request, (int)i) : request;
}

static void check_call(const struct graph_tool *tool, const cJSON *definition, const char *text)
{
	struct page page = {.by = PAGE_SKIPTOKEN, .at = xstrdup("a&b"), .size = 10};
	autofree_json cJSON *given = NULL;
	const cJSON *arguments;
	struct tool_request_text made;
	autoerr(err);

	json_parse(text, strlen(text), &given, &err);
	arguments = cJSON_IsObject(given) ? given : NULL;
	if (!definition_allows(tool, arguments, &err))
		assert(err.code == ERR_BAD_REQUEST && *err.message);
	for (size_t i = 0; i < tool->request_count; i++) {
		if (!tool_request_write(tool->requests[i], arguments, &page, &made, &err)) {
			assert(err.code == ERR_BAD_REQUEST &&
				utf8_valid(err.message, strlen(err.message)));
			continue;
		}
		if (made.request.path)
			check_request(&made.request, request_of(definition, i));
		tool_request_text_done(&made);
	}
	page_done(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	size_t n = strlen(text);
	struct tool_problem problem = {.text = ""};
	struct graph_tool tool;
	cJSON *definition = NULL;
	autoerr(err);

	if (json_parse(text, n, &definition, &err)) {
		if (definition_read(definition, "set", &tool, &problem)) {
			check_call(&tool, definition, n < size ? text + n + 1 : "");
			definition_done(&tool);
		} else {
			assert(*problem.text);
		}
	}
	cJSON_Delete(definition);
	free(text);
	return 0;
}
