#include "endpoints/endpoints.h"

const struct endpoint endpoints[] = {
	{"echo", "GET POST PUT", AUTH_NONE, .tool = &tool_echo, .run = endpoint_echo,
		.raw = echo_raw},
	{"hello", "GET POST", AUTH_NONE, .tool = &tool_hello, .read = hello_read,
		.run = endpoint_hello},
	{"mcp", "POST", AUTH_MCP, .raw = endpoint_mcp, .spared = mcp_spared},
	{"me", "GET", AUTH_USER, .tool = &tool_me, .read = me_read, .run = endpoint_me,
		.to_blocks = me_to_blocks, .accepts_graph_token = true},
	{"metadata", "GET", AUTH_NONE, .raw = endpoint_metadata, .any_origin = true,
		.below = "/.well-known/"},
	{"oauth", "GET POST", AUTH_NONE, .raw = endpoint_oauth, .refuse = oauth_refuse,
		.below = "/oauth/"},
	{"status", "GET", AUTH_OPTIONAL, .tool = &tool_status, .read = status_read,
		.run = endpoint_status, .spared = status_spared},
	{"tools", "GET", AUTH_NONE, .tool = &tool_tools, .run = endpoint_tools},
};
const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
