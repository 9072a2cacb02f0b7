#include "door/documents.h"

#include "base/json.h"

static void add_url(cJSON *document, const char *name, const char *base, const char *end)
{
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "%s%s", base, end);
	json_add(document, name, buf_text(&url));
	buf_done(&url);
}

static void add_endpoints(cJSON *document, const struct config *config)
{
	const char *base = config->apim_gateway_url;

	json_add(document, "issuer", base);
	add_url(document, "authorization_endpoint", base, "/oauth/authorize");
	add_url(document, "token_endpoint", base, "/oauth/token");
	add_url(document, "registration_endpoint", base, "/oauth/register");
}

/* OpenID Connect Discovery 1.0 §3, though no id token is given out here. */
static void add_openid(cJSON *document, const struct config *config)
{
	struct buf tenant;

	buf_init(&tenant);
	buf_addf(&tenant, "%s/%s", config->authority_host, config->tenant_id);
	add_url(document, "jwks_uri", buf_text(&tenant), "/discovery/v2.0/keys");
	json_add_strings(document, "subject_types_supported", JSON_STRINGS("pairwise"));
	json_add_strings(document, "id_token_signing_alg_values_supported", JSON_STRINGS("RS256"));
	buf_done(&tenant);
}

/* offline_access is not listed: clients that find it there ask for consent anew, which users may
 * not be allowed to give; it is added to what they ask for. */
char *documents_server(const struct config *config, const char *scope)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	add_endpoints(document, config);
	json_add_strings(document, "scopes_supported", JSON_STRINGS(scope));
	json_add_strings(document, "response_types_supported", JSON_STRINGS("code"));
	json_add_strings(document, "response_modes_supported", JSON_STRINGS("query"));
	json_add_strings(document, "grant_types_supported",
		JSON_STRINGS("authorization_code", "refresh_token"));
	/* none stands first: some clients take the first and send an empty secret with the others
	 */
	json_add_strings(document, "token_endpoint_auth_methods_supported",
		JSON_STRINGS("none", "client_secret_post", "client_secret_basic"));
	json_add_strings(document, "code_challenge_methods_supported", JSON_STRINGS("S256"));
	cJSON_AddTrueToObject(document, "client_id_metadata_document_supported");
	add_openid(document, config);
	return json_print(document);
}
