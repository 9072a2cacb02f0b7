#include "keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../programs/net.h"

#define TOKEN_LIFE_S (8 * 3600)
#define GROUPS 20 /* of the user, in the token: they bring it to its usual size */
#define TOKEN_BYTES_MAX 8192

struct keys {
	EVP_PKEY *signing;
	EVP_PKEY *tls;
	X509 *certificate;
};

static void extend(X509 *certificate, int what, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, what, value);
	if (!extension || !X509_add_ext(certificate, extension, -1))
		die("certificate");
	X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"bench upstream", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	extend(certificate, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
	extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
	if (!X509_sign(certificate, key, EVP_sha256()))
		die("certificate");
	return certificate;
}

struct keys *keys_new(void)
{
	struct keys *keys = calloc(1, sizeof(*keys));

	if (!keys)
		die("memory");
	keys->signing = EVP_RSA_gen(2048);
	keys->tls = EVP_EC_gen("P-256");
	if (!keys->signing || !keys->tls)
		die("keys");
	keys->certificate = make_certificate(keys->tls);
	return keys;
}

/* The first of ours that the client has too. */
static int choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_size,
	const unsigned char *offered, unsigned offered_size, void *ours)
{
	(void)ssl;
	return SSL_select_next_proto((unsigned char **)ret, ret_size, ours, (unsigned)strlen(ours),
		       offered, offered_size) == OPENSSL_NPN_NEGOTIATED
		       ? SSL_TLSEXT_ERR_OK
		       : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *keys_tls(const struct keys *keys, const char *protocols, const char *certificate_file)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	FILE *file = fopen(certificate_file, "w");

	if (!tls || !file || !PEM_write_X509(file, keys->certificate) || fclose(file) != 0)
		die(certificate_file);
	if (!SSL_CTX_use_certificate(tls, keys->certificate) ||
		!SSL_CTX_use_PrivateKey(tls, keys->tls))
		die("TLS");
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(tls, choose_protocol, (void *)protocols);
	return tls;
}

/* base64url without padding, appended as a string. */
static void encode(const unsigned char *bytes, size_t size, char *to)
{
	int n = EVP_EncodeBlock((unsigned char *)to, bytes, (int)size);

	for (int i = 0; i < n; i++)
		to[i] = (char)(to[i] == '+' ? '-' : to[i] == '/' ? '_' : to[i]);
	while (n > 0 && to[n - 1] == '=')
		to[--n] = '\0';
}

char *keys_jwks(const struct keys *keys)
{
	BIGNUM *modulus = NULL;
	unsigned char bytes[512];
	char text[1024], *ret;

	EVP_PKEY_get_bn_param(keys->signing, "n", &modulus);
	encode(bytes, (size_t)BN_bn2bin(modulus, bytes), text);
	BN_free(modulus);
	if (asprintf(&ret,
		    "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"bench-key\",\"n\":\"%"
		    "s\","
		    "\"e\":\"AQAB\"}]}",
		    text) < 0)
		die("memory");
	return ret;
}

static void write_claims(const struct token_facts *facts, unsigned user, char *to, size_t room)
{
	long now = (long)time(NULL);
	int n = snprintf(to, room,
		"{\"aud\":\"%s\",\"iss\":\"%s\",\"iat\":%ld,\"nbf\":%ld,\"exp\":%ld,"
		"\"azp\":\"aebc6443-996d-45c2-90f0-388ff96faa56\",\"azpacr\":\"0\","
		"\"name\":\"User %u\",\"oid\":\"00000000-0000-4000-8000-%012x\","
		"\"preferred_username\":\"user%u@contoso.example\",\"scp\":\"access_as_user\","
		"\"sub\":\"subject-%u\",\"tid\":\"%s\",\"uti\":\"u%u\",\"ver\":\"2.0\","
		"\"groups\":[",
		facts->client_id, facts->issuer, now, now, now + TOKEN_LIFE_S, user, user, user,
		user, facts->tenant_id, user);

	for (int group = 0; group < GROUPS; group++)
		n += snprintf(to + n, room - (size_t)n, "%s\"%08x-0000-4000-8000-%012x\"",
			group ? "," : "", user * 2654435761u, group);
	snprintf(to + n, room - (size_t)n, "]}");
}

char *keys_token(const struct keys *keys, const struct token_facts *facts, unsigned user)
{
	static const char HEADER[] = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"bench-key\"}";
	char claims[4096], *token = calloc(1, TOKEN_BYTES_MAX);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t size = sizeof(signature), n;

	if (!token || !ctx)
		die("memory");
	write_claims(facts, user, claims, sizeof(claims));
	encode((const unsigned char *)HEADER, sizeof(HEADER) - 1, token);
	n = strlen(token);
	token[n++] = '.';
	encode((const unsigned char *)claims, strlen(claims), token + n);
	n = strlen(token);
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, keys->signing) != 1 ||
		EVP_DigestSign(ctx, signature, &size, (const unsigned char *)token, n) != 1)
		die("signature");
	token[n++] = '.';
	encode(signature, size, token + n);
	EVP_MD_CTX_free(ctx);
	return token;
}

long token_user(const char *token, size_t size)
{
	static const char BEFORE[] = "\"oid\":\"00000000-0000-4000-8000-";
	const char *from = memchr(token, '.', size), *end, *found;
	char text[TOKEN_BYTES_MAX], claims[TOKEN_BYTES_MAX] = "";
	size_t n;

	end = from ? memchr(from + 1, '.', size - (size_t)(from + 1 - token)) : NULL;
	if (!end || end - from - 1 >= TOKEN_BYTES_MAX - 4)
		return -1;
	n = (size_t)(end - from - 1);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(from[1 + i] == '-' ? '+' : from[1 + i] == '_' ? '/' : from[1 + i]);
	while (n % 4)
		text[n++] = '=';
	if (EVP_DecodeBlock((unsigned char *)claims, (const unsigned char *)text, (int)n) < 0)
		return -1;
	found = strstr(claims, BEFORE);
	return found ? strtol(found + sizeof(BEFORE) - 1, NULL, 16) : -1;
}
