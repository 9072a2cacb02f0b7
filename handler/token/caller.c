#include "token/caller.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "token/caller_cache.h"
#include "token/cloud.h"
#include "token/jwt.h"

#define SKEW_S 300
void caller_rules_init(struct caller_rules *rules, const struct config *config, struct jwks *jwks)
{
	struct buf own_uri;

	buf_init(&own_uri);
	buf_addf(&own_uri, "api://%s", config->client_id);
	rules->config = config;
	rules->jwks = jwks;
	rules->checked = caller_cache_new((size_t)config->token_cache_entries);
	rules->own_uri = own_uri.data;
}

void caller_rules_done(struct caller_rules *rules)
{
	caller_cache_free(rules->checked);
	free(rules->own_uri);
	*rules = (struct caller_rules){0};
}

/* RFC 6750 §2.1: "Bearer", one space or more, and what should be a b64token and nothing else. */
static bool read_bearer(const char *authorization, const char **ret, struct err *err)
{
	if (!authorization || !*authorization)
		return err_set(err, ERR_MISSING_TOKEN, "no Authorization header");
	if (strncasecmp(authorization, "Bearer", 6) != 0 ||
		(authorization[6] && authorization[6] != ' '))
		return err_set(err, ERR_MISSING_TOKEN, "another authentication scheme");
	*ret = authorization + 6 + strspn(authorization + 6, " ");
	return true;
}

static bool is_graph_audience(const struct config *config, const char *audience)
{
	char *plain;
	bool graph;

	if (!audience)
		return false;
	plain = xstrdup(audience);
	if (*plain && plain[strlen(plain) - 1] == '/')
		plain[strlen(plain) - 1] = '\0';
	graph = text_is(plain, CLOUD_GRAPH_APP_ID) || text_is(plain, config->graph_base_url) ||
		text_is(plain, "https://graph.microsoft.com");
	free(plain);
	return graph;
}

/* alg exactly RS256: never what the token would like.  jku, x5u, jwk and x5c are not looked at. */
static bool check_header(const struct jwt *jwt, struct err *err)
{
	const char *typ = json_string(jwt->header, "typ");

	if (!text_is(json_string(jwt->header, "alg"), "RS256"))
		return err_say(
			err, ERR_INVALID_TOKEN, "The access token is not signed with RS256.");
	if (!typ || (strcasecmp(typ, "JWT") != 0 && strcasecmp(typ, "at+jwt") != 0))
		return err_say(err, ERR_INVALID_TOKEN, "The token is not of type JWT.");
	if (!json_string(jwt->header, "kid"))
		return err_say(err, ERR_INVALID_TOKEN, "The access token names no signing key.");
	if (cJSON_GetObjectItemCaseSensitive(jwt->header, "crit")) /* RFC 7515 §4.1.11 */
		return err_say(err, ERR_INVALID_TOKEN, "The token demands an unknown extension.");
	return true;
}

static enum token_version version_of(const struct jwt *jwt)
{
	const char *version = json_string(jwt->claims, "ver");

	return text_is(version, "1.0")   ? TOKEN_V1
	       : text_is(version, "2.0") ? TOKEN_V2
					 : TOKEN_VERSION__COUNT;
}

static bool check_issuer(const struct caller_rules *rules, const struct jwt *jwt, struct err *err)
{
	enum token_version version = version_of(jwt);
	const char *issuer = json_string(jwt->claims, "iss");
	const char *tenant = json_string(jwt->claims, "tid");
	const char *audience = json_string(jwt->claims, "aud");

	if (version == TOKEN_VERSION__COUNT)
		return err_say(err, ERR_INVALID_TOKEN,
			"The access token is not of Microsoft Entra: its version (ver) is neither "
			"1.0 nor 2.0.");
	if (!issuer)
		return err_say(err, ERR_INVALID_TOKEN, "The access token names no issuer (iss).");
	if (!jwks_may_issue(rules->jwks, version, issuer, err))
		return false;
	if (!tenant || strcasecmp(tenant, rules->config->tenant_id) != 0)
		return err_say(err, ERR_INVALID_TOKEN,
			"The access token is for another tenant (tid); this API takes '%s'.",
			rules->config->tenant_id);
	if (!text_is(audience, rules->config->client_id) && !text_is(audience, rules->own_uri) &&
		!text_is(audience, rules->config->mcp_resource))
		return err_say(err, ERR_INVALID_TOKEN,
			"The access token is for another API; its audience (aud) must be '%s'.",
			version == TOKEN_V1 ? rules->own_uri : rules->config->client_id);
	return true;
}

static bool check_times(const struct jwt *jwt, int64_t now_s, struct err *err)
{
	int64_t exp, nbf;

	if (!json_integer(jwt->claims, "exp", &exp))
		return err_say(err, ERR_INVALID_TOKEN, "The access token has no expiry time.");
	if (exp + SKEW_S <= now_s)
		return err_say(err, ERR_INVALID_TOKEN, "The access token has expired.");
	if (cJSON_GetObjectItemCaseSensitive(jwt->claims, "nbf") &&
		(!json_integer(jwt->claims, "nbf", &nbf) || nbf - SKEW_S > now_s))
		return err_say(err, ERR_INVALID_TOKEN, "The access token is not valid yet.");
	return true;
}

/* The checking of a token that was not seen before, and what comes of it. */
struct check {
	const struct caller_rules *rules;
	const struct caller_query *query;
	const struct jwt *jwt;
	struct caller_proof proof;
};

static bool check_signature(struct check *check, struct err *err)
{
	const struct jwt *jwt = check->jwt;
	const struct caller_query *query = check->query;
	struct jwks_query wanted = {.kid = json_string(jwt->header, "kid"),
		.issuer = json_string(jwt->claims, "iss"),
		.version = version_of(jwt),
		.now_s = query->now_s,
		.deadline = query->deadline};
	struct rsa_key *key;
	bool good;

	if (!jwks_find(check->rules->jwks, &wanted, &key, &check->proof.generation, err))
		return false;
	good = rsa_verify_rs256(key, jwt->signed_text, jwt->signed_len, buf_text(&jwt->signature),
		jwt->signature.len);
	rsa_key_free(key);
	return good || err_say(err, ERR_INVALID_TOKEN, "The access token's signature is wrong.");
}

static const char *client_of(const struct jwt *jwt)
{
	const char *azp = json_string(jwt->claims, "azp");

	return azp ? azp : json_string(jwt->claims, "appid");
}

/* Those that sign in here need not be listed. */
static bool is_allowed(const struct config *config, const char *client)
{
	if (!*config->allowed_client_ids)
		return true;
	return client && *client &&
	       (list_has(config->allowed_client_ids, ',', client) ||
		       text_is(client, config->mcp_client_id));
}

/* What the signature now vouches for: a user, through an allowed client, with our scope. */
static bool check_grant(const struct config *config, const struct jwt *jwt, struct err *err)
{
	const char *scopes = json_string(jwt->claims, "scp");
	const char *object_id = json_string(jwt->claims, "oid");
	const char *client = client_of(jwt);

	if (text_is(json_string(jwt->claims, "idtyp"), "app") ||
		(!scopes && object_id && text_is(json_string(jwt->claims, "sub"), object_id)))
		return err_set(err, ERR_APP_ONLY_TOKEN, "idtyp or sub of an application");
	if (!scopes)
		return err_say(err, ERR_INVALID_TOKEN,
			"This is not a user's access token: it carries no scope (scp).");
	if (!object_id || !guid_valid(object_id))
		return err_say(err, ERR_INVALID_TOKEN, "The access token names no user (oid).");
	if (!list_has(scopes, ' ', config->required_scope))
		return err_say(err, ERR_INSUFFICIENT_SCOPE,
			"The access token lacks the scope \"%s\".", config->required_scope);
	if (!is_allowed(config, client))
		return err_set(err, ERR_CLIENT_NOT_ALLOWED, "client %.40s", client ? client : "-");
	return true;
}

static void fill(const struct jwt *jwt, struct caller *ret)
{
	const char *username = json_string(jwt->claims, "preferred_username");

	if (!username)
		username = json_string(jwt->claims, "upn");
	if (!username) /* v1 tokens of guests */
		username = json_string(jwt->claims, "unique_name");
	ret->kind = CALLER_USER;
	ret->tenant_id = xstrdup_if(json_string(jwt->claims, "tid"));
	ret->object_id = xstrdup_if(json_string(jwt->claims, "oid"));
	ret->name = xstrdup_if(json_string(jwt->claims, "name"));
	ret->username = xstrdup_if(username);
	ret->scopes = xstrdup_if(json_string(jwt->claims, "scp"));
	ret->client_id = xstrdup_if(client_of(jwt));
	json_integer(jwt->claims, "exp", &ret->expires_s);
}

static bool check_jwt(struct check *check, struct caller *ret, struct err *err)
{
	const struct jwt *jwt = check->jwt;

	check->proof.checked_s = check->query->now_s;
	if (!check_header(jwt, err) || !check_issuer(check->rules, jwt, err) ||
		!check_times(jwt, check->query->now_s, err) || !check_signature(check, err) ||
		!check_grant(check->rules->config, jwt, err))
		return false;
	fill(jwt, ret);
	check->proof.until_s = ret->expires_s + SKEW_S;
	return true;
}

static void hash_of(const char *token, size_t n, unsigned char ret[SHA256_SIZE])
{
	struct sha256 *sha = sha256_new();

	sha256_add(sha, token, n);
	sha256_end(sha, ret);
}

static bool check_token(const struct caller_rules *rules, const char *token,
	const struct caller_query *query, struct caller *ret, struct err *err)
{
	unsigned char hash[SHA256_SIZE];
	size_t n = strlen(token);
	struct jwt jwt;
	struct check check = {.rules = rules, .query = query, .jwt = &jwt};
	bool good;

	hash_of(token, n, hash);
	if (caller_cache_get(rules->checked, hash, rules->jwks, query->now_s, ret))
		return true;
	if (!b64token_valid(token, n))
		return err_set(err, ERR_INVALID_REQUEST, "not one b64token after Bearer");
	if (!jwt_parse(token, n, &jwt, err))
		return false;
	if (query->accept_graph &&
		is_graph_audience(rules->config, json_string(jwt.claims, "aud"))) {
		ret->kind = CALLER_GRAPH;
		good = true;
	} else {
		good = check_jwt(&check, ret, err);
		if (good)
			caller_cache_put(rules->checked, hash, ret, &check.proof);
	}
	jwt_done(&jwt);
	return good;
}

bool caller_check(const struct caller_rules *rules, const struct caller_query *query,
	struct caller *ret, struct err *err)
{
	struct caller caller = {0};
	const char *token = "";

	if (!read_bearer(query->authorization, &token, err) ||
		!check_token(rules, token, query, &caller, err))
		return false;
	secret_set(&caller.token, token, strlen(token));
	*ret = caller;
	return true;
}
