#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/url.h"
#include "endpoints/dispatch.h"

/* A web page may call only from an origin we know: the configured ones, the gateway's own, and this
 * machine's (MCP 2026-07-28, Transports, "Security Warning": DNS rebinding). */
static bool origin_allowed(const struct config *config, const char *origin)
{
	const char *gateway = config->apim_gateway_url;
	struct url url;

	if (list_has(config->allowed_origins, ',', origin) ||
		(gateway && url_has_origin(gateway, origin)))
		return true;
	return url_parse(origin, &url) && !url.tls && !*url.rest && url_is_loopback(&url);
}

bool mcp_origin_check(const struct call *call, struct err *err)
{
	const char *origin = request_header(call->request, "Origin");

	if (!origin)
		return true;
	/* A browser sends one; of two nobody can say which is the page's. */
	return (request_header_count(call->request, "Origin") == 1 &&
		       origin_allowed(call->service->config, origin)) ||
	       err_set(err, ERR_ORIGIN_NOT_ALLOWED, "origin not in ALLOWED_ORIGINS");
}

static const struct endpoint *row_of(const struct tool *tool)
{
	size_t i = 0;

	while (endpoints[i].tool != tool)
		i++;
	return &endpoints[i];
}

static bool run_row(struct call *call, struct err *err)
{
	return authenticate(call, err) && call->endpoint->run(call, err);
}

static bool run_with(struct call *call, const struct secret *token, struct err *err)
{
	struct buf bearer;
	bool good;

	buf_init(&bearer);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, token->data, token->len);
	call->authorization = buf_text(&bearer);
	good = run_row(call, err);
	call->authorization = NULL;
	buf_wipe(&bearer);
	return good;
}

/* Whether the token was not good enough, be it that the row goes without. */
static bool was_refused(const struct call *call, bool good, const struct err *err)
{
	return err_info(good ? call->stranger.code : err->code)->status == 401;
}

static void forget_outcome(struct call *call)
{
	cJSON_Delete(call->result);
	cJSON_Delete(call->content);
	caller_done(&call->caller);
	call->result = call->content = NULL;
	call->stranger.code = ERR_NONE;
}

/* Without the user's token, which could not be had. */
static bool run_as_stranger(struct call *call, struct err *err)
{
	if (call->endpoint->auth != AUTH_OPTIONAL)
		return false;
	stranger_is(call, err);
	return call->endpoint->run(call, err);
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* Over stdio nobody sends a token: it comes from the user's own settings.  Their command may bring
 * another one for one that was refused, then the call is made once more. */
static bool run_as_user(struct call *call, struct err *err)
{
	struct user_token *source = call->service->user_token;
	struct secret token = {0}, other = {0};
	bool good;

	if (!user_token_get(source, call->deadline, &token, err))
		return run_as_stranger(call, err);
	good = run_with(call, &token, err);
	if (was_refused(call, good, err)) {
		struct err ignored;

		user_token_drop(source, &token);
		if (user_token_get(source, call->deadline, &other, &ignored) &&
			!same_secret(&other, &token)) {
			forget_outcome(call);
			good = run_with(call, &other, err);
		}
		if (other.data && was_refused(call, good, err))
			user_token_drop(source, &other);
	}
	secret_done(&token);
	secret_done(&other);
	return good;
}

/* What the request's own log line says of the call in it. */
static void note_in(struct call *outer, const struct call *call)
{
	outer->graph = call->graph;
	if (!call->trace)
		return;
	memcpy(outer->trace_text, call->trace_text, TRACE_SIZE);
	outer->trace = outer->trace_text;
}

/* That of the request it came in; a call of several in one message has its own. */
static struct deadline deadline_of(const struct service *service, const struct mcp_call *mcp)
{
	const struct call *outer = mcp->transport;

	return outer && !mcp->in_batch ? outer->deadline
				       : deadline_after(service->config->graph_deadline_ms);
}

bool mcp_run_tool(
	void *context, const struct mcp_call *mcp, struct mcp_outcome *ret, struct err *err)
{
	struct service *service = context;
	struct call *outer = mcp->transport; /* NULL: stdio */
	struct call call = {.service = service,
		.endpoint = row_of(mcp->tool),
		.as_tool = true,
		.deadline = deadline_of(service, mcp),
		.arguments = mcp->arguments};
	int64_t start_ms = clock_mono_ms();
	bool good;

	if (outer) {
		memcpy(call.request_id, outer->request_id, sizeof(call.request_id));
		memcpy(call.correlation_id, outer->correlation_id, sizeof(call.correlation_id));
		call.request = outer->request;
		call.authorization = outer->authorization;
		call.caller = outer->caller; /* lent */
		call.stranger = outer->stranger;
	} else {
		call_start(&call, mcp->request_id);
	}
	call_trace(&call, mcp->traceparent);
	good = service->user_token && service->rules && call.endpoint->auth != AUTH_NONE
		       ? run_as_user(&call, err)
		       : run_row(&call, err);
	call_count(&call, !good);
	if (good) {
		ret->result = call.result;
		ret->content = call.content;
	}
	if (outer)
		note_in(outer, &call);
	else
		call_log(&call, good ? NULL : err, start_ms);
	if (!outer || outer->caller.kind == CALLER_ANONYMOUS)
		caller_done(&call.caller);
	return good;
}

static void note(struct call *call, const struct mcp_reply *reply)
{
	struct mcp_note *note = &call->mcp;

	memcpy(note->method, reply->method, sizeof(note->method));
	note->tool = reply->tool;
	note->era = reply->era;
	note->code = reply->code;
	if (reply->refused || !reply->err.code)
		return;
	note->failure = reply->err.code;
	memcpy(note->detail, reply->err.detail, sizeof(note->detail));
}

bool endpoint_mcp(struct call *call, struct err *err)
{
	const struct request *request = call->request;
	struct mcp_message message = {.text = request->body,
		.len = request->body_len,
		.http = request,
		.transport = call,
		.request_id = call->request_id};
	struct mcp_reply reply;
	bool good;

	if (!request_is_type(request, "application/json"))
		return err_say(err, ERR_UNSUPPORTED_MEDIA_TYPE,
			"Send one JSON-RPC message with Content-Type: application/json.");
	mcp_answer(call->service->mcp, &message, &reply);
	note(call, &reply);
	good = !reply.refused;
	if (good) {
		call->response->status = reply.status;
		if (reply.body)
			response_body_owned(
				call->response, "application/json", reply.body, reply.body_len);
		reply.body = NULL; /* the response's now */
	} else {
		*err = reply.err;
	}
	mcp_reply_done(&reply);
	return good;
}
