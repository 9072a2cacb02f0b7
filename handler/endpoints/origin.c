#include "endpoints/origin.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* WHATWG Fetch §3.2 (CORS protocol). */
void origin_allow(struct http_exchange *exchange)
{
	const struct endpoint *endpoint = exchange->call.endpoint;
	const char *allowed = exchange->call.service->config->allowed_origins;
	const char *origin = request_header(exchange->request, "Origin");
	struct response *response = exchange->response;

	if (endpoint && endpoint->any_origin)
		response_header(response, "Access-Control-Allow-Origin", "*");
	else if (origin && list_has(allowed, ',', origin))
		response_header(response, "Access-Control-Allow-Origin", origin);
	else
		return;
	response_header(response, "Access-Control-Expose-Headers",
		"WWW-Authenticate, Retry-After, Mcp-Session-Id, x-request-id");
	response_header(response, "Vary", "Origin");
}

void origin_preflight(struct http_exchange *exchange)
{
	struct response *response = exchange->response;

	if (!request_header(exchange->request, "Access-Control-Request-Method"))
		return;
	response_header(response, "Access-Control-Allow-Methods", "GET, POST, PUT");
	response_header(response, "Access-Control-Allow-Headers",
		"authorization, content-type, accept, x-request-id, traceparent, "
		"mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, "
		"last-event-id");
	response_header(response, "Access-Control-Max-Age", "600");
}

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

bool origin_check(const struct http_exchange *exchange, struct err *err)
{
	const char *origin = request_header(exchange->request, "Origin");

	if (!origin)
		return true;
	/* A browser sends one; of two nobody can say which is the page's. */
	return (request_header_count(exchange->request, "Origin") == 1 &&
		       origin_allowed(exchange->call.service->config, origin)) ||
	       err_set(err, ERR_ORIGIN_NOT_ALLOWED, "origin not in ALLOWED_ORIGINS");
}
