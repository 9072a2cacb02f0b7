/* The legacy era: 2024-11-05 to 2025-11-25, without a session. */
#include <string.h>

#include "mcp/core.h"

/* MCP 2025-11-25, "Lifecycle", version negotiation: the version asked for if we have it, else our
 * latest. */
static void answer_initialize(struct turn *turn)
{
	const char *version = json_string(turn->rpc->params, "protocolVersion");
	size_t i = MCP_VERSION_COUNT - 1;

	if (turn->in_batch) { /* MCP 2025-03-26, "Lifecycle" */
		turn_error(
			turn, 200, RPC_INVALID_REQUEST, "initialize must not be in a batch", NULL);
		return;
	}
	if (!version) {
		turn_error(turn, 200, RPC_INVALID_PARAMS, "params.protocolVersion must be a string",
			NULL);
		return;
	}
	while (i > 1 && strcmp(version, mcp_versions[i]) != 0)
		i--;
	turn_result(turn, turn->server->initialize[i]);
}

void legacy_answer(struct turn *turn)
{
	const char *method = turn->rpc->method;

	if (!strcmp(method, "initialize"))
		answer_initialize(turn);
	else if (!strcmp(method, "ping"))
		turn_result(turn, "{}");
	else if (!strcmp(method, "tools/list"))
		answer_list(turn, turn->server->list_legacy);
	else if (!strcmp(method, "tools/call"))
		answer_call(turn);
	else
		turn_error(turn, 200, RPC_METHOD_NOT_FOUND, "Method not found", NULL);
}
