#include "minting.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct token_cache *cache;
struct endpoint_double entra;
_Atomic(int) last_retry_after_s;

bool minting_mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	void (*meanwhile)(void) = entra.meanwhile;
	int number = ++entra.mints;
	char text[32];

	entra.meanwhile = NULL;
	if (entra.waiters_wanted)
		waiters_await(entra.waiters_wanted);
	if (entra.refuses) {
		err_set(err, ERR_CONSENT_REQUIRED, "refusal-%d", number);
		err->retry_after_s = entra.retry_after_s;
		ret->hold_s = entra.hold_s;
	} else {
		snprintf(text, sizeof(text), "token-%d", number);
		secret_set(&ret->token, text, strlen(text));
		ret->expires_s = entra.expires_s;
		ret->refresh_s = entra.refresh_s;
		ret->granted = xstrdup_if(entra.granted);
	}
	if (meanwhile)
		meanwhile();
	return ret->token.data != NULL;
}

int minting_set_up(void **state)
{
	entra = (struct endpoint_double){.expires_s = NOW_S + 100};
	waiters_reset();
	cache = token_cache_new(MINTING_BOUND);
	return 0;
}

int minting_tear_down(void **state)
{
	token_cache_free(cache);
	return 0;
}

void minting_restart(size_t entries_max)
{
	token_cache_free(cache);
	cache = token_cache_new(entries_max);
}

void minting_key(unsigned char ret[SHA256_SIZE], const char *who)
{
	memset(ret, 0, SHA256_SIZE);
	ret[SHA256_SIZE - 1] = (unsigned char)*who;
}

int minting_call(const struct minting_call *call, enum token_source *ret_source)
{
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {.key = key,
		.scope = call->scope,
		.now_s = call->now_s,
		.deadline = deadline_after(WHILE_MS),
		.claims = call->claims,
		.mint = call->mint ? call->mint : minting_mint};
	struct secret token = {0};
	autoerr(err);
	int number;

	minting_key(key, call->who);
	if (!token_cache_get(cache, &wish, &token, ret_source, &err)) {
		last_retry_after_s = err.retry_after_s;
		return err.code == ERR_CONSENT_REQUIRED && !token.data
			       ? -atoi(err.detail + strlen("refusal-"))
			       : INT_MIN;
	}
	number = atoi(token.data + strlen("token-"));
	secret_done(&token);
	return number;
}

int minting_get(const char *who, int64_t now_s, enum token_source *ret_source)
{
	return minting_call(&(struct minting_call){.who = who, .now_s = now_s}, ret_source);
}

int minting_get_with(const char *who, int64_t now_s, const char *claims)
{
	return minting_call(&(struct minting_call){.who = who, .now_s = now_s, .claims = claims},
		&(enum token_source){0});
}

int minting_get_anew(const char *who, int64_t now_s)
{
	enum token_source source = TOKEN_CACHED;
	static int challenges;
	char claims[32];
	int number;

	snprintf(claims, sizeof(claims), "challenge-%d", ++challenges);
	number = minting_call(
		&(struct minting_call){.who = who, .now_s = now_s, .claims = claims}, &source);
	if (number > 0)
		assert_int_equal(source, TOKEN_MINTED);
	return number;
}

void minting_refresh(const char *who, const char *text, int64_t now_s)
{
	struct secret token = {0};
	autoerr(err);
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {.key = key,
		.now_s = now_s,
		.deadline = deadline_after(WHILE_MS),
		.mint = minting_mint};

	minting_key(key, who);
	secret_set(&token, text, strlen(text));
	token_cache_refresh(cache, &wish, &token, 60, &err);
	secret_done(&token);
}

void minting_drop_for(const char *who, const char *scope, const char *text)
{
	unsigned char key[SHA256_SIZE];
	struct secret token = {0};

	minting_key(key, who);
	secret_set(&token, text, strlen(text));
	token_cache_drop(cache, &(struct token_refused){key, scope, &token});
	secret_done(&token);
}

void minting_drop(const char *who, const char *text)
{
	minting_drop_for(who, NULL, text);
}

void assert_each_of(int threads, void *(*run)(void *number), int number)
{
	pthread_t started[64];
	int numbers[64] = {0};

	assert_true(threads <= 64);
	for (int i = 0; i < threads; i++)
		pthread_create(&started[i], NULL, run, &numbers[i]);
	for (int i = 0; i < threads; i++) {
		pthread_join(started[i], NULL);
		assert_int_equal(numbers[i], number);
	}
}

void assert_gets(const char *who, int64_t now_s, int number, enum token_source source)
{
	enum token_source was = (enum token_source) - 1;

	assert_int_equal(minting_get(who, now_s, &was), number);
	assert_int_equal((int)was, (int)source);
}

void assert_refused(const char *who, int64_t now_s, int number)
{
	enum token_source untouched = (enum token_source) - 1;

	assert_int_equal(minting_get(who, now_s, &untouched), -number);
	assert_int_equal((int)untouched, -1);
}
