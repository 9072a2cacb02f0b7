#include "mcp/protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mcp/headers.h"
#include "mcp/tool_call.h"
#include "mcp/turn.h"

/* Names of the modern era's _meta members (MCP 2026-07-28, "General fields: _meta"). */
#define META_VERSION "io.modelcontextprotocol/protocolVersion"
#define META_LOG_LEVEL "io.modelcontextprotocol/logLevel"
#define META_SERVER_INFO "io.modelcontextprotocol/serverInfo"

#define VERSION_ECHO_BYTES_MAX 64

/* How long clients may keep them.  The lists change only when this program is started anew, and
 * are the same for everybody. */
#define DISCOVER_TTL_MS 3600000
#define LIST_TTL_MS 300000

/* Newest first; the first is the modern one, which initialize does not give. */
static const char *const VERSIONS[MCP_VERSION_COUNT] = {
	MCP_VERSION_MODERN, MCP_VERSION_LEGACY, "2025-06-18", MCP_VERSION_BATCHES, "2024-11-05"};

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

	json_add_strings(result, "supportedVersions", VERSIONS, MCP_VERSION_COUNT);
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

static void print_lists(struct mcp_server *server)
{
	autofree_json cJSON *list = tool_list_tree(&server->tools);

	server->list_legacy = json_print(list);
	add_caching(list, LIST_TTL_MS);
	server->list_modern = json_print(list);
}

void protocol_print(struct mcp_server *server)
{
	const struct mcp_options *options = &server->options;

	print_lists(server);
	server->discover = print_discover(options);
	server->result_meta = print_meta(options);
	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		server->initialize[i] = print_initialize(options, VERSIONS[i]);
}

void protocol_done(struct mcp_server *server)
{
	free(server->list_legacy);
	free(server->list_modern);
	free(server->discover);
	free(server->result_meta);
	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		free(server->initialize[i]);
}

static bool is(struct json_span version, const char *text)
{
	return version.len == strlen(text) && !memcmp(version.text, text, version.len);
}

/* Whether a version is one of ours from VERSIONS[first] on. */
static bool is_version(struct json_span version, size_t first)
{
	for (size_t i = first; i < MCP_VERSION_COUNT; i++) {
		if (is(version, VERSIONS[i]))
			return true;
	}
	return false;
}

bool protocol_claims_modern(const struct rpc_message *rpc)
{
	return json_given(rpc_meta(rpc), META_VERSION);
}

enum version_header { HEADER_NONE, HEADER_LEGACY, HEADER_MODERN, HEADER_UNKNOWN };

/* Which era the MCP-Protocol-Version header names; copies that differ name none that is known.
 * *ret: its value. */
static enum version_header version_header(const struct mcp_message *message, struct json_span *ret)
{
	static const char NAME[] = "MCP-Protocol-Version";

	*ret = (struct json_span){"", 0};
	if (!message->http || !request_header_count(message->http, NAME))
		return HEADER_NONE;
	if (!header_single(message->http, NAME, ret) || !is_version(*ret, 0))
		return HEADER_UNKNOWN;
	return is_version(*ret, 1) ? HEADER_LEGACY : HEADER_MODERN;
}

bool protocol_has_batches(const struct mcp_message *message)
{
	struct json_span version;
	enum version_header header = version_header(message, &version);

	return header == HEADER_NONE || is(version, MCP_VERSION_BATCHES);
}

/* The bytes as a JSON string, cut between characters. */
static void add_requested(cJSON *data, struct json_span requested)
{
	bool good = utf8_valid(requested.text, requested.len); /* a header may hold anything */
	size_t n = utf8_fitting(requested.text, requested.len, VERSION_ECHO_BYTES_MAX);
	autofree char *text = xstrndup(requested.text, good ? n : 0);

	json_add(data, "requested", text);
}

/* -32022: which versions there are, and which one was asked for. */
static void refuse_version(struct turn *turn, struct json_span requested)
{
	cJSON *data = or_die(cJSON_CreateObject());

	json_add_strings(data, "supported", VERSIONS, MCP_VERSION_COUNT);
	add_requested(data, requested);
	turn_error(turn, 400, RPC_UNSUPPORTED_VERSION, "Unsupported protocol version", data);
}

bool protocol_check_header(struct turn *turn)
{
	struct json_span version;

	if (version_header(turn->message, &version) != HEADER_UNKNOWN)
		return true;
	refuse_version(turn, version);
	return false;
}

/* Whether a request is to be answered in the modern era. */
static bool is_modern(const struct mcp_message *message, const struct rpc_message *rpc)
{
	struct json_span version;
	enum version_header header;

	if (protocol_claims_modern(rpc))
		return true;
	if (!strcmp(rpc->method, "initialize"))
		return false; /* some clients send the header with it, whatever it says */
	if (!message->http)
		return !strcmp(rpc->method, "server/discover");
	header = version_header(message, &version);
	return header == HEADER_MODERN || header == HEADER_UNKNOWN;
}

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
	while (i > 1 && strcmp(version, VERSIONS[i]) != 0)
		i--;
	turn_result(turn, turn->server->initialize[i]);
}

static void answer_list(struct turn *turn, const char *list)
{
	/* We never gave one out: there is one page. */
	if (json_given(turn->rpc->params, "cursor"))
		turn_error(turn, 200, RPC_INVALID_PARAMS, "Unknown cursor", NULL);
	else
		turn_result(turn, list);
}

static void answer_legacy(struct turn *turn)
{
	const char *method = turn->rpc->method;

	if (!strcmp(method, "initialize"))
		answer_initialize(turn);
	else if (!strcmp(method, "ping"))
		turn_result(turn, "{}");
	else if (!strcmp(method, "tools/list"))
		answer_list(turn, turn->server->list_legacy);
	else if (!strcmp(method, "tools/call"))
		tool_call_answer(turn);
	else
		turn_error(turn, 200, RPC_METHOD_NOT_FOUND, "Method not found", NULL);
}

static bool check_meta(struct turn *turn)
{
	const cJSON *meta = rpc_meta(turn->rpc);

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
	const char *version = json_string(rpc_meta(turn->rpc), META_VERSION);

	if (turn->message->http && !header_equals(turn->message->http, HEADER, version))
		return mismatch(turn, HEADER, "the version in params._meta");
	if (!strcmp(version, MCP_VERSION_MODERN))
		return true;
	refuse_version(turn, (struct json_span){version, strlen(version)});
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
	cJSON *data;

	if (!needed ||
		cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(turn_capabilities(turn), needed)))
		return true;
	data = or_die(cJSON_CreateObject());
	json_add_object(json_add_object(data, "requiredCapabilities"), needed);
	turn_error(turn, 400, RPC_MISSING_CAPABILITY,
		"The tool needs a capability that the client did not declare", data);
	return false;
}

static bool check_tool(struct turn *turn)
{
	const struct listed_tool *called = tool_called(turn);
	const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(turn->rpc->params, "arguments");
	const char *header = NULL;

	if (!called)
		return true;
	if (!check_capability(turn, called->tool->needs_capability))
		return false;
	if (turn->message->http)
		header = param_headers_differing(&called->params, turn->message->http, arguments);
	return !header || mismatch(turn, header, "its argument");
}

static bool check_log_level(struct turn *turn)
{
	const cJSON *level = json_given(rpc_meta(turn->rpc), META_LOG_LEVEL);

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

static void answer_modern(struct turn *turn)
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
		tool_call_answer(turn);
	else
		turn_error(turn, 404, RPC_METHOD_NOT_FOUND, "Method not found", NULL);
}

void protocol_answer(struct turn *turn)
{
	turn->modern = !turn->in_batch && is_modern(turn->message, turn->rpc);
	turn->reply->era = turn->modern ? "modern" : "legacy";
	if (turn->modern)
		answer_modern(turn);
	else
		answer_legacy(turn);
}
