/* The results that never change: printed once, served as those bytes. */
#include <stdlib.h>
#include <string.h>

#include "mcp/core.h"

/* How long clients may keep them.  The lists change only with a new version of this program, and
 * are the same for everybody. */
#define DISCOVER_TTL_MS 3600000
#define LIST_TTL_MS 300000

static void add_server_info(cJSON *object, const char *name, const struct mcp_options *options)
{
	cJSON *info = json_add_object(object, name);

	json_add(info, "name", options->name);
	json_add(info, "title", options->title);
	json_add(info, "version", options->version);
}

static void add_capabilities(cJSON *object)
{
	json_add_object(json_add_object(object, "capabilities"), "tools");
}

static void add_caching(cJSON *object, int64_t ttl_ms)
{
	json_add_number(object, "ttlMs", ttl_ms);
	json_add(object, "cacheScope", "public");
}

static char *print_meta(const struct mcp_options *options)
{
	autofree_json cJSON *meta = cJSON_CreateObject();

	add_server_info(meta, META_SERVER_INFO, options);
	return json_print(meta);
}

static char *print_discover(const struct mcp_options *options)
{
	autofree_json cJSON *result = cJSON_CreateObject();
	cJSON *versions;

	versions = json_add_array(result, "supportedVersions");
	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		cJSON_AddItemToArray(versions, cJSON_CreateString(mcp_versions[i]));
	add_capabilities(result);
	json_add(result, "instructions", options->instructions);
	add_caching(result, DISCOVER_TTL_MS);
	return json_print(result);
}

static char *print_initialize(const struct mcp_options *options, const char *version)
{
	autofree_json cJSON *result = cJSON_CreateObject();

	json_add(result, "protocolVersion", version);
	add_capabilities(result);
	add_server_info(result, "serverInfo", options);
	json_add(result, "instructions", options->instructions);
	return json_print(result);
}

static void print_lists(struct mcp_server *server, const struct tool *const *tools)
{
	autofree_json cJSON *list = tools_tree(tools, server->options.tool_count);

	server->list_legacy = json_print(list);
	add_caching(list, LIST_TTL_MS);
	server->list_modern = json_print(list);
}

void fixed_print(struct mcp_server *server)
{
	const struct mcp_options *options = &server->options;
	size_t count = options->tool_count;
	const struct tool **tools = xcalloc(count + 1, sizeof(struct tool *));

	for (size_t i = 0; i < count; i++)
		tools[i] = server->entries[i].tool;
	print_lists(server, tools);
	free(tools);
	server->discover = print_discover(options);
	server->result_meta = print_meta(options);
	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		server->initialize[i] = print_initialize(options, mcp_versions[i]);
}

void fixed_done(struct mcp_server *server)
{
	free(server->list_legacy);
	free(server->list_modern);
	free(server->discover);
	free(server->result_meta);
	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		free(server->initialize[i]);
}
