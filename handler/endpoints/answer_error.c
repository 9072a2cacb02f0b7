#include "endpoints/answer_error.h"

#include <string.h>

#include "base/version.h"
#include "door/claims.h"

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

static bool is_at_mcp(const struct http_exchange *exchange)
{
	const struct endpoint *endpoint = exchange->call.endpoint;

	return endpoint && endpoint->auth == AUTH_MCP;
}

/* Where to sign in: at Entra, but for MCP clients by way of the door, where there is one. */
static void add_authorization_uri(struct buf *out, const struct http_exchange *exchange)
{
	const struct service *service = exchange->call.service;
	const struct config *config = service->config;

	if (is_at_mcp(exchange) && service->sign_in.door)
		buf_addf(out, ", authorization_uri=\"%s/oauth/authorize\"",
			config->apim_gateway_url);
	else if (config->tenant_id)
		buf_addf(out, ", authorization_uri=\"%s/%s/oauth2/v2.0/authorize\"",
			config->authority_host, config->tenant_id);
}

/* What the status and the challenge say. */
struct refusal {
	enum err_code code;
	struct buf scope; /* to sign in for; empty: none is named */
};

/* Clients of MCP take no claims from a challenge, but sign in anew for a scope that their token
 * lacks, which at the door may hold them.  It has to be that error: upon a 401 many renew their
 * token first, which then brings the same challenge. */
static void refusal_init(
	struct refusal *refusal, const struct http_exchange *exchange, const struct err *err)
{
	const struct service *service = exchange->call.service;
	bool at_mcp = is_at_mcp(exchange);
	struct buf *scope = &refusal->scope;

	refusal->code = err->code;
	buf_init(scope);
	if (service->state == SERVICE_NOT_CONFIGURED || err->code == ERR_INVALID_REQUEST)
		return;
	buf_adds(scope, at_mcp ? service->metadata->scope : service->metadata->api_scope);
	if (err->code != ERR_INSUFFICIENT_CLAIMS)
		return;
	buf_adds(scope, " ");
	if (at_mcp && service->sign_in.door && claims_add_word(scope, err_upstream(err)->claims))
		refusal->code = ERR_INSUFFICIENT_SCOPE;
	else
		buf_done(scope);
}

/* RFC 6750 §3 and RFC 9728 §5.1, with what the Microsoft identity platform adds: authorization_uri
 * and, for a claims challenge, claims ("Claims challenges, claims requests, and client
 * capabilities"). */
static void challenge(
	struct http_exchange *exchange, const struct refusal *refusal, const struct err *err)
{
	const struct service *service = exchange->call.service;
	const char *error = challenge_error(refusal->code);
	struct buf value;

	buf_init(&value);
	/* Not empty: to the official Go SDK that is malformed, and it gives up. */
	buf_adds(&value, "Bearer realm=\"" SERVICE_NAME "\"");
	add_authorization_uri(&value, exchange);
	if (error)
		add_quoted(&value, "error", error);
	if (error && refusal->code != ERR_INSUFFICIENT_CLAIMS)
		add_quoted(&value, "error_description", err_message(err));
	if (refusal->scope.len)
		add_quoted(&value, "scope", buf_text(&refusal->scope));
	if (*err_upstream(err)->claims)
		add_quoted(&value, "claims", err_upstream(err)->claims);
	if (service->state != SERVICE_NOT_CONFIGURED)
		add_quoted(&value, "resource_metadata", service->metadata->resource_url);
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

static void write_body(struct http_exchange *exchange, const struct err *err)
{
	autofree_json cJSON *document = cJSON_CreateObject();
	cJSON *error = json_add_object(document, "error");
	char *text;

	json_add(error, "code", err_info(err->code)->slug);
	json_add(error, "message", err_message(err));
	if (*err_upstream(err)->consent)
		json_add(error, "consentUrl", err_upstream(err)->consent);
	json_add(error, "requestId", exchange->identity.request_id);
	if (*err_upstream(err)->service)
		add_upstream(error, err);
	text = json_print(document);
	response_body_owned(exchange->response, "application/json", text, strlen(text));
}

void answer_error(struct http_exchange *exchange, const struct err *err)
{
	struct refusal refusal;
	int status;

	refusal_init(&refusal, exchange, err);
	status = err_info(refusal.code)->status;
	exchange->response->status = status;
	write_body(exchange, err);
	if (status == 401 || refusal.code == ERR_INSUFFICIENT_SCOPE ||
		refusal.code == ERR_INVALID_REQUEST)
		challenge(exchange, &refusal, err);
	response_retry_after(exchange->response, err->retry_after_s);
	buf_done(&refusal.scope);
}
