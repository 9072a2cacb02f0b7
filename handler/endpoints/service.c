#include "endpoints/service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/version.h"

const struct endpoint *service_find(const struct service *service, const char *path)
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
	for (size_t i = 0; i < service->row_count; i++) {
		const char *name = service->rows[i].name;

		if (strlen(name) == n && !strncasecmp(name, path, n))
			return &service->rows[i];
	}
	return NULL;
}

struct row_state *service_row(struct service *service, const struct endpoint *endpoint)
{
	return &service->row_states[endpoint - service->rows];
}

static const char INSTRUCTIONS[] =
	"Reads Microsoft Graph for the signed-in user. Call me for the user's profile, status to "
	"find out why a call fails. Every tool only reads.";

static struct row_state *make_row_states(const struct service *service)
{
	struct row_state *states = xcalloc(service->row_count + 1, sizeof(*states));

	for (size_t i = 0; i < service->row_count; i++) {
		const struct tool *tool = service->rows[i].tool;

		if (tool)
			states[i].arguments = mcp_input_schema(service->mcp, tool);
	}
	return states;
}

void service_start(struct service *service, tool_runner run_tool)
{
	const struct tool **tools = xcalloc(service->row_count + 1, sizeof(struct tool *));
	struct mcp_options options = {.name = SERVICE_NAME,
		.title = SERVICE_TITLE,
		.version = SERVICE_VERSION,
		.instructions = INSTRUCTIONS,
		.tools = tools,
		.run = run_tool,
		.context = service};

	for (size_t i = 0; i < service->row_count; i++) {
		if (service->rows[i].tool)
			tools[options.tool_count++] = service->rows[i].tool;
	}
	service->mcp = mcp_new(&options);
	free(tools);
	service->row_states = make_row_states(service);
	if (service->state != SERVICE_NOT_CONFIGURED)
		service->metadata = metadata_new(service->config);
}

void service_stop(struct service *service)
{
	mcp_free(service->mcp);
	metadata_free(service->metadata);
	free(service->row_states);
}
