#include "endpoints/endpoints.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/version.h"
#include "endpoints/dispatch.h"

const struct endpoint endpoints[] = {
	{"echo", "GET POST PUT", AUTH_NONE, .tool = &tool_echo, .run = endpoint_echo},
	{"hello", "GET POST", AUTH_NONE, .tool = &tool_hello, .read = hello_read,
		.run = endpoint_hello},
	{"mcp", "POST", AUTH_MCP, .run = endpoint_mcp},
	{"me", "GET", AUTH_USER, .accepts_graph_token = true, .tool = &tool_me, .read = me_read,
		.run = endpoint_me},
	{"metadata", "GET", AUTH_NONE, .any_origin = true, .run = endpoint_metadata},
	{"status", "GET", AUTH_OPTIONAL, .tool = &tool_status, .read = status_read,
		.run = endpoint_status},
	{"tools", "GET", AUTH_NONE, .tool = &tool_tools, .run = endpoint_tools},
};
const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
static_assert(sizeof(endpoints) / sizeof(endpoints[0]) <= ENDPOINTS_MAX, "room for a counter each");

const struct endpoint *endpoint_find(const char *path)
{
	size_t n;

	if (!strncasecmp(path, "/api/", 5))
		path += 4;
	if (!strncmp(path, METADATA_PATH, strlen(METADATA_PATH)))
		path = "/metadata";
	path += *path == '/';
	n = strlen(path);
	if (n && path[n - 1] == '/')
		n--;
	for (size_t i = 0; i < endpoint_count; i++) {
		if (strlen(endpoints[i].name) == n && !strncasecmp(endpoints[i].name, path, n))
			return &endpoints[i];
	}
	return NULL;
}

static const char INSTRUCTIONS[] =
	"Reads Microsoft Graph for the signed-in user. Call me for the user's profile, status to "
	"find out why a call fails. Every tool only reads.";

void endpoints_start(struct service *service)
{
	const struct tool *tools[ENDPOINTS_MAX];
	struct mcp_options options = {.name = SERVICE_NAME,
		.title = SERVICE_TITLE,
		.version = SERVICE_VERSION,
		.instructions = INSTRUCTIONS,
		.tools = tools,
		.run = mcp_run_tool,
		.context = service};

	for (size_t i = 0; i < endpoint_count; i++) {
		if (!endpoints[i].tool)
			continue;
		tools[options.tool_count++] = endpoints[i].tool;
		service->arguments[i] = schema_new(endpoints[i].tool->input_schema);
	}
	service->mcp = mcp_new(&options);
	if (service->rules)
		service->metadata = metadata_new(service->config);
}

void endpoints_stop(struct service *service)
{
	mcp_free(service->mcp);
	metadata_free(service->metadata);
	for (size_t i = 0; i < endpoint_count; i++)
		schema_free(service->arguments[i]);
}
