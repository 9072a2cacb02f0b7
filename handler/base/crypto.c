#include "base/crypto.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/die.h"

#define NUMBER_BYTES_MAX 2048 /* of a modulus or an exponent */

/* struct rsa_key is an EVP_PKEY and struct sha256 an EVP_MD_CTX, under names of our own. */

static void must(int ok)
{
	if (ok != 1)
		die("crypto_failed");
}

struct sha256 *sha256_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	return (struct sha256 *)ctx;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t n)
{
	must(EVP_DigestUpdate((EVP_MD_CTX *)sha, bytes, n));
}

void sha256_end(struct sha256 *sha, unsigned char ret[SHA256_SIZE])
{
	must(EVP_DigestFinal_ex((EVP_MD_CTX *)sha, ret, NULL));
	EVP_MD_CTX_free((EVP_MD_CTX *)sha);
}

static BIGNUM *number(const char *b64url)
{
	struct buf bytes;
	BIGNUM *ret = NULL;

	buf_init(&bytes);
	if (b64url_decode(&bytes, b64url, strlen(b64url)) && bytes.len &&
		bytes.len <= NUMBER_BYTES_MAX)
		ret = BN_bin2bn((unsigned char *)bytes.data, (int)bytes.len, NULL);
	buf_done(&bytes);
	return ret;
}

static EVP_PKEY *key_from(BIGNUM *n, BIGNUM *e)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (build && ctx && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
		(params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool is_sound(const BIGNUM *n, const BIGNUM *e)
{
	return n && e && BN_num_bits(n) >= 2048 && BN_num_bits(n) <= 8192 && BN_is_odd(n) &&
	       BN_is_odd(e) && BN_num_bits(e) >= 2 && BN_num_bits(e) <= 64;
}

bool rsa_key_new(const char *n_b64url, const char *e_b64url, struct rsa_key **ret, struct err *err)
{
	BIGNUM *n = number(n_b64url);
	BIGNUM *e = number(e_b64url);
	EVP_PKEY *key = is_sound(n, e) ? key_from(n, e) : NULL;

	BN_free(n);
	BN_free(e);
	ERR_clear_error();
	if (!key)
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "not a usable RSA public key");
	*ret = (struct rsa_key *)key;
	return true;
}

struct rsa_key *rsa_key_ref(struct rsa_key *key)
{
	must(EVP_PKEY_up_ref((EVP_PKEY *)key));
	return key;
}

void rsa_key_free(struct rsa_key *key)
{
	EVP_PKEY_free((EVP_PKEY *)key);
}

bool rsa_verify_rs256(struct rsa_key *key, const char *text, size_t n, const void *signature,
	size_t signature_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	must(ctx != NULL);
	/* EVP's default padding for an RSA key is PKCS#1 v1.5. */
	good = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, (EVP_PKEY *)key) == 1 &&
	       EVP_DigestVerify(ctx, signature, signature_len, (const unsigned char *)text, n) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error(); /* a bad signature leaves its reason queued on this thread */
	return good;
}

struct signer {
	EVP_PKEY *key;
	char thumbprint[64];
};

static EVP_PKEY *read_private_key(BIO *file)
{
	BIO_reset(file);
	return PEM_read_bio_PrivateKey(file, NULL, NULL, "");
}

static X509 *read_certificate(BIO *file)
{
	BIO_reset(file);
	return PEM_read_bio_X509(file, NULL, NULL, NULL);
}

static void write_thumbprint(const X509 *certificate, char *ret, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct buf text;

	must(X509_digest(certificate, EVP_sha256(), digest, &n));
	buf_init(&text);
	b64url_encode(&text, digest, n);
	assert(text.len < size);
	memcpy(ret, buf_text(&text), text.len + 1);
	buf_done(&text);
}

bool signer_load(const char *pem_file, struct signer **ret, struct err *err)
{
	BIO *file = BIO_new_file(pem_file, "r");
	EVP_PKEY *key = file ? read_private_key(file) : NULL;
	X509 *certificate = file ? read_certificate(file) : NULL;
	bool good = key && certificate && EVP_PKEY_is_a(key, "RSA") &&
		    EVP_PKEY_get_bits(key) >= 2048 && X509_check_private_key(certificate, key) == 1;

	if (good) {
		*ret = xcalloc(1, sizeof(**ret));
		(*ret)->key = key;
		write_thumbprint(certificate, (*ret)->thumbprint, sizeof((*ret)->thumbprint));
	} else {
		EVP_PKEY_free(key);
		err_set(err, ERR_SERVER_CONFIGURATION, "%s",
			!file  ? "the file cannot be read"
			: !key ? "no private key in PEM, or it is encrypted"
			: !certificate
				? "no certificate in PEM"
				: "not an RSA key of 2048 bits or more with its certificate");
	}
	X509_free(certificate);
	BIO_free(file);
	ERR_clear_error();
	return good;
}

void signer_free(struct signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->key);
	free(signer);
}

const char *signer_thumbprint(const struct signer *signer)
{
	return signer->thumbprint;
}

bool signer_ps256(const struct signer *signer, const char *text, size_t n, struct buf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = (size_t)EVP_PKEY_get_size(signer->key);
	char *room = buf_reserve(ret, size);
	EVP_PKEY_CTX *key_ctx;
	bool good;

	must(ctx && room);
	good = EVP_DigestSignInit(ctx, &key_ctx, EVP_sha256(), NULL, signer->key) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
	       EVP_DigestSign(ctx, (unsigned char *)room, &size, (const unsigned char *)text, n) ==
		       1;
	if (good)
		ret->len += size;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

/* Random bytes fetched ahead, by each thread for itself: a fetch takes locks and system calls that
 * an id for every request can do without. */
static void random_bytes(void *ret, size_t n)
{
	static _Thread_local unsigned char ahead[512];
	static _Thread_local size_t left;

	assert(n <= sizeof(ahead));
	if (left < n) {
		must(RAND_bytes(ahead, sizeof(ahead)));
		left = sizeof(ahead);
	}
	left -= n;
	memcpy(ret, ahead + left, n);
}

bool tls_is_http2(void *tls)
{
	const unsigned char *name = NULL;
	unsigned len = 0;

	SSL_get0_alpn_selected(tls, &name, &len);
	return len == 2 && !memcmp(name, "h2", 2);
}

/* Its owner's way to read and write works only within a call of the owner's; so the socket itself
 * takes its place for the moment. */
bool tls_has_input(void *tls, int sock)
{
	BIO *in = SSL_get_rbio(tls), *out = SSL_get_wbio(tls), *bare;
	int n, wish;
	char byte;

	bare = BIO_new_socket(sock, BIO_NOCLOSE);
	must(bare && BIO_up_ref(in) && BIO_up_ref(out) && BIO_up_ref(bare));
	SSL_set0_rbio(tls, bare);
	SSL_set0_wbio(tls, bare);
	ERR_clear_error();
	n = SSL_peek(tls, &byte, 1);
	wish = SSL_get_error(tls, n);
	ERR_clear_error();
	SSL_set0_rbio(tls, in);
	SSL_set0_wbio(tls, out);
	return n > 0 || wish != SSL_ERROR_WANT_READ;
}

unsigned random_below(unsigned below)
{
	unsigned value;

	assert(below > 0);
	random_bytes(&value, sizeof(value));
	return value % below;
}

void uuid_make(char ret[UUID_SIZE])
{
	static const char DIGITS[] = "0123456789abcdef";
	static const unsigned char PLACES[] = {
		0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
	unsigned char b[sizeof(PLACES)];

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	memcpy(ret, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", UUID_SIZE);
	for (size_t i = 0; i < sizeof(PLACES); i++) {
		ret[PLACES[i]] = DIGITS[b[i] >> 4];
		ret[PLACES[i] + 1] = DIGITS[b[i] & 15];
	}
}
