#include "mcp/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_text.h"

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

#define UNKNOWN_MAX 16 /* members of a message that JSON-RPC does not know */

/* The members of a message; of one that is not there, text is NULL. */
struct members {
	struct json_span version, id, method, params, result, error;
	bool two_ids, twins;
	bool nul; /* json_flaw found a U+0000 somewhere in the message */
};

static struct json_span *known_member(struct members *members, struct json_span key)
{
	const struct {
		const char *name;
		struct json_span *at;
	} known[] = {{"jsonrpc", &members->version}, {"id", &members->id},
		{"method", &members->method}, {"params", &members->params},
		{"result", &members->result}, {"error", &members->error}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (json_spells(key, known[i].name))
			return known[i].at;
	}
	return NULL;
}

static bool is_among(struct json_span key, const struct json_span *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (json_same_string(key, keys[i]))
			return true;
	}
	return false;
}

/* False when there are too many: those that are known are found all the same. */
static bool find_members(struct json_span whole, struct members *ret)
{
	struct json_span unknown[UNKNOWN_MAX], key, value = {NULL, 0};
	size_t count = 0;

	while (json_member(whole, &key, &value)) {
		struct json_span *known = known_member(ret, key);

		if (known) {
			ret->twins |= known->text != NULL;
			ret->two_ids |= known == &ret->id && known->text;
			*known = value;
			continue;
		}
		if (count < UNKNOWN_MAX) {
			ret->twins |= is_among(key, unknown, count);
			unknown[count] = key;
		}
		count++;
	}
	return count <= UNKNOWN_MAX;
}

static bool is_string(struct json_span token)
{
	return token.text && *token.text == '"';
}

/* Not there, or null. */
static bool is_absent(struct json_span token)
{
	return !token.text || *token.text == 'n';
}

/* A string's text; NULL: it holds what a C string cannot, or half a surrogate pair, which
 * json_unquote would make another name of.  The caller frees it. */
static char *read_string(struct json_span token)
{
	autofree_json cJSON *tree = NULL;
	autoerr(err);

	if (!memchr(token.text, '\\', token.len))
		return xstrndup(token.text + 1, token.len - 2);
	return json_parse(token.text, token.len, &tree, &err) ? xstrdup(tree->valuestring) : NULL;
}

/* Takes requestId's token out of the (own, writable) text, leaving a number of the same length: the
 * tree need not hold what cJSON cannot. */
static char *take_request_id(char *text, size_t n)
{
	struct json_span token;
	char *taken;

	if (!json_find((struct json_span){text, n}, "requestId", &token) || !is_id(token))
		return NULL;
	taken = xstrndup(token.text, token.len);
	memset(text + (token.text - text), ' ', token.len);
	text[token.text - text] = '0';
	return taken;
}

static bool read_params(struct rpc_message *message, const struct members *members)
{
	struct json_span params = members->params;
	bool cancels = message->kind == RPC_NOTIFICATION &&
		       !strcmp(message->method, "notifications/cancelled");
	autofree char *copy = cancels ? xstrndup(params.text, params.len) : NULL;
	autofree char *cancelled = NULL;
	autoerr(err);
	bool good;

	if (cancels) {
		cancelled = take_request_id(copy, params.len);
		params.text = copy;
	}
	good = members->nul ? json_parse(params.text, params.len, &message->params, &err)
			    : json_parse_checked(params.text, params.len, &message->params, &err);
	if (!good)
		return fault(message, RPC_INVALID_REQUEST, err.message);
	message->cancels = cancelled;
	cancelled = NULL;
	return true;
}

static bool read_members(struct rpc_message *message, const struct members *members)
{
	if (members->twins)
		return fault(message, RPC_INVALID_REQUEST, "The message holds a name twice.");
	if (!is_string(members->version) || !json_spells(members->version, "2.0"))
		return fault(message, RPC_INVALID_REQUEST, "\"jsonrpc\" must be \"2.0\".");
	if (is_absent(members->method) && (members->result.text || members->error.text)) {
		message->kind = RPC_RESPONSE;
		return true;
	}
	if (is_string(members->method))
		message->method = read_string(members->method);
	if (!message->method)
		return fault(message, RPC_INVALID_REQUEST, "\"method\" must be a string.");
	if (members->id.text && !message->id)
		return fault(
			message, RPC_INVALID_REQUEST, "\"id\" must be a string or an integer.");
	message->kind = members->id.text ? RPC_REQUEST : RPC_NOTIFICATION;
	if (is_absent(members->params))
		return true;
	if (*members->params.text != '{')
		return fault(message, RPC_INVALID_REQUEST, "\"params\" must be an object.");
	return read_params(message, members);
}

/* The members are to be found yet. */
static bool read_object(
	struct rpc_message *message, struct json_span whole, struct members *members)
{
	bool few = find_members(whole, members);

	/* Of two nobody can say which one the client waits for. */
	if (members->id.text && !members->two_ids && is_id(members->id))
		message->id = xstrndup(members->id.text, members->id.len);
	if (!few)
		return fault(message, RPC_INVALID_REQUEST, "The message has too many members.");
	return read_members(message, members);
}

bool rpc_read(const char *text, size_t n, struct rpc_message *ret)
{
	struct json_span span = json_trim((struct json_span){text, n});
	struct members members = {.nul = false};
	const char *flaw = json_flaw(span.text, span.len, &members.nul);

	*ret = (struct rpc_message){.kind = RPC_BATCH};
	if (flaw)
		return fault(ret, RPC_PARSE_ERROR, flaw);
	if (*span.text == '[')
		return true;
	if (*span.text != '{')
		return fault(ret, RPC_INVALID_REQUEST, "A message must be a JSON object.");
	return read_object(ret, span, &members);
}

void rpc_message_done(struct rpc_message *message)
{
	free(message->id);
	free(message->cancels);
	free(message->method);
	cJSON_Delete(message->params);
	message->id = message->cancels = message->method = NULL;
	message->params = NULL;
}

const cJSON *rpc_meta(const struct rpc_message *message)
{
	return cJSON_GetObjectItemCaseSensitive(message->params, "_meta");
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

char *rpc_error(const char *id, int code, const char *message, cJSON *data)
{
	autofree_json cJSON *error = cJSON_CreateObject();
	autofree char *text = NULL;
	struct buf out;

	json_add_number(error, "code", code);
	json_add(error, "message", message);
	if (data)
		cJSON_AddItemToObject(error, "data", data);
	text = json_print(error);
	buf_init(&out);
	rpc_open(&out, id, "error");
	buf_adds(&out, text);
	buf_add(&out, "}", 1);
	return out.data;
}
