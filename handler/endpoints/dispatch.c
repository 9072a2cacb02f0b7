#include "endpoints/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define REQUEST_ID_MAX 128

/* Letters, digits and -_.: only, so that it can stand in a header, a log line and JSON as it is. */
static bool request_id_valid(const char *id)
{
	size_t n = strlen(id);

	return n >= 1 && n <= REQUEST_ID_MAX &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
		       n;
}

void call_trace(struct call *call, const char *traceparent)
{
	trace_continue(traceparent, call->trace_text);
	call->trace = *call->trace_text ? call->trace_text : NULL;
}

void call_start(struct call *call, const char *request_id)
{
	uuid_make(call->correlation_id);
	if (!request_id || !request_id_valid(request_id)) {
		memcpy(call->request_id, call->correlation_id, UUID_SIZE);
		return;
	}
	memcpy(call->request_id, request_id, strlen(request_id) + 1);
	if (guid_valid(call->request_id)) /* what Entra and Graph want theirs to be */
		memcpy(call->correlation_id, call->request_id, UUID_SIZE);
}

static bool method_is_taken(const struct endpoint *endpoint, const char *method)
{
	return list_has(endpoint->methods, ' ', strcmp(method, "HEAD") ? method : "GET");
}

static void allow_header(const struct endpoint *endpoint, struct response *response)
{
	bool get = list_has(endpoint->methods, ' ', "GET");
	autofree char *list = xstrdup(endpoint->methods);
	struct buf allow;

	buf_init(&allow);
	for (char *word = list, *end; *word; word = end + strspn(end, " ")) {
		end = word + strcspn(word, " ");
		buf_add(&allow, word, (size_t)(end - word));
		buf_adds(&allow, ", ");
	}
	buf_adds(&allow, get ? "HEAD, OPTIONS" : "OPTIONS");
	response_header(response, "Allow", buf_text(&allow));
	buf_done(&allow);
}

/* Cross-origin calls from the configured web origins.  WHATWG Fetch §3.2 (CORS protocol). */
static void allow_origin(struct call *call)
{
	const char *origin = request_header(call->request, "Origin");

	if (call->endpoint && call->endpoint->any_origin)
		response_header(call->response, "Access-Control-Allow-Origin", "*");
	else if (origin && list_has(call->service->config->allowed_origins, ',', origin))
		response_header(call->response, "Access-Control-Allow-Origin", origin);
	else
		return;
	response_header(call->response, "Access-Control-Expose-Headers",
		"WWW-Authenticate, Retry-After, Mcp-Session-Id, x-request-id");
	response_header(call->response, "Vary", "Origin");
}

static bool answer_options(struct call *call, const struct endpoint *endpoint)
{
	call->response->status = 204;
	allow_header(endpoint, call->response);
	if (request_header(call->request, "Access-Control-Request-Method")) {
		response_header(call->response, "Access-Control-Allow-Methods", "GET, POST, PUT");
		response_header(call->response, "Access-Control-Allow-Headers",
			"authorization, content-type, accept, x-request-id, traceparent, "
			"mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, "
			"last-event-id");
		response_header(call->response, "Access-Control-Max-Age", "600");
	}
	return true;
}

static bool identify(struct call *call, bool needed, struct err *err)
{
	const struct service *service = call->service;
	bool graph_token = call->endpoint->accepts_graph_token && !call->as_tool &&
			   service->config->accept_graph_tokens;
	struct caller_query query = {
		call->authorization, graph_token, clock_unix_s(), call->deadline};

	/* A proxy before us may have looked at the other one. */
	if (call->request && request_header_count(call->request, "Authorization") > 1)
		return err_set(err, ERR_INVALID_REQUEST, "more than one Authorization header");
	if (service->rules)
		return caller_check(service->rules, &query, &call->caller, err);
	if (call->authorization || needed)
		return err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	return err_set(err, ERR_MISSING_TOKEN, "no Authorization header");
}

void stranger_is(struct call *call, const struct err *why)
{
	call->stranger.code = why->code;
	snprintf(call->stranger.message, sizeof(call->stranger.message), "%s", err_message(why));
}

bool authenticate(struct call *call, struct err *err)
{
	enum auth_need need = call->endpoint->auth;
	bool needed = need == AUTH_USER ||
		      (need == AUTH_MCP && call->service->config->mcp_auth_required);

	if (need == AUTH_NONE || call->caller.kind == CALLER_USER)
		return true;
	if (identify(call, needed, err))
		return true;
	if (needed || (need == AUTH_MCP && err->code != ERR_MISSING_TOKEN))
		return false;
	stranger_is(call, err);
	return true;
}

/* The host's readiness probe and health ping; also what a person sees first. */
static bool answer_root(struct call *call, struct err *err)
{
	static const char ALIVE[] = "{\"status\":\"ok\"}";
	const char *method = call->request->method;

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		response_header(call->response, "Allow", "GET, HEAD");
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "only GET and HEAD of /");
	}
	response_body_static(call->response, "application/json", ALIVE, sizeof(ALIVE) - 1);
	return true;
}

/* OPTIONS * asks the server, whatever the resource.  RFC 9110 §9.3.7 */
static bool answer_asterisk(struct call *call)
{
	call->response->status = 204;
	response_header(call->response, "Allow", "GET, HEAD, POST, PUT, OPTIONS");
	return true;
}

/* As the tool's schema wants them, whoever calls. */
static bool read_arguments(struct call *call, cJSON **ret, struct err *err)
{
	const struct endpoint *endpoint = call->endpoint;

	if (endpoint->read && !endpoint->read(call, ret, err))
		return false;
	if (!*ret || cJSON_IsNull(*ret)) {
		cJSON_Delete(*ret);
		*ret = cJSON_CreateObject();
	}
	call->arguments = *ret;
	return !endpoint->read ||
	       schema_check(call->service->arguments[endpoint - endpoints], *ret, err);
}

static bool run_endpoint(struct call *call, struct err *err)
{
	autofree_json cJSON *arguments = NULL;
	bool good = read_arguments(call, &arguments, err) && call->endpoint->run(call, err);

	call->arguments = NULL;
	return good;
}

/* In the order MCP 2026-07-28 asks for, which does for the other endpoints too. */
static bool run(struct call *call, struct err *err)
{
	const struct endpoint *endpoint = call->endpoint;
	const struct request *request = call->request;

	if (!request_path_plain(request))
		return err_say(err, ERR_BAD_REQUEST, "The path could be read as another one.");
	if (!endpoint) {
		if (!strcmp(request->path, "*"))
			return answer_asterisk(call);
		if (strcmp(request->path, "/") != 0)
			return err_set(err, ERR_NOT_FOUND, "no such route");
		return answer_root(call, err);
	}
	if (endpoint->auth == AUTH_MCP && !mcp_origin_check(call, err))
		return false;
	if (!strcmp(request->method, "OPTIONS"))
		return answer_options(call, endpoint);
	if (!authenticate(call, err))
		return false;
	if (!method_is_taken(endpoint, request->method)) {
		allow_header(endpoint, call->response);
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "method not in the row");
	}
	if (request->body_too_large)
		return err_say(err, ERR_BODY_TOO_LARGE,
			"The request body is larger than %ld bytes.",
			call->service->config->max_body_bytes);
	if (!run_endpoint(call, err))
		return false;
	if (call->result) {
		char *text = json_print(call->result);

		response_body_owned(call->response, "application/json", text, strlen(text));
	}
	return true;
}

/* On every answer.  OWASP REST Security Cheat Sheet, "Security Headers". */
static void security_headers(struct call *call)
{
	struct response *response = call->response;

	static const char *const FIXED[][2] = {{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"Referrer-Policy", "no-referrer"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
		{"Cache-Control", "no-store"}};

	response_header(response, "x-request-id", call->request_id);
	for (size_t i = 0; i < sizeof(FIXED) / sizeof(FIXED[0]); i++)
		response_header_static(response, FIXED[i][0], FIXED[i][1]);
}

void call_count(const struct call *call, bool failed)
{
	size_t row = (size_t)(call->endpoint - endpoints);

	atomic_fetch_add(&call->service->requests[row], 1);
	atomic_fetch_add(&call->service->errors[row], failed);
}

static void log_mcp(struct log_line *line, const struct mcp_note *note)
{
	log_str(line, "mcp", note->method);
	log_str(line, "tool", note->tool);
	log_str(line, "era", note->era);
	if (note->code)
		log_int(line, "rpc_code", note->code);
	if (note->failure) {
		log_str(line, "code", err_info(note->failure)->slug);
		log_str(line, "detail", note->detail);
	}
}

void call_log(const struct call *call, const struct err *err, int64_t start_ms)
{
	const struct graph_call *graph = &call->graph;
	int status = call->response ? call->response->status
				    : err_info(err ? err->code : 0)->status;
	struct log_line line;

	log_begin(&line, status >= 500 ? LOG_WARN : LOG_INFO, "request");
	log_str(&line, "endpoint", call->endpoint ? call->endpoint->name : "-");
	if (call->request)
		log_str(&line, "method", call->request->method);
	log_int(&line, "status", status);
	log_int(&line, "ms", clock_mono_ms() - start_ms);
	if (*call->mcp.method)
		log_mcp(&line, &call->mcp);
	if (err) {
		log_str(&line, "code", err_info(err->code)->slug);
		log_str(&line, "detail", err->detail);
	}
	if (graph->token_source) {
		log_int(&line, "graph_ms", graph->graph_ms);
		log_str(&line, "token", graph->token_source);
		log_str(&line, "graph_request_id", *graph->request_id ? graph->request_id : NULL);
		if (status >= 400 && *graph->diagnostic)
			log_str(&line, "graph_diagnostic", graph->diagnostic);
	}
	log_str(&line, "tid", call->caller.tenant_id);
	log_str(&line, "oid", call->caller.object_id);
	log_str(&line, "request_id", call->request_id);
	if (strcmp(call->correlation_id, call->request_id) != 0)
		log_str(&line, "client_request_id", call->correlation_id);
	log_str(&line, "invocation", call->request ? call->request->invocation_id : NULL);
	log_str(&line, "trace", call->trace);
	log_end(&line);
}

void dispatch(void *context, const struct request *request, const struct err *read_err,
	struct response *response)
{
	struct service *service = context;
	struct call call = {.service = service,
		.endpoint = endpoint_find(request->path),
		.deadline = deadline_after(service->config->graph_deadline_ms),
		.request = request,
		.response = response};
	int64_t start_ms = clock_mono_ms();
	struct err err;
	bool good;

	call_start(&call, request_header(request, "x-request-id"));
	call_trace(&call, request_header(request, "traceparent"));
	call.authorization = request_header(request, "Authorization");
	security_headers(&call);
	allow_origin(&call);
	if (read_err)
		err = *read_err;
	good = !read_err && run(&call, &err);
	if (!good)
		answer_error(&call, &err);
	if (call.endpoint)
		call_count(&call, response->status >= 400);
	/* The host asks for "/" over and over; that is no request of anybody's. */
	if (call.endpoint || response->status != 200)
		call_log(&call, good ? NULL : &err, start_ms);
	cJSON_Delete(call.result);
	caller_done(&call.caller);
}
