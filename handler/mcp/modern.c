/* The modern era: MCP 2026-07-28.  What a request must bring, in the order it is checked. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mcp/core.h"
#include "mcp/headers.h"

static bool check_meta(struct turn *turn)
{
	const cJSON *meta = era_meta(turn->rpc);

	if (json_string(meta, META_VERSION) &&
		cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(meta, META_CAPABILITIES)))
		return true;
	turn_error(turn, 400, RPC_INVALID_PARAMS,
		"params._meta must hold " META_VERSION " (a string) and " META_CAPABILITIES
		" (an object)",
		NULL);
	return false;
}

static bool mismatch(struct turn *turn, const char *header, const char *what)
{
	char message[192];

	snprintf(message, sizeof(message), "The header %.60s must be there and agree with %.60s",
		header, what);
	turn_error(turn, 400, RPC_HEADER_MISMATCH, message, NULL);
	return false;
}

static bool check_version(struct turn *turn)
{
	static const char HEADER[] = "MCP-Protocol-Version";
	const char *version = json_string(era_meta(turn->rpc), META_VERSION);

	if (turn->message->http && !header_equals(turn->message->http, HEADER, version))
		return mismatch(turn, HEADER, "the version in params._meta");
	if (!strcmp(version, MCP_VERSION_MODERN))
		return true;
	turn_unsupported(turn, (struct json_span){version, strlen(version)});
	return false;
}

/* The member of params that Mcp-Name repeats; NULL: the method has none. */
static const char *name_member(const char *method)
{
	if (!strcmp(method, "tools/call") || !strcmp(method, "prompts/get"))
		return "name";
	return strcmp(method, "resources/read") ? NULL : "uri";
}

static bool check_headers(struct turn *turn)
{
	const struct request *http = turn->message->http;
	const char *method = turn->rpc->method;
	const char *member = name_member(method);
	const char *name = member ? json_string(turn->rpc->params, member) : NULL;

	if (!http)
		return true;
	if (!header_equals(http, "Mcp-Method", method))
		return mismatch(turn, "Mcp-Method", "\"method\"");
	/* without a name in the body there is nothing to compare: the method says what is wrong */
	if (name && !header_decodes_to(http, "Mcp-Name", name))
		return mismatch(turn, "Mcp-Name", "the name or URI in params");
	return true;
}

static bool check_capability(struct turn *turn, const char *needed)
{
	const cJSON *declared = cJSON_GetObjectItemCaseSensitive(
		era_meta(turn->rpc), META_CAPABILITIES);
	cJSON *data;

	if (!needed || cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(declared, needed)))
		return true;
	data = or_die(cJSON_CreateObject());
	json_add_object(json_add_object(data, "requiredCapabilities"), needed);
	turn_error(turn, 400, RPC_MISSING_CAPABILITY,
		"The tool needs a capability that the client did not declare", data);
	return false;
}

static bool check_tool(struct turn *turn)
{
	const struct entry *entry = call_entry(turn);
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(turn->rpc->params, "arguments");
	const char *header = NULL;

	if (!entry)
		return true;
	if (!check_capability(turn, entry->tool->needs_capability))
		return false;
	if (turn->message->http)
		header = param_headers_differing(&entry->params, turn->message->http, arguments);
	return !header || mismatch(turn, header, "its argument");
}

static bool check_log_level(struct turn *turn)
{
	const cJSON *level = json_given(era_meta(turn->rpc), META_LOG_LEVEL);

	if (!level || (cJSON_IsString(level) &&
			      list_has("debug info notice warning error critical alert emergency",
				      ' ', level->valuestring)))
		return true;
	turn_error(turn, 400, RPC_INVALID_PARAMS,
		META_LOG_LEVEL " must be one of debug, info, notice, warning, error, critical, "
			       "alert, emergency",
		NULL);
	return false;
}

void modern_answer(struct turn *turn)
{
	const char *method = turn->rpc->method;

	if (!check_meta(turn) || !check_version(turn) || !check_headers(turn) ||
		!check_tool(turn) || !check_log_level(turn))
		return;
	if (!strcmp(method, "server/discover"))
		turn_result(turn, turn->server->discover);
	else if (!strcmp(method, "tools/list"))
		answer_list(turn, turn->server->list_modern);
	else if (!strcmp(method, "tools/call"))
		answer_call(turn);
	else
		turn_error(turn, 404, RPC_METHOD_NOT_FOUND, "Method not found", NULL);
}
