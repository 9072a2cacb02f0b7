#include "endpoints/endpoints.h"

#include <string.h>
#include <strings.h>

#include "base/version.h"
#include "endpoints/dispatch.h"

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
