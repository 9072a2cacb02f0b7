#include "token/jwks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define KEYS_MAX 64
#define AGE_MIN_S 3600
#define AGE_MAX_S 86400 /* Entra's own max-age for the document */
#define RETRY_MIN_S 2   /* after a fetch that failed */

struct entry {
	char *kid;
	char *issuer; /* NULL: not bound to one */
	struct rsa_key *key;
};

struct jwks {
	jwks_fetch fetch;
	void *context;
	int64_t unknown_min_s;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t fetched;
	bool fetching;
	struct entry entries[KEYS_MAX];
	size_t count;
	int64_t loaded_s;   /* when the set was fetched; 0: never */
	int64_t age_s;      /* how long that set is kept */
	int64_t failed_s;   /* when a fetch last failed; 0: the last one went well */
	int64_t unknown_s;  /* when a fetch for an unknown key id last went well */
	struct err failure; /* of the last fetch that failed */
};

struct jwks *jwks_new(jwks_fetch fetch, void *context, int64_t unknown_min_s)
{
	struct jwks *jwks = xcalloc(1, sizeof(*jwks));

	jwks->fetch = fetch;
	jwks->context = context;
	jwks->unknown_min_s = unknown_min_s;
	pthread_mutex_init(&jwks->lock, NULL);
	pthread_cond_init(&jwks->fetched, NULL);
	return jwks;
}

static void entries_done(struct entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(entries[i].kid);
		free(entries[i].issuer);
		rsa_key_free(entries[i].key);
	}
}

void jwks_free(struct jwks *jwks)
{
	if (!jwks)
		return;
	entries_done(jwks->entries, jwks->count);
	pthread_cond_destroy(&jwks->fetched);
	pthread_mutex_destroy(&jwks->lock);
	free(jwks);
}

/* Entries that are not usable RSA signing keys are passed over, the rest kept. */
static size_t read_entries(const cJSON *document, struct entry entries[KEYS_MAX])
{
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(document, "keys"))
	{
		const char *kty = json_string(item, "kty"), *kid = json_string(item, "kid");
		const char *use = json_string(item, "use"), *issuer = json_string(item, "issuer");
		const char *n = json_string(item, "n"), *e = json_string(item, "e");
		struct rsa_key *key;
		struct err ignored;

		if (count == KEYS_MAX || !kty || strcmp(kty, "RSA") != 0 || !kid || !n || !e ||
			(use && strcmp(use, "sig") != 0) || !rsa_key_new(n, e, &key, &ignored))
			continue;
		entries[count++] = (struct entry){
			xstrdup(kid), issuer ? xstrdup(issuer) : NULL, key};
	}
	return count;
}

static int64_t age_within_bounds(int64_t max_age_s)
{
	if (max_age_s <= 0 || max_age_s > AGE_MAX_S)
		return AGE_MAX_S;
	return max_age_s < AGE_MIN_S ? AGE_MIN_S : max_age_s;
}

/* Fetches with the lock released; on return the lock is held and the outcome stored.  unknown: an
 * unknown key id is the reason. */
static void refresh(struct jwks *jwks, bool unknown, int64_t now_s)
{
	int64_t start_ms = clock_mono_ms();
	struct entry entries[KEYS_MAX];
	autofree_json cJSON *document = NULL;
	int64_t max_age_s = 0;
	size_t count = 0;
	struct err err;
	bool good;

	jwks->fetching = true;
	pthread_mutex_unlock(&jwks->lock);
	good = jwks->fetch(jwks->context, &document, &max_age_s, &err);
	if (good) {
		count = read_entries(document, entries);
		good = count > 0 ||
		       err_set(&err, ERR_UPSTREAM_UNAVAILABLE, "the key set holds no usable key");
	}
	if (!good)
		log_event(LOG_WARN, "keys_refresh_failed", "%s", err.detail);
	pthread_mutex_lock(&jwks->lock);
	if (good) {
		entries_done(jwks->entries, jwks->count);
		memcpy(jwks->entries, entries, count * sizeof(entries[0]));
		jwks->count = count;
		jwks->loaded_s = now_s;
		jwks->age_s = age_within_bounds(max_age_s);
		jwks->failed_s = 0;
		jwks->unknown_s = unknown ? now_s : jwks->unknown_s;
	} else {
		jwks->failure = err;
		jwks->failed_s = now_s + (clock_mono_ms() - start_ms) / 1000;
	}
	jwks->fetching = false;
	pthread_cond_broadcast(&jwks->fetched);
}

static bool issuer_fits(const char *template, const struct jwks_query *query)
{
	const char *hole = template ? strstr(template, "{tenantid}") : NULL;
	struct buf issuer;
	bool fits;

	if (!template)
		return true;
	buf_init(&issuer, 1024);
	if (hole) {
		buf_add(&issuer, template, (size_t)(hole - template));
		buf_adds(&issuer, query->tenant_id);
		buf_adds(&issuer, hole + strlen("{tenantid}"));
	} else {
		buf_adds(&issuer, template);
	}
	fits = !strcmp(buf_text(&issuer), query->issuer) ||
	       !strcmp(buf_text(&issuer), query->v2_issuer);
	buf_done(&issuer);
	return fits;
}

/* The key with the query's id; one that is bound to its issuer goes before one that is not (a set
 * may hold other clouds' keys). */
static const struct entry *lookup(const struct jwks *jwks, const struct jwks_query *query)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < jwks->count; i++) {
		if (strcmp(jwks->entries[i].kid, query->kid) != 0)
			continue;
		found = &jwks->entries[i];
		if (issuer_fits(found->issuer, query))
			return found;
	}
	return found;
}

/* Less than span_s away, in either direction: a clock that is set back must not stop fetches. */
static bool is_recent(int64_t when_s, int64_t now_s, int64_t span_s)
{
	return when_s && llabs(now_s - when_s) < span_s;
}

/* Whether this caller should fetch now.  The lock is held. */
static bool refresh_due(struct jwks *jwks, bool known, int64_t now_s)
{
	if (is_recent(jwks->failed_s, now_s, RETRY_MIN_S))
		return false;
	if (!is_recent(jwks->loaded_s, now_s, jwks->age_s))
		return true;
	return !known && !is_recent(jwks->unknown_s, now_s, jwks->unknown_min_s);
}

bool jwks_find(
	struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret, struct err *err)
{
	const struct entry *entry;
	bool good = true;

	pthread_mutex_lock(&jwks->lock);
	entry = lookup(jwks, query);
	if (!jwks->fetching && refresh_due(jwks, entry != NULL, query->now_s)) {
		refresh(jwks, !entry && jwks->count, query->now_s);
		entry = lookup(jwks, query);
	} else if (!entry) {
		while (jwks->fetching) /* somebody else's fetch may bring it */
			pthread_cond_wait(&jwks->fetched, &jwks->lock);
		entry = lookup(jwks, query);
	}
	if (entry && issuer_fits(entry->issuer, query)) {
		*ret = rsa_key_ref(entry->key);
	} else if (entry) {
		good = err_set(err, ERR_INVALID_TOKEN, "the signing key is another issuer's");
	} else if (jwks->failed_s) {
		*err = jwks->failure; /* the key may be one that we could not fetch */
		good = false;
	} else {
		good = err_set(err, ERR_INVALID_TOKEN, "unknown signing key");
	}
	pthread_mutex_unlock(&jwks->lock);
	return good;
}

bool jwks_knows(struct jwks *jwks, const char *kid, int64_t now_s)
{
	bool known = false;

	pthread_mutex_lock(&jwks->lock);
	if (jwks->loaded_s && !jwks->fetching && refresh_due(jwks, true, now_s))
		refresh(jwks, false, now_s);
	for (size_t i = 0; i < jwks->count && !known; i++)
		known = !strcmp(jwks->entries[i].kid, kid);
	pthread_mutex_unlock(&jwks->lock);
	return known;
}
