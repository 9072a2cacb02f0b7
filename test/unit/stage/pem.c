#include "pem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/b64.h"

static X509 *certify(const struct keypair *owner)
{
	EVP_PKEY *key = (EVP_PKEY *)owner;
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"handler", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static char *thumbprint(const X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
	int der_len = i2d_X509(certificate, &der);
	unsigned n = 0;
	struct buf text;

	assert_true(der_len > 0);
	assert_int_equal(EVP_Digest(der, (size_t)der_len, digest, &n, EVP_sha256(), NULL), 1);
	OPENSSL_free(der);
	buf_init(&text);
	b64url_encode(&text, digest, n);
	return text.data;
}

static void write_key(FILE *file, const struct pem *pem)
{
	const char *word = pem->passphrase;

	if (pem->key)
		assert_int_equal(PEM_write_PKCS8PrivateKey(file, (const EVP_PKEY *)pem->key,
					 word ? EVP_aes_256_cbc() : NULL, word,
					 word ? (int)strlen(word) : 0, NULL, NULL),
			1);
}

char *pem_write(const char *path, const struct pem *pem)
{
	X509 *certificate = pem->certified ? certify(pem->certified) : NULL;
	char *print = certificate ? thumbprint(certificate) : NULL;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	if (!pem->certificate_first)
		write_key(file, pem);
	if (certificate)
		assert_int_equal(PEM_write_X509(file, certificate), 1);
	if (pem->certificate_first)
		write_key(file, pem);
	fclose(file);
	X509_free(certificate);
	return print;
}

struct keypair *keypair_new_ec(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_non_null(key);
	return (struct keypair *)key;
}

struct keypair *keypair_new_pss(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return (struct keypair *)key;
}

bool keypair_verifies_ps256(const struct keypair *key, const char *text, size_t n,
	const void *signature, size_t signature_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;
	bool good;

	good = EVP_DigestVerifyInit(ctx, &key_ctx, EVP_sha256(), NULL, (EVP_PKEY *)key) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, 32) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(key_ctx, EVP_sha256()) == 1 &&
	       EVP_DigestVerify(ctx, signature, signature_len, (const unsigned char *)text, n) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}
