/* The ends of a turn: result, error. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "mcp/core.h"

#define VERSION_ECHO_BYTES_MAX 64

static void set_body(struct mcp_reply *reply, int status, char *body)
{
	reply->status = status;
	reply->body = body;
	reply->body_len = strlen(body);
}

void turn_open(const struct turn *turn, struct buf *out)
{
	buf_init(out);
	buf_reserve(out, 500);
	rpc_open(out, turn->rpc->id, "result");
	buf_adds(out, turn->modern ? "{\"resultType\":\"complete\"," : "{");
}

void turn_close(struct turn *turn, struct buf *out)
{
	if (turn->modern) {
		buf_adds(out, ",\"_meta\":");
		buf_adds(out, turn->server->result_meta);
	}
	buf_adds(out, "}}");
	set_body(turn->reply, 200, out->data);
}

void turn_result(struct turn *turn, const char *result)
{
	set_body(turn->reply, 200, rpc_result(turn->rpc->id, result));
}

cJSON *turn_begin(const struct turn *turn, const char *result_type)
{
	cJSON *result = or_die(cJSON_CreateObject());

	if (turn->modern)
		json_add(result, "resultType", result_type);
	return result;
}

void turn_end(struct turn *turn, cJSON *result)
{
	autofree char *text = NULL;

	if (turn->modern)
		cJSON_AddItemToObject(
			result, "_meta", or_die(cJSON_CreateRaw(turn->server->result_meta)));
	text = json_print(result);
	cJSON_Delete(result);
	turn_result(turn, text);
}

void turn_error(struct turn *turn, int status, int code, const char *message, cJSON *data)
{
	enum err_code kind = code == RPC_INTERNAL_ERROR ? ERR_INTERNAL : ERR_BAD_REQUEST;

	set_body(turn->reply, status, rpc_error(turn->rpc->id, code, message, data));
	turn->reply->code = code;
	err_say(&turn->reply->err, kind, "%s", message);
}

void turn_add_text(cJSON *content, const char *text)
{
	cJSON *block = or_die(cJSON_CreateObject());

	json_add(block, "type", "text");
	json_add(block, "text", text);
	cJSON_AddItemToArray(content, block);
}

/* The bytes as a JSON string, cut between characters. */
static void add_requested(cJSON *data, struct json_span requested)
{
	size_t n = requested.len < VERSION_ECHO_BYTES_MAX ? requested.len : VERSION_ECHO_BYTES_MAX;
	autofree char *text = NULL;

	if (!utf8_valid(requested.text, requested.len)) /* a header may hold anything */
		n = 0;
	while (n && n < requested.len && ((unsigned char)requested.text[n] & 0xc0) == 0x80)
		n--;
	text = xstrndup(requested.text, n);
	json_add(data, "requested", text);
}

void turn_unsupported(struct turn *turn, struct json_span requested)
{
	cJSON *data = or_die(cJSON_CreateObject());
	cJSON *versions = json_add_array(data, "supported");

	for (size_t i = 0; i < MCP_VERSION_COUNT; i++)
		cJSON_AddItemToArray(versions, cJSON_CreateString(mcp_versions[i]));
	add_requested(data, requested);
	turn_error(turn, 400, RPC_UNSUPPORTED_VERSION, "Unsupported protocol version", data);
}
