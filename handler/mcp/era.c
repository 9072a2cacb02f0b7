#include <string.h>

#include "mcp/core.h"
#include "mcp/headers.h"

const char *const mcp_versions[MCP_VERSION_COUNT] = {
	MCP_VERSION_MODERN, MCP_VERSION_LEGACY, "2025-06-18", MCP_VERSION_BATCHES, "2024-11-05"};

bool era_version_known(struct json_span version, size_t first)
{
	for (size_t i = first; i < MCP_VERSION_COUNT; i++) {
		if (strlen(mcp_versions[i]) == version.len &&
			!memcmp(mcp_versions[i], version.text, version.len))
			return true;
	}
	return false;
}

const cJSON *era_meta(const struct rpc_message *rpc)
{
	return cJSON_GetObjectItemCaseSensitive(rpc->params, "_meta");
}

bool era_claims_modern(const struct rpc_message *rpc)
{
	return json_given(era_meta(rpc), META_VERSION);
}

enum era_header era_header(const struct mcp_message *message, struct json_span *ret)
{
	static const char NAME[] = "MCP-Protocol-Version";

	*ret = (struct json_span){"", 0};
	if (!message->http || !request_header_count(message->http, NAME))
		return ERA_HEADER_NONE;
	if (!header_single(message->http, NAME, ret) || !era_version_known(*ret, 0))
		return ERA_HEADER_UNKNOWN;
	return era_version_known(*ret, 1) ? ERA_HEADER_LEGACY : ERA_HEADER_MODERN;
}

bool era_is_modern(const struct mcp_message *message, const struct rpc_message *rpc)
{
	struct json_span version;
	enum era_header header;

	if (era_claims_modern(rpc))
		return true;
	if (!strcmp(rpc->method, "initialize"))
		return false; /* some clients send the header with it, whatever it says */
	if (!message->http)
		return !strcmp(rpc->method, "server/discover");
	header = era_header(message, &version);
	return header == ERA_HEADER_MODERN || header == ERA_HEADER_UNKNOWN;
}
