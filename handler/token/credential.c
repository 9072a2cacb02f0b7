#include "token/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "token/cloud.h"
#include "token/token_cache.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define ASSERTION_LIFE_S 600
#define TOKEN_FILE_BYTES_MAX 65536
#define MARGIN_S 300     /* before an identity's token expires */
#define IDENTITY_TRIES 4 /* one and three repeats, a second apart: App Service's own advice */
#define IDENTITY_PAUSE_MS 1000

struct credential {
	const struct config *config;
	struct http_client *http;
	struct signer *signer;        /* certificate */
	struct token_cache *identity; /* managed identity: its one token */
};

const char *credential_kind(const struct credential *credential)
{
	const struct config *config = credential->config;

	if (credential->signer)
		return "certificate";
	if (credential->identity)
		return "managed_identity";
	return config->client_secret.data ? "secret" : "token_file";
}

bool credential_new(const struct config *config, struct http_client *http, struct credential **ret,
	struct err *err)
{
	struct credential *credential = xcalloc(1, sizeof(*credential));

	credential->config = config;
	credential->http = http;
	if (*config->client_certificate_file &&
		!signer_load(config->client_certificate_file, &credential->signer, err)) {
		free(credential);
		return false;
	}
	if (*config->managed_identity)
		credential->identity = token_cache_new(16);
	*ret = credential;
	return true;
}

void credential_free(struct credential *credential)
{
	if (!credential)
		return;
	signer_free(credential->signer);
	token_cache_free(credential->identity);
	free(credential);
}

static void add_part(struct buf *jwt, const cJSON *tree)
{
	autofree char *text = json_print(tree);

	b64url_encode(jwt, text, strlen(text));
}

/* Header and payload as "Microsoft identity platform certificate credentials" gives them. */
static void write_unsigned(
	const struct credential *credential, const char *token_url, struct buf *jwt)
{
	autofree_json cJSON *header = cJSON_CreateObject();
	autofree_json cJSON *claims = cJSON_CreateObject();
	const char *client_id = credential->config->client_id;
	int64_t now_s = clock_unix_s();
	char id[UUID_SIZE];

	uuid_make(id);
	json_add(header, "alg", "PS256");
	json_add(header, "typ", "JWT");
	json_add(header, "x5t#S256", signer_thumbprint(credential->signer));
	json_add(claims, "aud", token_url);
	json_add(claims, "iss", client_id);
	json_add(claims, "sub", client_id);
	json_add(claims, "jti", id);
	json_add_number(claims, "nbf", now_s);
	json_add_number(claims, "iat", now_s);
	json_add_number(claims, "exp", now_s + ASSERTION_LIFE_S);
	add_part(jwt, header);
	buf_adds(jwt, ".");
	add_part(jwt, claims);
}

static bool sign_assertion(const struct credential *credential, const char *token_url,
	struct buf *ret, struct err *err)
{
	struct buf signature;
	bool good;

	write_unsigned(credential, token_url, ret);
	buf_init(&signature);
	good = signer_ps256(credential->signer, ret->data, ret->len, &signature);
	buf_adds(ret, ".");
	b64url_encode(ret, buf_text(&signature), signature.len);
	buf_done(&signature);
	return good || err_set(err, ERR_SERVER_CONFIGURATION, "the certificate's key cannot sign");
}

static bool read_token_file(const char *path, struct buf *ret, struct err *err)
{
	FILE *file = fopen(path, "re");
	char piece[4096];
	bool good = true;
	size_t n;

	if (!file)
		return err_set(
			err, ERR_SERVER_CONFIGURATION, "AZURE_FEDERATED_TOKEN_FILE cannot be read");
	setvbuf(file, NULL, _IONBF, 0); /* no copy in a buffer that nobody wipes */
	while (good && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		good = buf_add_within(ret, piece, n, TOKEN_FILE_BYTES_MAX);
	fclose(file);
	explicit_bzero(piece, sizeof(piece));
	while (ret->len && strchr(" \t\r\n", ret->data[ret->len - 1]))
		ret->data[--ret->len] = '\0';
	return (good && b64token_valid(buf_text(ret), ret->len)) ||
	       err_set(err, ERR_SERVER_CONFIGURATION,
		       "AZURE_FEDERATED_TOKEN_FILE is empty, too large or holds no token");
}

static bool worth_repeating(int status)
{
	static const int STATUSES[] = {404, 408, 429, 500, 502, 503, 504};

	for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
		if (STATUSES[i] == status)
			return true;
	}
	return false;
}

/* Unix time, which App Service sends as text and others as a number. */
static int64_t read_expires_on(const cJSON *answer)
{
	const char *text = json_string(answer, "expires_on");
	int64_t expires_s = 0;

	if (text)
		return strtoll(text, NULL, 10);
	json_integer(answer, "expires_on", &expires_s);
	return expires_s;
}

static bool read_identity(const struct http_reply *reply, struct minted *ret, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	const char *token;

	if (reply->status != 200 || reply->cut ||
		!json_parse(buf_text(&reply->body), reply->body.len, &answer, err))
		return err_set(err,
			reply->status >= 500 || reply->status == 429 ? ERR_UPSTREAM_UNAVAILABLE
								     : ERR_SERVER_CONFIGURATION,
			"identity endpoint: HTTP status %d", reply->status);
	token = json_string(answer, "access_token");
	if (!token || !b64token_valid(token, TOKEN_FILE_BYTES_MAX))
		return err_set(err, ERR_SERVER_CONFIGURATION, "identity endpoint: no access_token");
	secret_set(&ret->token, token, strlen(token));
	explicit_bzero((char *)token, strlen(token));
	ret->expires_s = token_served_until_s(clock_unix_s(), read_expires_on(answer), MARGIN_S);
	return true;
}

static void write_identity_url(const struct config *config, struct buf *url)
{
	buf_addf(url, "%s?api-version=2019-08-01&resource=", config->identity_endpoint);
	buf_add_urlencoded(url, cloud_of(config->authority_host)->exchange_audience);
	if (strcmp(config->managed_identity, "system") != 0)
		buf_addf(url, "&client_id=%s", config->managed_identity);
}

/* Asks once.  *ret_again: it may go better a moment later. */
static bool ask_identity(const struct credential *credential, const struct http_fetch *fetch,
	bool *ret_again, struct minted *ret, struct err *err)
{
	struct http_reply reply;
	bool good;

	if (!http_send(credential->http, fetch, &reply, err)) {
		*ret_again = err->code == ERR_UPSTREAM_UNAVAILABLE;
		return false;
	}
	*ret_again = worth_repeating(reply.status);
	good = read_identity(&reply, ret, err);
	http_reply_done(&reply);
	return good;
}

/* App Service, "How to use managed identities", REST endpoint reference. */
static bool mint_identity(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	const struct credential *credential = wish->context;
	const struct config *config = credential->config;
	struct header header = {"X-IDENTITY-HEADER", config->identity_header.data};
	struct http_fetch fetch = {
		.headers = &header, .header_count = 1, .body_max = TOKEN_FILE_BYTES_MAX};
	bool good = false, again = true;
	struct buf url;

	buf_init(&url);
	write_identity_url(config, &url);
	fetch.url = buf_text(&url);
	for (int tries = 1; !good && again; tries++) {
		fetch.deadline = deadline_within(wish->deadline, config->entra_timeout_ms);
		good = ask_identity(credential, &fetch, &again, ret, err);
		again = again && tries < IDENTITY_TRIES &&
			http_client_wait(credential->http, IDENTITY_PAUSE_MS, wish->deadline);
	}
	buf_done(&url);
	return good || err_wrap(err, "managed identity");
}

static bool identity_token(
	struct credential *credential, struct deadline deadline, struct buf *ret, struct err *err)
{
	static const unsigned char KEY[SHA256_SIZE] = {0}; /* there is but one token */
	struct token_wish wish = {.key = KEY,
		.now_s = clock_unix_s(),
		.deadline = deadline,
		.mint = mint_identity,
		.context = credential};
	struct secret token = {0};
	enum token_source source;

	if (!token_cache_get(credential->identity, &wish, &token, &source, err))
		return false;
	buf_add(ret, token.data, token.len);
	secret_done(&token);
	return true;
}

bool credential_add(struct credential *credential, const char *token_url, struct deadline deadline,
	struct buf *form, struct err *err)
{
	const struct config *config = credential->config;
	struct buf assertion;
	bool good;

	if (config->client_secret.data) {
		buf_add_field(form, "client_secret", config->client_secret.data);
		return true;
	}
	buf_init(&assertion);
	if (credential->signer)
		good = sign_assertion(credential, token_url, &assertion, err);
	else if (credential->identity)
		good = identity_token(credential, deadline, &assertion, err);
	else
		good = read_token_file(config->federated_token_file, &assertion, err);
	if (good) {
		buf_add_field(form, "client_assertion_type", ASSERTION_TYPE);
		buf_add_field(form, "client_assertion", buf_text(&assertion));
	}
	buf_wipe(&assertion);
	return good;
}
