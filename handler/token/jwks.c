#include "token/jwks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/worker.h"
#include "token/issuer.h"
#include "token/key_budget.h"
#include "token/key_set.h"

#define AGE_MIN_S 3600
#define AGE_MAX_S 86400 /* Entra's own max-age for the document */
#define RETRY_MIN_S 2   /* after a fetch that failed */

struct document {
	struct jwks *jwks;
	enum token_version version;
	char *issuer;     /* never NULL */
	int64_t loaded_s; /* when it was read, or found unchanged; 0: never */
	int64_t age_s;    /* how long it is kept */
	int64_t failed_s; /* when a fetch last failed; 0: the last one went well */
	struct err failure;
	bool fetching;
	bool for_unknown; /* the reason of that fetch is an unknown key id */
	int64_t start_s;  /* of the last fetch */
	unsigned ended;   /* so many have */
	struct worker fetcher;
};

struct jwks {
	struct jwks_source source;
	pthread_mutex_t lock; /* guards what follows; what a fetch changes, only that fetch may */
	pthread_cond_t fetched;
	struct document documents[TOKEN_VERSION__COUNT];
	struct jwks_keys held; /* the set, and its uri and etag */
	uint64_t generation;   /* of set and issuers; 0: there never was a set */
	struct key_budget budget;
};

struct jwks *jwks_new(const struct config *config, jwks_fetch fetch, void *context)
{
	struct jwks *jwks = xcalloc(1, sizeof(*jwks));

	jwks->source = (struct jwks_source){fetch, context, config};
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++)
		jwks->documents[version] = (struct document){.jwks = jwks,
			.version = (enum token_version)version,
			.issuer = cloud_issuer(config->authority_host, config->tenant_id,
				(enum token_version)version)};
	key_budget_init(&jwks->budget, config->keys_refresh_min_s);
	pthread_mutex_init(&jwks->lock, NULL);
	pthread_cond_init(&jwks->fetched, NULL);
	return jwks;
}

void jwks_free(struct jwks *jwks)
{
	if (!jwks)
		return;
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++) {
		worker_join(&jwks->documents[version].fetcher);
		free(jwks->documents[version].issuer);
		err_done(&jwks->documents[version].failure);
	}
	key_set_done(&jwks->held.set);
	jwks_answer_done(&jwks->held.answer);
	pthread_cond_destroy(&jwks->fetched);
	pthread_mutex_destroy(&jwks->lock);
	free(jwks);
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

/* Takes over the set.  The lock is held. */
static void hold_keys(struct jwks *jwks, struct jwks_keys *keys)
{
	key_set_done(&jwks->held.set);
	jwks->held.set = keys->set;
	swap(&jwks->held.answer.uri, &keys->answer.uri);
	swap(&jwks->held.answer.etag, &keys->answer.etag);
	jwks->generation++;
}

/* Takes over the issuer, if there is one.  The lock is held. */
static void hold_issuer(struct document *document, const char *template)
{
	char *issuer = issuer_with_tenant(template, document->jwks->source.config->tenant_id);

	if (issuer && strcmp(issuer, document->issuer) != 0) {
		swap(&document->issuer, &issuer);
		document->jwks->generation++;
	}
	free(issuer);
}

/* The outcome of a fetch, err NULL: it went well.  The lock is held. */
static void settle(struct document *document, const struct err *err, int64_t took_s)
{
	document->failed_s = err ? document->start_s + took_s : 0;
	if (err)
		err_copy(err, &document->failure);
	else
		document->loaded_s = document->start_s;
	document->fetching = false;
	document->ended++;
	pthread_cond_broadcast(&document->jwks->fetched);
}

static void fetch_keys(struct document *document)
{
	struct jwks *jwks = document->jwks;
	int64_t start_ms = clock_mono_ms();
	struct jwks_keys keys = {0};
	const struct jwks_answer *answer = &keys.answer;
	autoerr(err);
	bool good = jwks_keys_get(&jwks->source, &jwks->held, &keys, &err);

	if (!good)
		log_event(LOG_WARN, "keys_refresh_failed", "%s", err.detail);
	pthread_mutex_lock(&jwks->lock);
	if (good && answer->keys)
		hold_keys(jwks, &keys);
	if (good &&
		(answer->keys || answer->max_age_s)) /* RFC 9111 §4.3.4: a 304 may say it anew */
		document->age_s = age_within_bounds(answer->max_age_s);
	if (good)
		hold_issuer(document, answer->issuer);
	if (good && document->for_unknown)
		key_budget_spend(&jwks->budget, document->start_s);
	settle(document, good ? NULL : &err, (clock_mono_ms() - start_ms) / 1000);
	pthread_mutex_unlock(&jwks->lock);
	jwks_answer_done(&keys.answer);
}

/* Its issuer is not needed at any price: while it cannot be had, the one known before serves, for
 * the shortest time that anything is kept. */
static void fetch_issuer(struct document *document)
{
	struct jwks *jwks = document->jwks;
	const struct jwks_answer nothing = {0};
	struct jwks_answer answer = {0};
	autoerr(err);
	bool good = jwks->source.fetch(
			    jwks->source.context, document->version, &nothing, &answer, &err) &&
		    answer.issuer;

	pthread_mutex_lock(&jwks->lock);
	hold_issuer(document, answer.issuer);
	document->age_s = good ? age_within_bounds(answer.max_age_s) : AGE_MIN_S;
	settle(document, NULL, 0);
	pthread_mutex_unlock(&jwks->lock);
	jwks_answer_done(&answer);
}

static void run_fetch(void *arg)
{
	struct document *document = arg;

	if (document->version == TOKEN_V2)
		fetch_keys(document);
	else
		fetch_issuer(document);
}

/* Begins a fetch, for those who wait and for later callers.  The lock is held. */
static void start_fetch(struct document *document, int64_t now_s)
{
	worker_join(&document->fetcher); /* at once: after its outcome it takes no lock */
	document->start_s = now_s;
	document->for_unknown = false;
	document->fetching = worker_start(&document->fetcher, run_fetch, document);
	if (document->fetching)
		return;
	err_set(&document->failure, ERR_UPSTREAM_UNAVAILABLE, "no thread to fetch the keys");
	document->failed_s = now_s;
}

/* Less than span_s away, in either direction: a clock that is set back must not stop fetches. */
static bool is_recent(int64_t when_s, int64_t now_s, int64_t span_s)
{
	return when_s && llabs(now_s - when_s) < span_s;
}

/* Has what is past its age renewed, for later callers.  The lock is held. */
static void renew_behind(struct jwks *jwks, int64_t now_s)
{
	for (int version = 0; version < TOKEN_VERSION__COUNT; version++) {
		struct document *document = &jwks->documents[version];

		if (document->loaded_s && !document->fetching &&
			!is_recent(document->loaded_s, now_s, document->age_s) &&
			!is_recent(document->failed_s, now_s, RETRY_MIN_S))
			start_fetch(document, now_s);
	}
}

static struct key_wanted wanted_by(const struct jwks *jwks, const struct jwks_query *query)
{
	return (struct key_wanted){query->kid, query->issuer, jwks->documents[TOKEN_V2].issuer};
}

static const struct jwk *lookup(const struct jwks *jwks, const struct jwks_query *query)
{
	struct key_wanted wanted = wanted_by(jwks, query);

	return key_set_find(&jwks->held.set, &wanted);
}

static bool unknown_key(struct err *err)
{
	return err_set(err, ERR_INVALID_TOKEN, "unknown signing key");
}

/* Whether the keys may be fetched for the query's key id, which the set lacks; err: why not. */
static bool may_fetch(const struct jwks *jwks, const struct jwks_query *query, struct err *err)
{
	const struct document *keys = &jwks->documents[TOKEN_V2];
	int64_t wait_s = 0;

	if (is_recent(keys->failed_s, query->now_s, RETRY_MIN_S)) {
		err_copy(&keys->failure, err);
		if (!err->retry_after_s)
			err->retry_after_s = RETRY_MIN_S;
		return false;
	}
	if (!keys->loaded_s)
		return true;
	switch (key_budget_ask(&jwks->budget, query->kid, query->now_s, &wait_s)) {
	case KEY_BUDGET_ABSENT:
		return unknown_key(err);
	case KEY_BUDGET_SPENT:
		err_say(err, ERR_UPSTREAM_UNAVAILABLE,
			"The access token's signing key is not known yet, and the keys have just "
			"been asked for; wait as Retry-After says.");
		err->retry_after_s = (int)wait_s;
		return false;
	default:
		return true;
	}
}

/* Waits until the fetch under way has ended; err: the deadline came first.  The lock is held, but
 * not meanwhile. */
static bool await_fetch(struct document *document, const struct jwks_query *query, struct err *err)
{
	unsigned ended = document->ended;
	bool in_time = true;

	while (document->fetching && document->ended == ended && in_time)
		in_time = deadline_wait(
			query->deadline, &document->jwks->fetched, &document->jwks->lock);
	return !document->fetching || document->ended != ended ||
	       err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left to wait for the keys");
}

/* Sees to it that the set has the query's key id, by the fetch under way, which may bring it, or by
 * one of its own.  The lock is held, but not while it waits. */
static bool await_key(struct jwks *jwks, const struct jwks_query *query, struct err *err)
{
	struct document *keys = &jwks->documents[TOKEN_V2];

	if (lookup(jwks, query))
		return true;
	if (!keys->fetching) {
		if (!may_fetch(jwks, query, err))
			return false;
		start_fetch(keys, query->now_s);
		keys->for_unknown = keys->loaded_s != 0;
	}
	if (!await_fetch(keys, query, err))
		return false;
	if (lookup(jwks, query))
		return true;
	if (keys->failed_s) { /* the key may be one that we could not fetch */
		err_copy(&keys->failure, err);
		return false;
	}
	key_budget_note_absent(&jwks->budget, query->kid, keys->start_s);
	return unknown_key(err);
}

/* Whether the token's issuer is that of its version's document, after waiting for that if it never
 * was read (the v2 one comes with the keys).  The lock is held, but not meanwhile. */
static bool await_issuer(struct jwks *jwks, const struct jwks_query *query, struct err *err)
{
	struct document *document = &jwks->documents[query->version];

	if (!document->loaded_s && !document->fetching)
		start_fetch(document, query->now_s);
	if (!document->loaded_s && !await_fetch(document, query, err))
		return false;
	return !strcmp(query->issuer, document->issuer) ||
	       issuer_refuse(document->issuer, query->issuer, err);
}

static bool take_key(const struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret,
	uint64_t *ret_generation, struct err *err)
{
	struct key_wanted wanted = wanted_by(jwks, query);
	const struct jwk *jwk = key_set_find(&jwks->held.set, &wanted);

	if (!jwk)
		return unknown_key(err);
	if (!jwk_fits(jwk, &wanted))
		return err_set(err, ERR_INVALID_TOKEN, "the signing key is another issuer's");
	*ret = rsa_key_ref(jwk->key);
	*ret_generation = jwks->generation;
	return true;
}

bool jwks_find(struct jwks *jwks, const struct jwks_query *query, struct rsa_key **ret,
	uint64_t *ret_generation, struct err *err)
{
	bool good;

	pthread_mutex_lock(&jwks->lock);
	renew_behind(jwks, query->now_s);
	good = (!jwks->documents[TOKEN_V2].loaded_s || await_issuer(jwks, query, err)) &&
	       await_key(jwks, query, err) && await_issuer(jwks, query, err) &&
	       take_key(jwks, query, ret, ret_generation, err);
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

bool jwks_may_issue(
	struct jwks *jwks, enum token_version version, const char *issuer, struct err *err)
{
	const struct document *document = &jwks->documents[version];
	bool may;

	pthread_mutex_lock(&jwks->lock);
	may = !strcmp(issuer, document->issuer) ||
	      (!document->loaded_s && version == TOKEN_V1 &&
		      (jwks->documents[TOKEN_V2].loaded_s ||
			      cloud_knows_v1_issuer(issuer, jwks->source.config->tenant_id))) ||
	      issuer_refuse(document->issuer, issuer, err);
	pthread_mutex_unlock(&jwks->lock);
	return may;
}
