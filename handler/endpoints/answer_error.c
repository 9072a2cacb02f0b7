#include "endpoints/answer_error.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"

/* In quotes; what RFC 6750 §3 does not let stand there is replaced.  Our own sentences and
 * settings. */
static void add_quoted(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, ", %s=\"", name);
	for (; *value; value++) {
		bool allowed = *value >= ' ' && *value <= '~' && *value != '"' && *value != '\\';

		buf_add(out, allowed ? value : "'", 1);
	}
	buf_adds(out, "\"");
}

/* The error attribute; NULL: the challenge carries none (RFC 6750 §3.1: no token was sent). */
static const char *challenge_error(enum err_code code)
{
	switch (code) {
	case ERR_INVALID_REQUEST:
		return "invalid_request";
	case ERR_INSUFFICIENT_SCOPE:
		return "insufficient_scope";
	case ERR_INSUFFICIENT_CLAIMS:
		return "insufficient_claims";
	case ERR_MISSING_TOKEN:
		return NULL;
	default:
		return "invalid_token";
	}
}

/* Where to sign in: at Entra, but for MCP clients by way of the door, where there is one. */
static void add_authorization_uri(
	struct buf *out, const struct config *config, const struct endpoint *endpoint)
{
	bool by_door = endpoint && endpoint->auth == AUTH_MCP && *config->mcp_client_id;

	if (by_door && config->apim_gateway_url)
		buf_addf(out, ", authorization_uri=\"%s/oauth/authorize\"",
			config->apim_gateway_url);
	else if (config->tenant_id)
		buf_addf(out, ", authorization_uri=\"%s/%s/oauth2/v2.0/authorize\"",
			config->authority_host, config->tenant_id);
}

/* RFC 6750 §3 and RFC 9728 §5.1, with what the Microsoft identity platform adds: authorization_uri
 * and, for a claims challenge, claims ("Claims challenges, claims requests, and client
 * capabilities"). */
static void challenge(struct http_exchange *exchange, const struct err *err)
{
	const struct service *service = exchange->call.service;
	const struct endpoint *endpoint = exchange->call.endpoint;
	const struct config *config = service->config;
	const struct metadata *metadata = service->state == SERVICE_NOT_CONFIGURED
						  ? NULL
						  : service->metadata;
	const char *error = challenge_error(err->code);
	struct buf value;

	buf_init(&value);
	/* Not empty: to the official Go SDK that is malformed, and it gives up. */
	buf_adds(&value, "Bearer realm=\"" SERVICE_NAME "\"");
	add_authorization_uri(&value, config, endpoint);
	if (error)
		add_quoted(&value, "error", error);
	if (error && err->code != ERR_INSUFFICIENT_CLAIMS)
		add_quoted(&value, "error_description", err_message(err));
	if (metadata && err->code != ERR_INSUFFICIENT_CLAIMS && err->code != ERR_INVALID_REQUEST)
		add_quoted(&value, "scope",
			endpoint && endpoint->auth == AUTH_MCP ? metadata->scope
							       : metadata->api_scope);
	if (*err_upstream(err)->claims)
		add_quoted(&value, "claims", err_upstream(err)->claims);
	if (metadata)
		add_quoted(&value, "resource_metadata", metadata->resource_url);
	response_header(exchange->response, "WWW-Authenticate", buf_text(&value));
	buf_done(&value);
}

/* Which service failed and its own words for it: what its support asks for. */
static void add_upstream(cJSON *error, const struct err *err)
{
	cJSON *upstream = json_add_object(error, "upstream");

	json_add(upstream, "service", err_upstream(err)->service);
	if (*err_upstream(err)->code)
		json_add(upstream, "code", err_upstream(err)->code);
	if (*err_upstream(err)->id)
		json_add(upstream, "requestId", err_upstream(err)->id);
}

void answer_error(struct http_exchange *exchange, const struct err *err)
{
	const struct err_info *info = err_info(err->code);
	autofree_json cJSON *document = cJSON_CreateObject();
	cJSON *error = json_add_object(document, "error");
	char seconds[16], *text;

	json_add(error, "code", info->slug);
	json_add(error, "message", err_message(err));
	if (*err_upstream(err)->consent)
		json_add(error, "consentUrl", err_upstream(err)->consent);
	json_add(error, "requestId", exchange->identity.request_id);
	if (*err_upstream(err)->service)
		add_upstream(error, err);
	text = json_print(document);
	response_body_owned(exchange->response, "application/json", text, strlen(text));
	exchange->response->status = info->status;
	if (info->status == 401 || err->code == ERR_INSUFFICIENT_SCOPE ||
		err->code == ERR_INVALID_REQUEST)
		challenge(exchange, err);
	if (err->retry_after_s > 0) {
		snprintf(seconds, sizeof(seconds), "%d", err->retry_after_s);
		response_header(exchange->response, "Retry-After", seconds);
	}
}
