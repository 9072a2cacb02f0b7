#include "endpoints/service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/version.h"

#define SPARE_THREADS 8
#define WAIT_PART 10 /* of its time a call may wait for its turn: it needs the rest */

/* Whether the n bytes of a path are the row's. */
static bool is_of(const struct endpoint *row, const char *path, size_t n)
{
	if (row->below && !strncasecmp(row->below, path, strlen(row->below)))
		return true;
	path += *path == '/';
	n -= n > 0;
	return strlen(row->name) == n && !strncasecmp(row->name, path, n);
}

const struct endpoint *service_find(const struct service *service, const char *path)
{
	size_t n;

	path = path_without_prefix(path);
	n = strlen(path);
	if (n && path[n - 1] == '/')
		n--;
	for (size_t i = 0; i < service->row_count; i++) {
		if (is_of(&service->rows[i], path, n))
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

static struct admission *make_admission(const struct config *config)
{
	const struct admission_limits limits = {.places = config->server_threads,
		.waiting = config->calls_waiting_max,
		.wait_ms = config->graph_deadline_ms / WAIT_PART,
		.of_one_caller = config->calls_per_caller_max};

	return admission_new(&limits);
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
	service->admission = make_admission(service->config);
	if (service->state != SERVICE_NOT_CONFIGURED)
		service->metadata = metadata_new(service->config, service->sign_in.door);
}

int service_threads(const struct service *service)
{
	return (int)service->config->server_threads + (int)service->config->calls_waiting_max +
	       SPARE_THREADS;
}

void service_stop(struct service *service)
{
	mcp_free(service->mcp);
	metadata_free(service->metadata);
	free(service->row_states);
	admission_free(service->admission);
}
