/* The cryptography we need, through OpenSSL's EVP.  The only file that includes OpenSSL. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define SHA256_SIZE 32
#define UUID_SIZE 37 /* 36 characters and the NUL */

struct rsa_key; /* a public key, reference-counted, safe to use from any thread */
struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha, const void *bytes, size_t n);
/* Writes the digest and frees sha. */
void sha256_end(struct sha256 *sha, unsigned char ret[SHA256_SIZE]);

/* A key from a JWK's base64url modulus and exponent (RFC 7518 §6.3.1).  Fails with
 * ERR_UPSTREAM_UNAVAILABLE unless 2048 to 8192 bits and an odd exponent of 3 or more. */
bool rsa_key_new(const char *n_b64url, const char *e_b64url, struct rsa_key **ret, struct err *err);
struct rsa_key *rsa_key_ref(struct rsa_key *key);
void rsa_key_free(struct rsa_key *key);

/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3) over the n bytes at text. */
bool rsa_verify_rs256(struct rsa_key *key, const char *text, size_t n, const void *signature,
	size_t signature_len);

/* An RSA key with its certificate, for signing.  Read-only once loaded; any thread. */
struct signer;

/* Reads a PEM file that holds an RSA private key (2048 bits or more, not encrypted) and the
 * certificate for it, in any order.  ERR_SERVER_CONFIGURATION when it does not. */
bool signer_load(const char *pem_file, struct signer **ret, struct err *err);
void signer_free(struct signer *signer);
/* base64url of the SHA-256 of the certificate's DER: the x5t#S256 of RFC 7515 §4.1.8. */
const char *signer_thumbprint(const struct signer *signer);
/* Appends the RSASSA-PSS signature with SHA-256 and a salt of 32 bytes (RFC 7518 §3.5). */
bool signer_ps256(const struct signer *signer, const char *text, size_t n, struct buf *ret);

/* What is asked of a TLS connection that somebody else runs; tls: its SSL object. */

/* Whether HTTP/2 was agreed on (ALPN, RFC 7301). */
bool tls_is_http2(void *tls);
/* Whether application data waits to be read from it, or it has ended.  Messages of TLS itself
 * (RFC 8446 §4.6: session tickets, key updates) are taken in meanwhile.  sock: what it runs over.
 */
bool tls_has_input(void *tls, int sock);

/* A random number from 0 to below - 1. */
unsigned random_below(unsigned below);

/* A random version 4 UUID, lower case. */
void uuid_make(char ret[UUID_SIZE]);

#endif
