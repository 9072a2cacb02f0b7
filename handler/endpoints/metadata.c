#include "endpoints/metadata.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/url.h"
#include "base/version.h"
#include "endpoints/endpoints.h"

#define WELL_KNOWN "/.well-known/"

/* The URL with a well-known name between its host and its path (RFC 9728 §3.1, RFC 8414 §3.1). */
static char *well_known(const char *url, const char *name)
{
	struct url parsed;
	bool valid = url_parse(url, &parsed);
	struct buf out;

	assert(valid); /* a setting that was checked */
	buf_init(&out);
	buf_add(&out, url, (size_t)(parsed.rest - url));
	buf_addf(&out, WELL_KNOWN "%s%s", name, parsed.rest);
	return out.data;
}

/* Where clients sign in: here, or at Entra itself. */
static void add_server(cJSON *document, const struct config *config)
{
	struct buf issuer;

	buf_init(&issuer);
	if (*config->mcp_client_id)
		buf_adds(&issuer, config->apim_gateway_url);
	else
		buf_addf(&issuer, "%s/%s/v2.0", config->authority_host, config->tenant_id);
	json_add_strings(document, "authorization_servers", JSON_STRINGS(buf_text(&issuer)));
	buf_done(&issuer);
}

/* RFC 9728 §2. */
static char *print_resource(const struct config *config, const char *scope)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	json_add(document, "resource", config->mcp_resource);
	add_server(document, config);
	json_add_strings(document, "scopes_supported", JSON_STRINGS(scope));
	json_add_strings(document, "bearer_methods_supported", JSON_STRINGS("header"));
	json_add(document, "resource_name", SERVICE_TITLE);
	return json_print(document);
}

/* Entra knows the one by the API's own id always; the other only where the resource is an
 * identifier URI of the registration too. */
static char *scope_of(const struct config *config)
{
	struct buf scope;

	if (*config->mcp_client_id || !config->mcp_identifier)
		return config_api_scope(config);
	buf_init(&scope);
	buf_addf(&scope, "%s/%s", config->mcp_resource, config->required_scope);
	return scope.data;
}

struct metadata *metadata_new(const struct config *config, const struct door *door)
{
	struct metadata *metadata = xcalloc(1, sizeof(*metadata));

	metadata->scope = scope_of(config);
	metadata->api_scope = config_api_scope(config);
	metadata->resource_url = well_known(config->mcp_resource, "oauth-protected-resource");
	metadata->resource = print_resource(config, metadata->scope);
	metadata->server = door ? door->metadata : NULL;
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
	free(metadata);
}

/* Whether the document of that name is asked for, by itself or with a resource's path behind it. */
static bool asks_for(const struct request *request, const char *name)
{
	const char *at = strstr(request->url ? request->url : request->path, WELL_KNOWN);
	size_t n = strlen(name);

	if (!at)
		return false;
	at += strlen(WELL_KNOWN);
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
	else if (asks_for(exchange->request, "oauth-authorization-server") ||
		 asks_for(exchange->request, "openid-configuration"))
		document = metadata->server;
	if (!document)
		return err_set(err, ERR_NOT_FOUND, "no such well-known document");
	response_body_static(exchange->response, "application/json", document, strlen(document));
	response_header(exchange->response, "Cache-Control", "public, max-age=3600");
	return true;
}
