#include "token/jwks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define KEYS_MAX 64
#define ISSUER_BYTES_MAX 1024
#define AGE_MIN_S 3600
#define AGE_MAX_S 86400 /* Entra's own max-age for the document */
#define RETRY_MIN_S 2   /* after a fetch that failed */

struct entry {
	char *kid;
	char *issuer; /* with the tenant filled in; NULL: not bound to one */
	struct rsa_key *key;
};

struct jwks {
	const struct config *config;
	jwks_fetch fetch;
	void *context;
	pthread_mutex_t lock; /* guards what follows; what a fetch changes, only that fetch may */
	pthread_cond_t fetched;
	bool fetching;
	struct entry entries[KEYS_MAX];
	size_t count;
	struct jwks_answer held; /* without keys; its issuers are never NULL */
	uint64_t generation;     /* of entries and issuers; 0: there never was a set */
	int64_t loaded_s;        /* when the set was fetched, or found unchanged; 0: never */
	int64_t age_s;           /* how long that set is kept */
	int64_t failed_s;        /* when a fetch last failed; 0: the last one went well */
	int64_t unknown_s;       /* when a fetch for an unknown key id last went well */
	struct err failure;      /* of the last fetch that failed */
	pthread_t renewer;
	bool renewer_started; /* and not joined */
	int64_t renewal_s;    /* when it was started */
};

struct jwks *jwks_new(const struct config *config, jwks_fetch fetch, void *context)
{
	struct jwks *jwks = xcalloc(1, sizeof(*jwks));

	jwks->config = config;
	jwks->fetch = fetch;
	jwks->context = context;
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++)
		jwks->held.issuers[version] = cloud_issuer(
			config->authority_host, config->tenant_id, (enum token_version)version);
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

void jwks_answer_done(struct jwks_answer *answer)
{
	cJSON_Delete(answer->keys);
	free(answer->uri);
	free(answer->etag);
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++)
		free(answer->issuers[version]);
	*answer = (struct jwks_answer){0};
}

/* At once, where the thread has stored its outcome: it takes no lock after that. */
static void join_renewer(struct jwks *jwks)
{
	if (jwks->renewer_started)
		pthread_join(jwks->renewer, NULL);
	jwks->renewer_started = false;
}

void jwks_free(struct jwks *jwks)
{
	if (!jwks)
		return;
	join_renewer(jwks);
	entries_done(jwks->entries, jwks->count);
	jwks_answer_done(&jwks->held);
	pthread_cond_destroy(&jwks->fetched);
	pthread_mutex_destroy(&jwks->lock);
	free(jwks);
}

/* The issuer with the tenant for {tenantid}; NULL for none or one too long. */
static char *with_tenant(const char *template, const char *tenant_id)
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

static bool read_entry(const cJSON *item, const char *tenant_id, struct entry *ret)
{
	const char *kty = json_string(item, "kty"), *kid = json_string(item, "kid");
	const char *use = json_string(item, "use"), *issuer = json_string(item, "issuer");
	const char *n = json_string(item, "n"), *e = json_string(item, "e");
	struct entry entry = {.issuer = with_tenant(issuer, tenant_id)};
	struct err ignored;

	if (!kty || strcmp(kty, "RSA") != 0 || !kid || !n || !e ||
		(use && strcmp(use, "sig") != 0) || (issuer && !entry.issuer) ||
		!rsa_key_new(n, e, &entry.key, &ignored)) {
		free(entry.issuer);
		return false;
	}
	entry.kid = xstrdup(kid);
	*ret = entry;
	return true;
}

/* Entries that are not usable RSA signing keys are passed over, the rest kept. */
static size_t read_entries(
	const cJSON *document, const char *tenant_id, struct entry entries[KEYS_MAX])
{
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(document, "keys"))
	{
		if (count < KEYS_MAX && read_entry(item, tenant_id, &entries[count]))
			count++;
	}
	return count;
}

static int64_t age_within_bounds(int64_t max_age_s)
{
	if (max_age_s <= 0 || max_age_s > AGE_MAX_S)
		return AGE_MAX_S;
	return max_age_s < AGE_MIN_S ? AGE_MIN_S : max_age_s;
}

static void swap(char **one, char **other)
{
	char *kept = *one;

	*one = *other;
	*other = kept;
}

/* Takes over what the answer brings; what it leaves open stays as it was.  The lock is held. */
static void hold_answer(struct jwks *jwks, struct jwks_answer *answer)
{
	bool changed = answer->keys != NULL;

	if (answer->keys) {
		swap(&jwks->held.uri, &answer->uri);
		swap(&jwks->held.etag, &answer->etag);
	}
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++) {
		char *issuer = with_tenant(answer->issuers[version], jwks->config->tenant_id);

		if (issuer && strcmp(issuer, jwks->held.issuers[version]) != 0) {
			swap(&jwks->held.issuers[version], &issuer);
			changed = true;
		}
		free(issuer);
	}
	if (answer->keys || answer->max_age_s) /* RFC 9111 §4.3.4: a 304 may say it anew */
		jwks->age_s = age_within_bounds(answer->max_age_s);
	jwks->generation += changed;
}

/* Gets an answer and the entries in it, or none where the set held is still good. */
static bool get_answer(struct jwks *jwks, struct jwks_answer *ret, struct entry entries[KEYS_MAX],
	size_t *ret_count, struct err *err)
{
	if (!jwks->fetch(jwks->context, &jwks->held, ret, err))
		return false;
	*ret_count = read_entries(ret->keys, jwks->config->tenant_id, entries);
	return *ret_count > 0 || !ret->keys ||
	       err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the key set holds no usable key");
}

/* Fetches and stores the outcome.  Entered with `fetching` set on this thread's behalf and the lock
 * released; unknown: an unknown key id is the reason. */
static void fetch(struct jwks *jwks, bool unknown, int64_t now_s)
{
	int64_t start_ms = clock_mono_ms();
	struct entry entries[KEYS_MAX];
	struct jwks_answer answer = {0};
	size_t count = 0;
	struct err err;
	bool good = get_answer(jwks, &answer, entries, &count, &err);

	if (!good)
		log_event(LOG_WARN, "keys_refresh_failed", "%s", err.detail);
	pthread_mutex_lock(&jwks->lock);
	if (good) {
		if (answer.keys) {
			entries_done(jwks->entries, jwks->count);
			memcpy(jwks->entries, entries, count * sizeof(entries[0]));
			jwks->count = count;
		}
		hold_answer(jwks, &answer);
		jwks->loaded_s = now_s;
		jwks->failed_s = 0;
		jwks->unknown_s = unknown ? now_s : jwks->unknown_s;
	} else {
		jwks->failure = err;
		jwks->failed_s = now_s + (clock_mono_ms() - start_ms) / 1000;
	}
	jwks->fetching = false;
	pthread_cond_broadcast(&jwks->fetched);
	pthread_mutex_unlock(&jwks->lock);
	jwks_answer_done(&answer);
}

/* Less than span_s away, in either direction: a clock that is set back must not stop fetches. */
static bool is_recent(int64_t when_s, int64_t now_s, int64_t span_s)
{
	return when_s && llabs(now_s - when_s) < span_s;
}

static void *renew(void *arg)
{
	struct jwks *jwks = arg;

	fetch(jwks, false, jwks->renewal_s);
	return NULL;
}

/* Has a set past its age renewed, for later callers.  The lock is held. */
static void renew_behind(struct jwks *jwks, int64_t now_s)
{
	if (!jwks->loaded_s || jwks->fetching || is_recent(jwks->loaded_s, now_s, jwks->age_s) ||
		is_recent(jwks->failed_s, now_s, RETRY_MIN_S))
		return;
	join_renewer(jwks);
	jwks->renewal_s = now_s;
	jwks->renewer_started = pthread_create(&jwks->renewer, NULL, renew, jwks) == 0;
	jwks->fetching = jwks->renewer_started;
	if (!jwks->renewer_started) { /* the old set serves on, and a moment later again */
		err_set(&jwks->failure, ERR_UPSTREAM_UNAVAILABLE, "no thread to renew the keys");
		jwks->failed_s = now_s;
	}
}

/* Whether the entry's key is for tokens of the query's issuer. */
static bool serves(
	const struct jwks *jwks, const struct entry *entry, const struct jwks_query *query)
{
	return !strcmp(query->issuer, jwks->held.issuers[query->version]) &&
	       (!entry->issuer || !strcmp(entry->issuer, query->issuer) ||
		       !strcmp(entry->issuer, jwks->held.issuers[TOKEN_V2]));
}

/* The key with the query's id; one that serves its issuer goes before one that does not (a set may
 * hold other clouds' keys). */
static const struct entry *lookup(const struct jwks *jwks, const struct jwks_query *query)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < jwks->count; i++) {
		if (strcmp(jwks->entries[i].kid, query->kid) != 0)
			continue;
		found = &jwks->entries[i];
		if (serves(jwks, found, query))
			return found;
	}
	return found;
}

/* For a key id that the set lacks: waits for the fetch under way, which may bring it, or fetches
 * where that is due.  The lock is held, but not meanwhile. */
static void await_key(struct jwks *jwks, int64_t now_s)
{
	bool unknown = jwks->count > 0;

	if (jwks->fetching) {
		while (jwks->fetching)
			pthread_cond_wait(&jwks->fetched, &jwks->lock);
		return;
	}
	if (is_recent(jwks->failed_s, now_s, RETRY_MIN_S) ||
		(is_recent(jwks->loaded_s, now_s, jwks->age_s) &&
			is_recent(jwks->unknown_s, now_s, jwks->config->keys_refresh_min_s)))
		return;
	jwks->fetching = true;
	pthread_mutex_unlock(&jwks->lock);
	fetch(jwks, unknown, now_s);
	pthread_mutex_lock(&jwks->lock);
}

bool jwks_find(struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret,
	uint64_t *ret_generation, struct err *err)
{
	const struct entry *entry;
	bool good = true;

	pthread_mutex_lock(&jwks->lock);
	renew_behind(jwks, query->now_s);
	entry = lookup(jwks, query);
	if (!entry) {
		await_key(jwks, query->now_s);
		entry = lookup(jwks, query);
	}
	if (entry && serves(jwks, entry, query)) {
		*ret = rsa_key_ref(entry->key);
		*ret_generation = jwks->generation;
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

bool jwks_unchanged(struct jwks *jwks, uint64_t generation, int64_t now_s)
{
	bool unchanged;

	pthread_mutex_lock(&jwks->lock);
	renew_behind(jwks, now_s);
	unchanged = jwks->generation == generation;
	pthread_mutex_unlock(&jwks->lock);
	return unchanged;
}

bool jwks_may_issue(struct jwks *jwks, enum token_version version, const char *issuer)
{
	bool may;

	pthread_mutex_lock(&jwks->lock);
	may = !strcmp(issuer, jwks->held.issuers[version]) ||
	      (!jwks->loaded_s && version == TOKEN_V1 &&
		      cloud_knows_v1_issuer(issuer, jwks->config->tenant_id));
	pthread_mutex_unlock(&jwks->lock);
	return may;
}
