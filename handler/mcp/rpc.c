#include "mcp/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static bool fault(struct rpc_message *message, int code, const char *why)
{
	message->fault = code;
	snprintf(message->why, sizeof(message->why), "%s", why);
	return false;
}

/* JSON-RPC 2.0 §4 allows fractions too and advises against them; MCP does not have them. */
static bool is_id(struct json_span token)
{
	size_t digits = token.len;
	const char *p = token.text;

	if (*p == '"')
		return true;
	if (*p == '-') {
		p++;
		digits--;
	}
	return digits && strspn(p, "0123456789") >= digits;
}

/* Takes an id's token out of the (own, writable) text, leaving a number of the same length: the
 * tree need not hold what cJSON cannot. */
static char *take_token(char *text, const char *name, struct json_span within)
{
	struct json_span token;
	char *taken, *place;

	if (!json_find(within, name, &token) || !is_id(token))
		return NULL;
	taken = xstrndup(token.text, token.len);
	place = text + (token.text - text);
	memset(place, ' ', token.len);
	*place = '0';
	return taken;
}

static void take_tokens(struct rpc_message *message, char *text, size_t n)
{
	static const char CANCELLED[] = "\"notifications/cancelled\"";
	struct json_span whole = {text, n}, method, params;

	message->id = take_token(text, "id", whole);
	if (json_find(whole, "method", &method) && *method.text == '"' &&
		json_same_string(method, (struct json_span){CANCELLED, sizeof(CANCELLED) - 1}) &&
		json_find(whole, "params", &params))
		message->cancels = take_token(text, "requestId", params);
}

/* nul: json_flaw found a U+0000, perhaps in what was taken out since. */
static bool read_tree(struct rpc_message *message, const char *text, size_t n, bool nul)
{
	struct err err;
	int ids = 0;
	const cJSON *item;

	if (!(nul ? json_parse : json_parse_checked)(text, n, &message->tree, &err))
		return fault(message, RPC_INVALID_REQUEST, err.message);
	cJSON_ArrayForEach(item, message->tree)
	{
		ids += !strcmp(item->string, "id");
	}
	if (ids > 1) { /* nobody can say which one the client waits for */
		free(message->id);
		message->id = NULL;
	}
	if (json_has_twins(message->tree))
		return fault(message, RPC_INVALID_REQUEST,
			"An object in the message holds the same name twice.");
	return true;
}

static bool read_shape(struct rpc_message *message)
{
	const cJSON *tree = message->tree;
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(tree, "params");
	const char *version = json_string(tree, "jsonrpc");
	bool has_method = cJSON_GetObjectItemCaseSensitive(tree, "method");
	bool has_id = cJSON_GetObjectItemCaseSensitive(tree, "id");

	if (!version || strcmp(version, "2.0") != 0)
		return fault(message, RPC_INVALID_REQUEST, "\"jsonrpc\" must be \"2.0\".");
	if (!has_method && (cJSON_GetObjectItemCaseSensitive(tree, "result") ||
				   cJSON_GetObjectItemCaseSensitive(tree, "error"))) {
		message->kind = RPC_RESPONSE;
		return true;
	}
	message->method = json_string(tree, "method");
	if (!message->method)
		return fault(message, RPC_INVALID_REQUEST, "\"method\" must be a string.");
	if (has_id && !message->id)
		return fault(
			message, RPC_INVALID_REQUEST, "\"id\" must be a string or an integer.");
	if (params && !cJSON_IsObject(params))
		return fault(message, RPC_INVALID_REQUEST, "\"params\" must be an object.");
	message->kind = has_id ? RPC_REQUEST : RPC_NOTIFICATION;
	message->params = params;
	return true;
}

/* text is a copy of our own. */
static bool read_object(struct rpc_message *message, char *text, size_t n, bool nul)
{
	take_tokens(message, text, n);
	if (!read_tree(message, text, n, nul) || !read_shape(message))
		return false;
	if (message->kind != RPC_NOTIFICATION) {
		free(message->cancels);
		message->cancels = NULL;
	}
	return true;
}

bool rpc_read(const char *text, size_t n, struct rpc_message *ret)
{
	struct json_span span = json_trim((struct json_span){text, n});
	bool nul = false, good;
	const char *flaw = json_flaw(text, n, &nul);
	char *copy;

	*ret = (struct rpc_message){.kind = RPC_BATCH};
	if (flaw)
		return fault(ret, RPC_PARSE_ERROR, flaw);
	if (*span.text == '[')
		return true;
	if (*span.text != '{')
		return fault(ret, RPC_INVALID_REQUEST, "A message must be a JSON object.");
	copy = xstrndup(span.text, span.len);
	good = read_object(ret, copy, span.len, nul);
	free(copy);
	return good;
}

void rpc_message_done(struct rpc_message *message)
{
	free(message->id);
	free(message->cancels);
	cJSON_Delete(message->tree);
	*message = (struct rpc_message){.kind = RPC_BATCH};
}

bool rpc_id_equal(const char *a, const char *b)
{
	if (*a == '"' && *b == '"')
		return json_same_string(
			(struct json_span){a, strlen(a)}, (struct json_span){b, strlen(b)});
	return !strcmp(a, b);
}

void rpc_open(struct buf *out, const char *id, const char *member)
{
	buf_adds(out, "{\"jsonrpc\":\"2.0\"");
	if (id) {
		buf_adds(out, ",\"id\":");
		buf_adds(out, id);
	}
	buf_adds(out, ",\"");
	buf_adds(out, member);
	buf_adds(out, "\":");
}

/* {"jsonrpc":"2.0","id":<id>,"<member>":<json>} */
static char *envelope(const char *id, const char *member, const char *json)
{
	struct buf text;

	buf_init(&text, (id ? strlen(id) : 0) + strlen(json) + 64);
	buf_reserve(&text, text.max);
	rpc_open(&text, id, member);
	buf_adds(&text, json);
	buf_add(&text, "}", 1);
	return text.data;
}

char *rpc_result(const char *id, const char *result)
{
	return envelope(id, "result", result);
}

char *rpc_error(const char *id, int code, const char *message, cJSON *data)
{
	autofree_json cJSON *error = cJSON_CreateObject();
	autofree char *text = NULL;

	json_add_number(error, "code", code);
	json_add(error, "message", message);
	if (data)
		cJSON_AddItemToObject(error, "data", data);
	text = json_print(error);
	return envelope(id, "error", text);
}
