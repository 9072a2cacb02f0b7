#include "endpoints/endpoints.h"

const struct tool tool_tools = {
	.name = "tools",
	.title = "List the tools",
	.description =
		"Returns this server's tools with their input and output schemas. Use it when "
		"the client's own tool list is not at hand. Changes nothing.",
	.input_schema = TOOL_NO_ARGUMENTS,
	.output_schema =
		"{\"type\":\"object\",\"properties\":{\"tools\":{\"type\":\"array\","
		"\"description\":"
		"\"One entry per tool\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"name\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
		"\"description\":{\"type\":\"string\"},\"inputSchema\":{\"type\":\"object\"},"
		"\"outputSchema\":{\"type\":\"object\"},\"annotations\":{\"type\":\"object\"}},"
		"\"required\":[\"name\",\"title\",\"description\",\"inputSchema\",\"outputSchema\","
		"\"annotations\"]}}},\"required\":[\"tools\"],\"additionalProperties\":false}",
};

bool endpoint_tools(struct call *call, struct err *err)
{
	size_t n;
	const char *list = mcp_tools_text(call->service->mcp, &n);

	(void)err;
	outcome_fixed(&call->outcome, list, n);
	return true;
}
