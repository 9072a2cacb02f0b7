#include "mcp/mcp_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "mcp/protocol.h"
#include "mcp/turn.h"

struct mcp_server *mcp_new(const struct mcp_options *options)
{
	struct mcp_server *server = xcalloc(1, sizeof(*server));

	server->options = *options;
	server->options.tools = NULL; /* from here on they are the list's */
	tool_list_init(&server->tools, options->tools, options->tool_count);
	protocol_print(server);
	return server;
}

void mcp_free(struct mcp_server *server)
{
	if (!server)
		return;
	protocol_done(server);
	tool_list_done(&server->tools);
	free(server);
}

const char *mcp_tools_text(const struct mcp_server *server, size_t *ret_len)
{
	*ret_len = strlen(server->list_legacy);
	return server->list_legacy;
}

const struct schema *mcp_input_schema(const struct mcp_server *server, const struct tool *tool)
{
	return tool_list_find(&server->tools, tool->name)->input;
}

/* For the log: any other byte becomes '?'. */
static void note_method(struct mcp_reply *reply, const char *method)
{
	size_t n = strnlen(method, sizeof(reply->method) - 1);

	for (size_t i = 0; i < n; i++)
		reply->method[i] = method[i] > ' ' && method[i] <= '~' ? method[i] : '?';
	reply->method[n] = '\0';
}

static void answer_one(struct turn *turn)
{
	const struct rpc_message *rpc = turn->rpc;

	if (rpc->method)
		note_method(turn->reply, rpc->method);
	if (rpc->fault)
		turn_error(turn, 400, rpc->fault, rpc->why, NULL);
	else if (rpc->kind == RPC_REQUEST)
		protocol_answer(turn);
	else if (rpc->kind == RPC_BATCH)
		turn_error(turn, 400, RPC_INVALID_REQUEST, "A batch must not hold a batch.", NULL);
	/* Nothing is said to the others; but over HTTP a version that nobody has is told. */
	else if (rpc->kind == RPC_RESPONSE || turn->in_batch || protocol_check_header(turn))
		turn->reply->status = 202;
}

/* The elements of a batch, read; their number, or 0 when the whole is to be refused. */
static size_t read_batch(const struct mcp_message *message, struct rpc_message *elements)
{
	struct json_span whole = {message->text, message->len}, element = {NULL, 0};
	bool good = true;
	size_t count = 0;

	while (good && json_next(whole, &element)) {
		good = count < MCP_BATCH_MAX;
		if (!good)
			break;
		rpc_read(element.text, element.len, &elements[count]);
		good = !protocol_claims_modern(&elements[count++]);
	}
	while (!good && count)
		rpc_message_done(&elements[--count]);
	return count;
}

/* Takes the answer to one element into the array and into the account of the whole. */
static void merge(struct mcp_reply *whole, struct mcp_reply *one, struct buf *array)
{
	if (one->body) {
		buf_adds(array, array->len ? "," : "[");
		buf_add(array, one->body, one->body_len);
	}
	if (one->err.code != ERR_NONE) {
		err_move(&one->err, &whole->err);
		whole->code = one->code;
	}
	if (one->tool)
		whole->tool = one->tool;
	mcp_reply_done(one);
}

static void reply_start(struct mcp_reply *reply)
{
	memset(reply, 0, offsetof(struct mcp_reply, err));
	err_init(&reply->err);
}

static void answer_elements(
	const struct turn *turn, const struct rpc_message *elements, size_t count)
{
	struct mcp_reply *reply = turn->reply;
	struct deadline deadline = deadline_after(MCP_BATCH_MS);
	struct buf array;

	buf_init(&array);
	for (size_t i = 0; i < count; i++) {
		struct mcp_reply one;
		struct turn inner = *turn;

		reply_start(&one);
		inner.rpc = &elements[i];
		inner.in_batch = true;
		inner.reply = &one;
		if (elements[i].kind == RPC_REQUEST && deadline_passed(deadline))
			turn_error(&inner, 200, RPC_INTERNAL_ERROR,
				"The batch took too long to come to this; send it by itself", NULL);
		else
			answer_one(&inner);
		merge(reply, &one, &array);
	}
	reply->status = array.len ? 200 : 202;
	if (array.len)
		buf_adds(&array, "]");
	reply->body = array.data;
	reply->body_len = array.len;
}

/* MCP 2025-03-26, "Messages": the one version that has them. */
static void answer_batch(struct turn *turn)
{
	/* not on the stack, which a server's thread has little of */
	autofree struct rpc_message *elements = xcalloc(MCP_BATCH_MAX, sizeof(*elements));
	size_t count = 0;

	note_method(turn->reply, "batch");
	turn->reply->era = "legacy";
	if (protocol_has_batches(turn->message))
		count = read_batch(turn->message, elements);
	if (!count) {
		turn_error(turn, 400, RPC_INVALID_REQUEST,
			"A batch is for version " MCP_VERSION_BATCHES
			" only and holds 1 to 32 of its messages.",
			NULL);
		return;
	}
	answer_elements(turn, elements, count);
	for (size_t i = 0; i < count; i++)
		rpc_message_done(&elements[i]);
}

void mcp_answer_read(const struct mcp_server *server, const struct mcp_message *message,
	const struct rpc_message *rpc, struct mcp_reply *ret)
{
	struct turn turn = {.server = server, .message = message, .rpc = rpc, .reply = ret};

	reply_start(ret);
	if (rpc->kind == RPC_BATCH && !rpc->fault)
		answer_batch(&turn);
	else
		answer_one(&turn);
}

void mcp_answer(
	const struct mcp_server *server, const struct mcp_message *message, struct mcp_reply *ret)
{
	struct rpc_message rpc;

	rpc_read(message->text, message->len, &rpc);
	mcp_answer_read(server, message, &rpc, ret);
	rpc_message_done(&rpc);
}

void mcp_reply_done(struct mcp_reply *reply)
{
	free(reply->body);
	reply->body = NULL;
	err_done(&reply->err);
}
