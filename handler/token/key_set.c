#include "token/key_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define ISSUER_BYTES_MAX 1024

char *issuer_with_tenant(const char *template, const char *tenant_id)
{
	const char *hole = template ? strstr(template, "{tenantid}") : NULL;
	struct buf issuer;

	if (!template)
		return NULL;
	buf_init(&issuer);
	buf_add(&issuer, template, hole ? (size_t)(hole - template) : strlen(template));
	if (hole) {
		buf_adds(&issuer, tenant_id);
		buf_adds(&issuer, hole + strlen("{tenantid}"));
	}
	if (issuer.len <= ISSUER_BYTES_MAX)
		return issuer.data;
	buf_done(&issuer);
	return NULL;
}

static bool read_jwk(const cJSON *item, const char *tenant_id, struct jwk *ret)
{
	const char *kty = json_string(item, "kty"), *kid = json_string(item, "kid");
	const char *use = json_string(item, "use"), *issuer = json_string(item, "issuer");
	const char *n = json_string(item, "n"), *e = json_string(item, "e");
	struct jwk jwk = {.issuer = issuer_with_tenant(issuer, tenant_id)};
	autoerr(ignored);

	if (!kty || strcmp(kty, "RSA") != 0 || !kid || !n || !e ||
		(use && strcmp(use, "sig") != 0) || (issuer && !jwk.issuer) ||
		!rsa_key_new(n, e, &jwk.key, &ignored)) {
		free(jwk.issuer);
		return false;
	}
	jwk.kid = xstrdup(kid);
	*ret = jwk;
	return true;
}

void key_set_read(const cJSON *document, const char *tenant_id, struct key_set *ret)
{
	const cJSON *item;

	ret->count = 0;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(document, "keys"))
	{
		if (ret->count < KEY_SET_MAX && read_jwk(item, tenant_id, &ret->keys[ret->count]))
			ret->count++;
	}
}

void key_set_done(struct key_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free(set->keys[i].kid);
		free(set->keys[i].issuer);
		rsa_key_free(set->keys[i].key);
	}
	set->count = 0;
}

bool jwk_fits(const struct jwk *jwk, const struct key_wanted *wanted)
{
	return !jwk->issuer || !strcmp(jwk->issuer, wanted->issuer) ||
	       !strcmp(jwk->issuer, wanted->v2_issuer);
}

const struct jwk *key_set_find(const struct key_set *set, const struct key_wanted *wanted)
{
	const struct jwk *found = NULL;

	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->keys[i].kid, wanted->kid) != 0)
			continue;
		found = &set->keys[i];
		if (jwk_fits(found, wanted))
			return found;
	}
	return found;
}

/* Whether one of the first count keys has that id. */
static bool has_id(const struct key_set *set, size_t count, const char *kid)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(set->keys[i].kid, kid))
			return true;
	}
	return false;
}

bool key_set_lacks(const struct key_set *set, const struct key_set *other)
{
	for (size_t i = 0; i < other->count; i++) {
		if (!has_id(set, set->count, other->keys[i].kid))
			return true;
	}
	return false;
}

bool key_set_complete(struct key_set *set, struct key_set *other)
{
	const size_t own = set->count;
	size_t left = 0;

	for (size_t i = 0; i < other->count; i++) {
		struct jwk jwk = other->keys[i];

		if (set->count < KEY_SET_MAX && !has_id(set, own, jwk.kid))
			set->keys[set->count++] = jwk;
		else
			other->keys[left++] = jwk;
	}
	other->count = left;
	return set->count > own;
}
