#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "endpoints/dispatch.h"

/* Whether the URL is of that origin: scheme, host and port, whole. */
static bool is_origin_of(const char *url, const char *origin)
{
	const char *host = strstr(url, "//") + 2;
	size_t n = (size_t)(host - url) + strcspn(host, "/");

	return strlen(origin) == n && !strncasecmp(url, origin, n);
}

/* A web page may call only from an origin we know: the configured ones, the gateway's own, and this
 * machine's (MCP 2026-07-28, Transports, "Security Warning": DNS rebinding). */
static bool origin_allowed(const struct config *config, const char *origin)
{
	static const char *const LOOPBACK[] = {
		"http://127.0.0.1", "http://localhost", "http://[::1]"};
	const char *gateway = config->apim_gateway_url;

	if (list_has(config->allowed_origins, ',', origin) ||
		(gateway && is_origin_of(gateway, origin)))
		return true;
	for (size_t i = 0; i < sizeof(LOOPBACK) / sizeof(LOOPBACK[0]); i++) {
		size_t n = strlen(LOOPBACK[i]);

		if (!strncasecmp(origin, LOOPBACK[i], n) && (!origin[n] || origin[n] == ':'))
			return true;
	}
	return false;
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

/* Over stdio nobody sends a token: it comes from the user's own settings. */
static bool sign_in(struct call *call, struct buf *bearer, struct err *err)
{
	struct user_token *source = call->service->user_token;
	struct secret token = {0};

	if (!source || !call->service->rules || call->endpoint->auth == AUTH_NONE)
		return true;
	if (!user_token_get(source, call->deadline, &token, err))
		return call->endpoint->auth == AUTH_OPTIONAL;
	buf_adds(bearer, "Bearer ");
	buf_add(bearer, token.data, token.len);
	secret_done(&token);
	call->authorization = buf_text(bearer);
	return true;
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
	struct buf bearer;
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
	buf_init(&bearer);
	good = sign_in(&call, &bearer, err) && authenticate(&call, err) &&
	       call.endpoint->run(&call, err);
	buf_wipe(&bearer);
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
