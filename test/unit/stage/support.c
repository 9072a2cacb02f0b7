#include "support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"

#define HANG_S 120

void check(bool holds, const char *format, ...)
{
	char what[512];
	va_list args;

	if (holds)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	fail_msg("%s", what);
}

static const struct setting_change *changed;
static size_t changed_count;

static const char *setting(const char *name)
{
	static const struct setting_change COMPLETE[] = {{"CLIENT_ID", CLIENT},
		{"CLIENT_SECRET", "s3cr3t"}, {"TENANT_ID", TENANT},
		{"APIM_GATEWAY_URL", "https://apim.example.com/tools"}};

	for (size_t i = 0; i < changed_count; i++) {
		if (!strcmp(name, changed[i].name))
			return changed[i].value;
	}
	for (size_t i = 0; i < COUNT_OF(COMPLETE); i++) {
		if (!strcmp(name, COMPLETE[i].name))
			return COMPLETE[i].value;
	}
	return NULL;
}

void settings_load_changed(
	struct config *config, const struct setting_change *changes, size_t count)
{
	changed = changes;
	changed_count = count;
	config_load(config, setting);
}

void settings_load(struct config *config, const char *name, const char *value)
{
	struct setting_change change = {name, value};

	settings_load_changed(config, &change, name ? 1 : 0);
}

static bool setting_takes(const char *name, const char *value)
{
	struct config config;
	size_t problems;

	settings_load(&config, name, value);
	problems = config.problem_count;
	if (problems)
		assert_string_equal(config.problems[0].name, name);
	config_done(&config);
	return problems == 0;
}

void setting_check(const char *name, const char *const *values, size_t count, bool taken)
{
	for (size_t i = 0; i < count; i++)
		check(setting_takes(name, values[i]) == taken, "%s=%s", name,
			values[i] ? values[i] : "(unset)");
}

/* struct keypair is an EVP_PKEY under a name of our own. */
struct keypair *keypair_new(unsigned bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	assert_int_equal(BN_set_word(e, exponent), 1);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
	return (struct keypair *)key;
}

void keypair_free(struct keypair *signer)
{
	EVP_PKEY_free((EVP_PKEY *)signer);
}

static void add_number(
	cJSON *jwk, const char *name, const struct keypair *signer, const char *param)
{
	unsigned char bytes[1024];
	BIGNUM *number = NULL;
	struct buf text;
	int n;

	assert_int_equal(EVP_PKEY_get_bn_param((const EVP_PKEY *)signer, param, &number), 1);
	n = BN_bn2bin(number, bytes);
	buf_init(&text);
	b64url_encode(&text, bytes, (size_t)n);
	json_add(jwk, name, buf_text(&text));
	buf_done(&text);
	BN_free(number);
}

cJSON *keypair_jwk(const struct keypair *signer, const char *kid, const char *issuer)
{
	cJSON *jwk = cJSON_CreateObject();

	json_add(jwk, "kty", "RSA");
	json_add(jwk, "use", "sig");
	json_add(jwk, "kid", kid);
	add_number(jwk, "n", signer, OSSL_PKEY_PARAM_RSA_N);
	add_number(jwk, "e", signer, OSSL_PKEY_PARAM_RSA_E);
	if (issuer)
		json_add(jwk, "issuer", issuer);
	return jwk;
}

static void add_signature(struct buf *token, const struct keypair *signer)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[1024];
	size_t n = sizeof(signature);

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, (EVP_PKEY *)signer), 1);
	assert_int_equal(
		EVP_DigestSign(ctx, signature, &n, (unsigned char *)token->data, token->len), 1);
	EVP_MD_CTX_free(ctx);
	buf_adds(token, ".");
	b64url_encode(token, signature, n);
}

char *keypair_token(const struct keypair *signer, const char *header, const char *claims)
{
	struct buf token;

	buf_init(&token);
	b64url_encode(&token, header, strlen(header));
	buf_adds(&token, ".");
	b64url_encode(&token, claims, strlen(claims));
	add_signature(&token, signer);
	return token.data;
}

char *json_changed(const char *document, const char *name, const char *json)
{
	autofree_json cJSON *tree = cJSON_Parse(document);

	assert_non_null(tree);
	if (name)
		cJSON_DeleteItemFromObjectCaseSensitive(tree, name);
	if (name && json)
		cJSON_AddItemToObject(tree, name, cJSON_Parse(json));
	return json_print(tree);
}

char *keypair_bearer(const struct keypair *signer, const char *header, const char *claims)
{
	autofree char *token = keypair_token(signer, header, claims);
	char *text = malloc(strlen(token) + 8);

	strcpy(text, "Bearer ");
	return strcat(text, token);
}

bool caller_ask(const struct caller_rules *rules, const char *authorization, bool accept_graph,
	int64_t now_s, struct caller *ret, struct err *err)
{
	struct caller_query query = {authorization, accept_graph, now_s, deadline_after(WHILE_MS)};

	return caller_check(rules, &query, ret, err);
}

struct http_reply reply_make(int status, const char *head, const char *body)
{
	struct http_reply reply = {.status = status};

	buf_init(&reply.head);
	buf_init(&reply.body);
	buf_adds(&reply.head, head);
	buf_adds(&reply.body, body);
	return reply;
}

void fail_if_hung(void)
{
	alarm(HANG_S);
}
