/* PEM files as an operator could give them, and what a certificate's signature must satisfy, by
 * OpenSSL alone. */
#ifndef UNIT_PEM_H
#define UNIT_PEM_H

#include "support.h"

struct pem {
	const struct keypair *key;       /* NULL: no private key in the file */
	const char *passphrase;          /* the key is encrypted with it; NULL: it is not */
	const struct keypair *certified; /* whose certificate; NULL: none in the file */
	bool certificate_first;
};

/* Writes the file and returns the SHA-256 of the certificate's DER in base64url; the caller frees
 * it.  NULL when there is no certificate. */
char *pem_write(const char *path, const struct pem *pem);

/* A key of the elliptic curve P-256. */
struct keypair *keypair_new_ec(void);
/* An RSA key of 2048 bits that may only sign with RSASSA-PSS. */
struct keypair *keypair_new_pss(void);

/* Whether it is the key's RSASSA-PSS signature: SHA-256 throughout, a salt of 32 bytes. */
bool keypair_verifies_ps256(const struct keypair *key, const char *text, size_t n,
	const void *signature, size_t signature_len);

#endif
