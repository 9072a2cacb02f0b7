#include "endpoints/metadata.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/url.h"
#include "base/version.h"
#include "endpoints/endpoints.h"

/* The URL with a well-known name between its host and its path (RFC 9728 §3.1, RFC 8414 §3.1). */
static char *well_known(const char *url, const char *name)
{
	struct url parsed;
	bool valid = url_parse(url, &parsed);
	struct buf out;

	assert(valid); /* a setting that was checked */
	buf_init(&out);
	buf_add(&out, url, (size_t)(parsed.rest - url));
	buf_addf(&out, METADATA_PATH "%s%s", name, parsed.rest);
	return out.data;
}

static void add_url(cJSON *document, const char *name, const struct config *config, const char *end)
{
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "%s/%s%s", config->authority_host, config->tenant_id, end);
	json_add(document, name, buf_text(&url));
	buf_done(&url);
}

static void add_list(cJSON *document, const char *name, const char *a, const char *b)
{
	cJSON *list = json_add_array(document, name);

	cJSON_AddItemToArray(list, cJSON_CreateString(a));
	if (b)
		cJSON_AddItemToArray(list, cJSON_CreateString(b));
}

/* RFC 9728 §2. */
static char *print_resource(const struct config *config, const char *scope)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	json_add(document, "resource", config->mcp_resource);
	if (config->mcp_authorization_facade) {
		add_list(document, "authorization_servers", config->apim_gateway_url, NULL);
	} else {
		struct buf issuer;

		buf_init(&issuer);
		buf_addf(&issuer, "%s/%s/v2.0", config->authority_host, config->tenant_id);
		add_list(document, "authorization_servers", buf_text(&issuer), NULL);
		buf_done(&issuer);
	}
	add_list(document, "scopes_supported", scope, NULL);
	add_list(document, "bearer_methods_supported", "header", NULL);
	json_add(document, "resource_name", SERVICE_TITLE);
	return json_print(document);
}

/* RFC 8414 §2: Entra's own endpoints under an issuer of ours, with the member that Entra leaves
 * out although it does take S256 (RFC 7636). */
static char *print_server(const struct config *config, const char *scope)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	json_add(document, "issuer", config->apim_gateway_url);
	add_url(document, "authorization_endpoint", config, "/oauth2/v2.0/authorize");
	add_url(document, "token_endpoint", config, "/oauth2/v2.0/token");
	add_url(document, "jwks_uri", config, "/discovery/v2.0/keys");
	add_list(document, "scopes_supported", scope, "offline_access");
	add_list(document, "response_types_supported", "code", NULL);
	add_list(document, "response_modes_supported", "query", NULL);
	add_list(document, "grant_types_supported", "authorization_code", "refresh_token");
	add_list(document, "token_endpoint_auth_methods_supported", "none", "client_secret_post");
	add_list(document, "code_challenge_methods_supported", "S256", NULL);
	return json_print(document);
}

struct metadata *metadata_new(const struct config *config)
{
	struct metadata *metadata = xcalloc(1, sizeof(*metadata));
	struct buf scope;

	buf_init(&scope);
	buf_addf(&scope, "%s/%s", config->mcp_resource, config->required_scope);
	metadata->scope = scope.data;
	buf_init(&scope);
	buf_addf(&scope, "api://%s/%s", config->client_id, config->required_scope);
	metadata->api_scope = scope.data;
	metadata->resource_url = well_known(config->mcp_resource, "oauth-protected-resource");
	metadata->resource = print_resource(config, metadata->scope);
	if (config->mcp_authorization_facade)
		metadata->server = print_server(config, metadata->scope);
	return metadata;
}

void metadata_free(struct metadata *metadata)
{
	if (!metadata)
		return;
	free(metadata->resource_url);
	free(metadata->scope);
	free(metadata->api_scope);
	free(metadata->resource);
	free(metadata->server);
	free(metadata);
}

/* Whether the document of that name is asked for, by itself or with a resource's path behind it. */
static bool asks_for(const struct request *request, const char *name)
{
	const char *at = strstr(request->url ? request->url : request->path, METADATA_PATH);
	size_t n = strlen(name);

	if (!at)
		return false;
	at += strlen(METADATA_PATH);
	return !strncmp(at, name, n) && (!at[n] || at[n] == '/' || at[n] == '?');
}

bool endpoint_metadata(struct http_exchange *exchange, struct err *err)
{
	const struct service *service = exchange->call.service;
	const struct metadata *metadata = service->metadata;
	const char *document = NULL;

	if (service->state == SERVICE_NOT_CONFIGURED)
		return err_set(err, ERR_NOT_CONFIGURED, "settings missing or wrong");
	if (asks_for(exchange->request, "oauth-protected-resource"))
		document = metadata->resource;
	else if (asks_for(exchange->request, "oauth-authorization-server"))
		document = metadata->server;
	if (!document)
		return err_set(err, ERR_NOT_FOUND, "no such well-known document");
	response_body_static(exchange->response, "application/json", document, strlen(document));
	response_header(exchange->response, "Cache-Control", "public, max-age=3600");
	return true;
}
