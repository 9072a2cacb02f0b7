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

void turn_open(const struct turn *turn, enum result_type type, struct buf *out)
{
	static const char *const MODERN[] = {
		[RESULT_COMPLETE] = "{\"resultType\":\"complete\",",
		[RESULT_INPUT_REQUIRED] = "{\"resultType\":\"input_required\",",
	};

	buf_init(out);
	buf_reserve(out, 500);
	rpc_open(out, turn->rpc->id, "result");
	buf_adds(out, turn->modern ? MODERN[type] : "{");
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

void turn_add_text(struct buf *out, const char *text)
{
	json_comma(out);
	buf_adds(out, "{\"type\":\"text\",\"text\":");
	json_quote(out, text);
	buf_adds(out, "}");
}

void turn_result(struct turn *turn, const char *object)
{
	size_t n = strlen(object);
	struct buf out;

	turn_open(turn, RESULT_COMPLETE, &out);
	buf_reserve(&out, n + 200); /* at once */
	buf_add(&out, object + 1, n - 2);
	turn_close(turn, &out);
}

void turn_error(struct turn *turn, int status, int code, const char *message, cJSON *data)
{
	enum err_code kind = code == RPC_INTERNAL_ERROR ? ERR_INTERNAL : ERR_BAD_REQUEST;

	set_body(turn->reply, status, rpc_error(turn->rpc->id, code, message, data));
	turn->reply->code = code;
	err_say(&turn->reply->err, kind, "%s", message);
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
