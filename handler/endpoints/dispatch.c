#include "endpoints/dispatch.h"

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

static void start_call(struct call *call, const struct request *request)
{
	const char *given = request_header(request, "x-request-id");

	uuid_make(call->correlation_id);
	if (given && request_id_valid(given))
		memcpy(call->request_id, given, strlen(given) + 1);
	else
		memcpy(call->request_id, call->correlation_id, UUID_SIZE);
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

	buf_init(&allow, 256);
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

	if (!origin || !list_has(call->service->config->allowed_origins, ',', origin))
		return;
	response_header(call->response, "Access-Control-Allow-Origin", origin);
	response_header(call->response, "Access-Control-Expose-Headers",
		"WWW-Authenticate, Retry-After, x-request-id");
	response_header(call->response, "Vary", "Origin");
}

static bool answer_options(struct call *call, const struct endpoint *endpoint)
{
	call->response->status = 204;
	allow_header(endpoint, call->response);
	if (request_header(call->request, "Access-Control-Request-Method")) {
		response_header(call->response, "Access-Control-Allow-Methods", "GET, POST, PUT");
		response_header(call->response, "Access-Control-Allow-Headers",
			"authorization, content-type, x-request-id");
		response_header(call->response, "Access-Control-Max-Age", "600");
	}
	return true;
}

bool authenticate(struct call *call, const struct endpoint *endpoint, struct err *err)
{
	const struct service *service = call->service;
	bool graph_token = endpoint->accepts_graph_token && service->config->accept_graph_tokens;
	const char *authorization = request_header(call->request, "Authorization");
	bool known;

	if (endpoint->auth == AUTH_NONE)
		return true;
	/* A proxy before us may have looked at the other one. */
	if (request_header_count(call->request, "Authorization") > 1)
		known = err_set(err, ERR_INVALID_REQUEST, "more than one Authorization header");
	else if (service->rules)
		known = caller_check(service->rules, authorization, graph_token, clock_unix_s(),
			&call->caller, err);
	else if (authorization || endpoint->auth == AUTH_USER)
		known = err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	else
		known = err_set(err, ERR_MISSING_TOKEN, "no Authorization header");
	if (known || endpoint->auth == AUTH_USER)
		return known;
	call->caller_err = *err;
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

static bool run(struct call *call, const struct endpoint *endpoint, struct err *err)
{
	const struct request *request = call->request;

	if (!endpoint) {
		if (strcmp(request->path, "/") != 0)
			return err_set(err, ERR_NOT_FOUND, "no such route");
		return answer_root(call, err);
	}
	if (!strcmp(request->method, "OPTIONS"))
		return answer_options(call, endpoint);
	if (!method_is_taken(endpoint, request->method)) {
		allow_header(endpoint, call->response);
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "method not in the row");
	}
	if (request->body_too_large)
		return err_say(err, ERR_BODY_TOO_LARGE,
			"The request body is larger than %ld bytes.",
			call->service->config->max_body_bytes);
	if (!authenticate(call, endpoint, err) || !endpoint->run(call, err))
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

	response_header(response, "x-request-id", call->request_id);
	response_header(response, "X-Content-Type-Options", "nosniff");
	response_header(response, "X-Frame-Options", "DENY");
	response_header(
		response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	response_header(response, "Referrer-Policy", "no-referrer");
	response_header(
		response, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	response_header(response, "Cache-Control", "no-store");
}

static void log_call(const struct call *call, const struct endpoint *endpoint,
	const struct err *err, int64_t start_ms)
{
	const struct graph_call *graph = &call->graph;
	int status = call->response->status;
	struct log_line line;

	log_begin(&line, status >= 500 ? LOG_WARN : LOG_INFO, "request");
	log_str(&line, "endpoint", endpoint ? endpoint->name : "-");
	log_str(&line, "method", call->request->method);
	log_int(&line, "status", status);
	log_int(&line, "ms", clock_mono_ms() - start_ms);
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
	log_str(&line, "invocation", call->request->invocation_id);
	log_end(&line);
}

void dispatch(void *context, const struct request *request, const struct err *read_err,
	struct response *response)
{
	const struct endpoint *endpoint = endpoint_find(request->path);
	struct call call = {.service = context, .request = request, .response = response};
	int64_t start_ms = clock_mono_ms();
	struct err err;
	bool good;

	start_call(&call, request);
	security_headers(&call);
	allow_origin(&call);
	if (read_err)
		err = *read_err;
	good = !read_err && run(&call, endpoint, &err);
	if (!good)
		answer_error(&call, &err);
	if (endpoint) {
		size_t row = (size_t)(endpoint - endpoints);

		atomic_fetch_add(&call.service->requests[row], 1);
		atomic_fetch_add(&call.service->errors[row], response->status >= 400);
	}
	/* The host asks for "/" over and over; that is no request of anybody's. */
	if (endpoint || response->status != 200)
		log_call(&call, endpoint, good ? NULL : &err, start_ms);
	cJSON_Delete(call.result);
	caller_done(&call.caller);
}
