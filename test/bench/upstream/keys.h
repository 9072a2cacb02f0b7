/* The keys of the fake upstream: one that signs users' tokens, and a TLS certificate of its own. */
#ifndef UPSTREAM_KEYS_H
#define UPSTREAM_KEYS_H

#include <openssl/ssl.h>

struct keys;

/* Makes both.  Ends the program when OpenSSL cannot. */
struct keys *keys_new(void);

/* A TLS server for 127.0.0.1 that offers those protocols (ALPN's wire format) in its own order; its
 * certificate, its own authority, is written to the file. */
SSL_CTX *keys_tls(const struct keys *keys, const char *protocols, const char *certificate_file);

/* The public signing key as a JSON Web Key Set.  The caller frees it. */
char *keys_jwks(const struct keys *keys);

struct token_facts {
	const char *issuer, *client_id, *tenant_id;
};

/* A user's access token of about 2 KB, as Entra signs them (version 2.0).  The caller frees it. */
char *keys_token(const struct keys *keys, const struct token_facts *facts, unsigned user);

/* The user of a token made by keys_token; -1: none.  The signature is not looked at. */
long token_user(const char *token, size_t size);

#endif
