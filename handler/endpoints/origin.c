#include "endpoints/origin.h"

#include "base/text.h"
#include "base/url.h"

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
