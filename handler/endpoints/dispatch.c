#include "endpoints/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "endpoints/admit.h"
#include "endpoints/answer_error.h"
#include "endpoints/origin.h"
#include "endpoints/run.h"

static bool answer_options(struct http_exchange *exchange)
{
	exchange->response->status = 204;
	response_allow(exchange->response, exchange->call.endpoint->methods);
	origin_preflight(exchange);
	return true;
}

/* The host's readiness probe and health ping; also what a person sees first. */
static bool answer_root(struct http_exchange *exchange, struct err *err)
{
	static const char ALIVE[] = "{\"status\":\"ok\"}";
	const char *method = exchange->request->method;

	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		response_header(exchange->response, "Allow", "GET, HEAD");
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "only GET and HEAD of /");
	}
	response_body_static(exchange->response, "application/json", ALIVE, sizeof(ALIVE) - 1);
	return true;
}

/* OPTIONS * asks the server, whatever the resource.  RFC 9110 §9.3.7 */
static bool answer_asterisk(struct http_exchange *exchange)
{
	exchange->response->status = 204;
	response_header(exchange->response, "Allow", "GET, HEAD, POST, PUT, OPTIONS");
	return true;
}

/* What the row and the settings say of a request, whatever is in it. */
static bool check_request(struct http_exchange *exchange, struct err *err)
{
	const struct endpoint *endpoint = exchange->call.endpoint;

	if (!method_is_among(endpoint->methods, exchange->request->method)) {
		response_allow(exchange->response, endpoint->methods);
		return err_set(err, ERR_METHOD_NOT_ALLOWED, "method not in the row");
	}
	if (exchange->request->body_too_large)
		return err_say(err, ERR_BODY_TOO_LARGE,
			"The request body is larger than %ld bytes.",
			exchange->call.service->config->max_body_bytes);
	return true;
}

/* The arguments, as the tool's schema wants them, whoever calls. */
static bool read_arguments(struct http_exchange *exchange, struct err *err)
{
	struct call *call = &exchange->call;
	const struct endpoint *endpoint = call->endpoint;

	if (endpoint->read && !endpoint->read(exchange, &exchange->arguments, err))
		return false;
	if (!exchange->arguments || cJSON_IsNull(exchange->arguments)) {
		cJSON_Delete(exchange->arguments);
		exchange->arguments = cJSON_CreateObject();
	}
	call->arguments = exchange->arguments;
	return !endpoint->read ||
	       schema_check(service_row(call->service, endpoint)->arguments, call->arguments, err);
}

/* Before the body is looked at, but for what says that it may be spared. */
static bool take_place(struct http_exchange *exchange, struct err *err)
{
	const struct endpoint *endpoint = exchange->call.endpoint;

	return (endpoint->spared && endpoint->spared(exchange)) || admit(&exchange->call, err);
}

static bool run_row(struct call *call, struct err *err)
{
	struct http_exchange *exchange = (struct http_exchange *)call;

	if (!check_request(exchange, err))
		return false;
	exchange->goes_on = exchange->head_only;
	if (exchange->goes_on)
		return true;
	if (!take_place(exchange, err))
		return false;
	if (call->endpoint->raw)
		return call->endpoint->raw(exchange, err);
	return read_arguments(exchange, err) && call->endpoint->run(call, err);
}

/* Puts the outcome into the response, if the call had one. */
static void answer(struct http_exchange *exchange)
{
	struct outcome *outcome = &exchange->call.outcome;

	if (outcome->owned)
		response_body_owned(
			exchange->response, "application/json", outcome->owned, outcome->len);
	else if (outcome->json)
		response_body_static(
			exchange->response, "application/json", outcome->json, outcome->len);
	outcome->owned = NULL; /* the response's */
}

/* In the order MCP 2026-07-28 asks for, which does for the other endpoints too. */
static bool serve(struct http_exchange *exchange, struct err *err)
{
	const struct endpoint *endpoint = exchange->call.endpoint;
	const struct request *request = exchange->request;

	if (!request_path_plain(request))
		return err_say(err, ERR_BAD_REQUEST, "The path could be read as another one.");
	if (!endpoint) {
		if (!strcmp(request->path, "*"))
			return answer_asterisk(exchange);
		if (strcmp(request->path, "/") != 0)
			return err_set(err, ERR_NOT_FOUND, "no such route");
		return answer_root(exchange, err);
	}
	if (endpoint->auth == AUTH_MCP && !origin_check(exchange, err))
		return false;
	if (!strcmp(request->method, "OPTIONS"))
		return answer_options(exchange);
	return call_run(&exchange->call, run_row, err);
}

/* On every answer.  OWASP REST Security Cheat Sheet, "Security Headers". */
static void security_headers(struct http_exchange *exchange)
{
	static const char *const FIXED[][2] = {{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"Referrer-Policy", "no-referrer"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
		{"Cache-Control", "no-store"}};
	struct response *response = exchange->response;

	response_header(response, "x-request-id", exchange->identity.request_id);
	for (size_t i = 0; i < sizeof(FIXED) / sizeof(FIXED[0]); i++)
		response_header_static(response, FIXED[i][0], FIXED[i][1]);
}

/* Who and what the request says it is. */
static void read_identity(struct http_exchange *exchange)
{
	const struct endpoint *endpoint = exchange->call.endpoint;
	const struct request *request = exchange->request;
	struct identity *identity = &exchange->identity;

	identity_start(identity, request_header(request, "x-request-id"));
	identity->authorization = request_header(request, "Authorization");
	if (exchange->call.service->config->behind_front_end)
		client_address(request, identity->address);
	identity->ambiguous = request_header_count(request, "Authorization") > 1;
	identity->may_be_graphs = endpoint && endpoint->accepts_graph_token &&
				  exchange->call.service->config->accept_graph_tokens;
	call_trace(&exchange->call, request_header(request, "traceparent"));
}

static void end(struct http_exchange *exchange, const struct err *err)
{
	struct call *call = &exchange->call;
	int status = exchange->response->status;

	admission_leave(call->service->admission, call->pass);
	if (call->endpoint)
		call_count(call, status);
	/* The host asks for "/" over and over; that is no request of anybody's. */
	if (call->endpoint || status != 200)
		call_log(call, status, err);
	outcome_done(&call->outcome);
	cJSON_Delete(exchange->arguments);
	identity_done(&exchange->identity);
}

/* What stands behind the last "/tools/" of a URL's path; text NULL: there is none. */
static struct json_span below_tools(const char *url)
{
	struct json_span found = {NULL, 0};
	size_t end = strcspn(url, "?#");

	for (size_t i = 0; i + sizeof(SERVICE_TOOLS) - 1 <= end; i++) {
		const char *behind = url + i + sizeof(SERVICE_TOOLS) - 1;

		if (!strncasecmp(url + i, SERVICE_TOOLS, sizeof(SERVICE_TOOLS) - 1))
			found = (struct json_span){behind, (size_t)(url + end - behind)};
	}
	return found;
}

/* In payload mode a request's path is its function's, whatever is before it in the client's; which
 * of the Graph tools is meant stands in the client's alone. */
static const struct endpoint *find_row(const struct service *service, const struct request *request)
{
	struct json_span tool = {NULL, 0};
	char path[sizeof(SERVICE_TOOLS) + TOOL_NAME_MAX + 1];

	if (request->url && !strncasecmp(request->path, SERVICE_TOOLS, sizeof(SERVICE_TOOLS) - 2))
		tool = below_tools(request->url);
	if (!tool.len)
		return service_find(service, request->path);
	if (tool.len > TOOL_NAME_MAX + 1) /* a slash at the end */
		return NULL;
	snprintf(path, sizeof(path), SERVICE_TOOLS "%.*s", (int)tool.len, tool.text);
	return service_find(service, path);
}

static void begin(struct http_exchange *exchange, struct service *service,
	const struct request *request, struct response *response)
{
	*exchange = (struct http_exchange){
		.call = {.service = service,
			.endpoint = find_row(service, request),
			.identity = &exchange->identity,
			.record = &exchange->record,
			.pass = &exchange->pass,
			.deadline = deadline_after(service->config->graph_deadline_ms)},
		.record = {.start_ms = clock_mono_ms(),
			.method = request->method,
			.invocation_id = request->invocation_id},
		.request = request,
		.response = response};
	read_identity(exchange);
	security_headers(exchange);
	origin_allow(exchange);
}

static void conclude(struct http_exchange *exchange, const struct err *err)
{
	const struct endpoint *endpoint = exchange->call.endpoint;

	if (err && endpoint && endpoint->refuse)
		endpoint->refuse(exchange, err);
	else if (err)
		answer_error(exchange, err);
	else
		answer(exchange);
}

void dispatch(void *context, const struct request *request, const struct err *read_err,
	struct response *response)
{
	struct http_exchange exchange;
	autoerr(own);
	const struct err *err = read_err;

	begin(&exchange, context, request, response);
	if (err && err->code == ERR_OVERLOADED)
		admission_note_shed(exchange.call.service->admission, ADMISSION_BODY);
	if (!err && !serve(&exchange, &own))
		err = &own;
	conclude(&exchange, err);
	end(&exchange, err);
}

bool dispatch_wants_body(void *context, const struct request *request, struct response *response)
{
	struct http_exchange exchange;
	autoerr(err);
	bool good;

	begin(&exchange, context, request, response);
	exchange.head_only = true;
	good = serve(&exchange, &err);
	if (exchange.goes_on) {
		admission_leave(exchange.call.service->admission, exchange.call.pass);
		identity_done(&exchange.identity);
		response_done(response);
		return true;
	}
	conclude(&exchange, good ? NULL : &err);
	end(&exchange, good ? NULL : &err);
	return false;
}
