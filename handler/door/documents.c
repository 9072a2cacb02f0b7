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

static void add_list(cJSON *document, const char *name, const char *const *values)
{
	cJSON *list = json_add_array(document, name);

	for (; *values; values++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*values));
}

#define LIST(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
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
	add_list(document, "subject_types_supported", LIST("pairwise"));
	add_list(document, "id_token_signing_alg_values_supported", LIST("RS256"));
	buf_done(&tenant);
}

/* offline_access is not listed: clients that find it there ask for consent anew, which users may
 * not be allowed to give; it is added to what they ask for. */
char *documents_server(const struct config *config, const char *scope)
{
	autofree_json cJSON *document = cJSON_CreateObject();

	add_endpoints(document, config);
	add_list(document, "scopes_supported", LIST(scope));
	add_list(document, "response_types_supported", LIST("code"));
	add_list(document, "response_modes_supported", LIST("query"));
	add_list(document, "grant_types_supported", LIST("authorization_code", "refresh_token"));
	/* none stands first: some clients take the first and send an empty secret with the others
	 */
	add_list(document, "token_endpoint_auth_methods_supported",
		LIST("none", "client_secret_post", "client_secret_basic"));
	add_list(document, "code_challenge_methods_supported", LIST("S256"));
	cJSON_AddTrueToObject(document, "client_id_metadata_document_supported");
	add_openid(document, config);
	return json_print(document);
}
