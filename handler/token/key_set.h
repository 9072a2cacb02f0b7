/* A key set document (RFC 7517) read: its RSA signing keys, and whose tokens each is for. */
#ifndef TOKEN_KEY_SET_H
#define TOKEN_KEY_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/crypto.h"
#include "base/json.h"

#define KEY_SET_MAX 64

struct jwk {
	char *kid;
	char *issuer; /* with the tenant filled in; NULL: not bound to one */
	struct rsa_key *key;
};

struct key_set {
	struct jwk keys[KEY_SET_MAX];
	size_t count;
};

/* Keys that are not usable RSA signing keys are passed over, the rest kept.  The caller ends it
 * with key_set_done. */
void key_set_read(const cJSON *document, const char *tenant_id, struct key_set *ret);
void key_set_done(struct key_set *set);

struct key_wanted {
	const char *kid;
	const char *issuer;    /* of the token */
	const char *v2_issuer; /* of the tenant, whose keys sign v1 tokens too */
};

/* The key with that id, NULL: none.  One that fits goes before one that does not (a set may hold
 * other clouds' keys). */
const struct jwk *key_set_find(const struct key_set *set, const struct key_wanted *wanted);
/* Whether it is for tokens of that issuer. */
bool jwk_fits(const struct jwk *jwk, const struct key_wanted *wanted);

/* Whether the other set has a key id that this one has not. */
bool key_set_lacks(const struct key_set *set, const struct key_set *other);

/* Moves into this set what it lacks of the other; whether that was anything. */
bool key_set_complete(struct key_set *set, struct key_set *other);

/* The issuer with the tenant for {tenantid}; NULL for none or one too long.  The caller frees it.
 */
char *issuer_with_tenant(const char *template, const char *tenant_id);

#endif
