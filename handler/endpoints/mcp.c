#include <string.h>

#include "base/clock.h"
#include "endpoints/endpoints.h"
#include "endpoints/run.h"
#include "mcp/rpc.h"

static bool run(
	struct call *call, const struct tool_call *asked, struct outcome *ret, struct err *err)
{
	bool good;

	call->endpoint = service_find_tool(call->service, asked->tool);
	call->arguments = asked->arguments;
	call->person = asked->person;
	call_trace(call, asked->traceparent);
	good = call_run(call, call->endpoint->run, err);
	if (good && call->endpoint->to_blocks)
		call->endpoint->to_blocks(&call->outcome);
	*ret = call->outcome;
	return good;
}

/* NULL: it went well. */
static int status_of(const struct err *err)
{
	return err_info(err ? err->code : ERR_NONE)->status;
}

/* Its caller and its line of the log are those of the request it came in; its deadline is too, but
 * where it is one of several. */
static bool run_in(struct http_exchange *exchange, const struct tool_call *asked,
	struct outcome *ret, struct err *err)
{
	struct service *service = exchange->call.service;
	struct call call = {.service = service,
		.identity = &exchange->identity,
		.record = &exchange->record,
		.deadline = asked->in_batch ? deadline_after(service->config->graph_deadline_ms)
					    : exchange->call.deadline};
	bool good;

	exchange->record.graph = (struct graph_note){0};
	good = run(&call, asked, ret, err);
	call_count(&call, status_of(good ? NULL : err));
	return good;
}

/* Over stdio nobody sends a token: it comes from the user's own settings. */
static bool run_alone(struct service *service, const struct tool_call *asked, struct outcome *ret,
	struct err *err)
{
	bool configured = service->state != SERVICE_NOT_CONFIGURED;
	struct identity identity = {.source = configured ? service->sign_in.user_token : NULL};
	struct record record = {.start_ms = clock_mono_ms()};
	struct call call = {.service = service,
		.identity = &identity,
		.record = &record,
		.deadline = deadline_after(service->config->graph_deadline_ms)};
	bool good;

	identity_start(&identity, NULL);
	good = run(&call, asked, ret, err);
	call_count(&call, status_of(good ? NULL : err));
	call_log(&call, status_of(good ? NULL : err), good ? NULL : err);
	identity_done(&identity);
	return good;
}

bool mcp_run_tool(
	void *context, const struct tool_call *asked, struct outcome *ret, struct err *err)
{
	return asked->transport ? run_in(asked->transport, asked, ret, err)
				: run_alone(context, asked, ret, err);
}

static void note_reply(struct mcp_note *note, const struct mcp_reply *reply)
{
	memcpy(note->method, reply->method, sizeof(note->method));
	note->tool = reply->tool;
	note->era = reply->era;
	note->code = reply->code;
	if (reply->refused || !reply->err.code)
		return;
	note->failure = reply->err.code;
	memcpy(note->detail, reply->err.detail, sizeof(note->detail));
}

/* Only of a message as short as that is it asked whether it is a call of status. */
#define SPARED_BYTES 4096

bool mcp_spared(const struct http_exchange *exchange)
{
	static const char NAME[] = "\"status\"";
	const struct request *request = exchange->request;
	struct rpc_message rpc;
	const char *name;
	bool spared;

	if (request->body_len > SPARED_BYTES ||
		!memmem(request->body, request->body_len, NAME, sizeof(NAME) - 1))
		return false;
	spared = rpc_read(request->body, request->body_len, &rpc) && rpc.method &&
		 !strcmp(rpc.method, "tools/call");
	name = spared ? json_string(rpc.params, "name") : NULL;
	spared = name && !strcmp(name, tool_status.name);
	rpc_message_done(&rpc);
	return spared;
}

bool endpoint_mcp(struct http_exchange *exchange, struct err *err)
{
	const struct request *request = exchange->request;
	struct mcp_message message = {.text = request->body,
		.len = request->body_len,
		.http = request,
		.transport = exchange,
		.request_id = exchange->identity.request_id};
	struct mcp_reply reply;
	bool good;

	if (!request_is_type(request, "application/json"))
		return err_say(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"Send one JSON-RPC message with Content-Type: application/json.");
	mcp_answer(exchange->call.service->mcp, &message, &reply);
	note_reply(&exchange->record.mcp, &reply);
	good = !reply.refused;
	if (good) {
		exchange->response->status = reply.status;
		if (reply.body)
			response_body_owned(
				exchange->response, "application/json", reply.body, reply.body_len);
		reply.body = NULL; /* the response's now */
	} else {
		err_move(&reply.err, err);
	}
	mcp_reply_done(&reply);
	return good;
}
