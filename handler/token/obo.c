#include "token/obo.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define REFUSAL_HOLD_S 30
#define LATE_HOLD_S 30     /* what an assertion past its time by our clock was exchanged for */
#define CONSENT_HOLD_S 5   /* a user who has just consented tries again at once */
#define REFRESH_RETRY_S 60 /* after a background refresh that failed or found no place */

struct mint_context {
	struct obo *obo;
	const struct entra_request *request;
};

void obo_init(struct obo *obo, struct entra *entra, struct token_cache *cache)
{
	obo->entra = entra;
	obo->cache = cache;
	memset(obo->refreshers, 0, sizeof(obo->refreshers));
	pthread_mutex_init(&obo->lock, NULL);
}

void obo_done(struct obo *obo)
{
	if (!obo->cache)
		return;
	for (size_t i = 0; i < OBO_REFRESHES_MAX; i++)
		worker_join(&obo->refreshers[i]);
	pthread_mutex_destroy(&obo->lock);
}

/* Whose tokens they are.  The assertion itself is not kept. */
static void write_key(
	const struct obo *obo, const struct entra_request *request, unsigned char key[SHA256_SIZE])
{
	const struct caller *caller = request->caller;
	const char *parts[] = {
		caller->tenant_id, obo->entra->config->client_id, caller->token.data};
	struct sha256 *sha = sha256_new();

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sha256_add(sha, parts[i], strlen(parts[i]) + 1); /* the NUL parts them */
	sha256_end(sha, key);
}

int64_t obo_expiry_s(int64_t now_s, int64_t expires_in_s, int64_t assertion_expires_s)
{
	int64_t margin_s = expires_in_s / 10 < 300 ? expires_in_s / 10 : 300;
	int64_t good_until_s = now_s + expires_in_s - margin_s;

	if (assertion_expires_s <= now_s) /* which Entra, by its own clock, has just taken */
		assertion_expires_s = now_s + LATE_HOLD_S;
	return good_until_s < assertion_expires_s ? good_until_s : assertion_expires_s;
}

int64_t obo_hold_until_s(const struct err *err, int64_t now_s)
{
	switch (err->code) {
	case ERR_THROTTLED:
	case ERR_UPSTREAM_UNAVAILABLE:
		return err->retry_after_s ? now_s + err->retry_after_s : 0;
	case ERR_INVALID_TOKEN:
	case ERR_INTERACTION_REQUIRED:
	case ERR_INSUFFICIENT_CLAIMS:
	case ERR_ACCESS_BLOCKED:
	case ERR_APP_ONLY_TOKEN:
		return now_s + REFUSAL_HOLD_S;
	case ERR_CONSENT_REQUIRED:
		return now_s + CONSENT_HOLD_S;
	default:
		return 0;
	}
}

/* Spread over a tenth, so that users who came together do not renew together. */
static int64_t refresh_time_s(int64_t now_s, int64_t refresh_in_s, int64_t expires_s)
{
	int64_t at_s = now_s + refresh_in_s + random_below((unsigned)(refresh_in_s / 10 + 1));

	if (!refresh_in_s)
		return 0;
	return at_s < expires_s ? at_s : expires_s - 1;
}

static bool mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	const struct mint_context *mint = wish->context;
	struct entra_request request = *mint->request;
	struct entra_token token = {0};
	int64_t now_s;

	request.scope = wish->scope;
	request.claims = wish->claims;
	request.deadline = wish->deadline;
	if (!entra_exchange(mint->obo->entra, &request, &token, err)) {
		ret->hold_s = obo_hold_until_s(err, clock_unix_s());
		return false;
	}
	now_s = clock_unix_s();
	ret->token = token.token;
	ret->granted = token.granted;
	ret->expires_s = obo_expiry_s(now_s, token.expires_in_s, request.caller->expires_s);
	ret->refresh_s = refresh_time_s(now_s, token.refresh_in_s, ret->expires_s);
	return true;
}

/* A background refresh: all it needs, its own copies. */
struct refresh {
	struct obo *obo;
	unsigned char key[SHA256_SIZE];
	struct caller caller;
	struct secret token; /* to be replaced */
};

static void refresh_free(struct refresh *refresh)
{
	caller_done(&refresh->caller);
	secret_done(&refresh->token);
	free(refresh);
}

static void run_refresh(void *arg)
{
	struct refresh *refresh = arg;
	struct obo *obo = refresh->obo;
	char correlation_id[UUID_SIZE];
	autoerr(err);
	struct entra_request request = {
		.caller = &refresh->caller, .correlation_id = correlation_id};
	struct mint_context context = {obo, &request};
	struct token_wish wish = {.key = refresh->key,
		.now_s = clock_unix_s(),
		.deadline = deadline_after(obo->entra->config->graph_deadline_ms),
		.mint = mint,
		.context = &context};

	uuid_make(correlation_id);
	if (!token_cache_refresh(obo->cache, &wish, &refresh->token, REFRESH_RETRY_S, &err))
		log_event(LOG_WARN, "token_refresh_failed", "%s client_request_id=%s", err.detail,
			correlation_id);
	refresh_free(refresh);
}

/* Starts the refresh where none is running.  False when all places are taken. */
static bool run_in_background(struct obo *obo, struct refresh *refresh)
{
	bool started = false;

	pthread_mutex_lock(&obo->lock);
	for (size_t i = 0; i < OBO_REFRESHES_MAX && !started; i++)
		started = worker_start(&obo->refreshers[i], run_refresh, refresh);
	pthread_mutex_unlock(&obo->lock);
	return started;
}

static void start_refresh(struct obo *obo, const struct caller *caller,
	const unsigned char key[SHA256_SIZE], const struct secret *token)
{
	struct refresh *refresh = xcalloc(1, sizeof(*refresh));

	refresh->obo = obo;
	memcpy(refresh->key, key, SHA256_SIZE);
	caller_copy(caller, &refresh->caller);
	secret_set(&refresh->caller.token, caller->token.data, caller->token.len);
	secret_set(&refresh->token, token->data, token->len);
	if (run_in_background(obo, refresh))
		return;
	token_cache_ask_again(obo->cache, key, token, clock_unix_s() + 1);
	refresh_free(refresh);
}

bool obo_token(struct obo *obo, const struct entra_request *request, struct secret *ret,
	enum token_source *ret_source, struct err *err)
{
	struct mint_context context = {obo, request};
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {.key = key,
		.scope = request->scope,
		.now_s = clock_unix_s(),
		.deadline = request->deadline,
		.claims = request->claims,
		.mint = mint,
		.context = &context};

	write_key(obo, request, key);
	if (!token_cache_get(obo->cache, &wish, ret, ret_source, err))
		return false;
	if (*ret_source == TOKEN_CACHED_REFRESH)
		start_refresh(obo, request->caller, key, ret);
	return true;
}

void obo_drop(struct obo *obo, const struct entra_request *request, const struct secret *token)
{
	unsigned char key[SHA256_SIZE];
	struct token_refused refused = {key, request->scope, token};

	write_key(obo, request, key);
	token_cache_drop(obo->cache, &refused);
}
