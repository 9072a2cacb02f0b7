/* Calls at once for one key and many scopes: how few mints, and who waits for whom how long.  The
 * time of a wait is over when a test says so (linked with --wrap=deadline_wait). */
#include "stage/minting.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define CALLERS 10
#define ALL "S0 S1 S2 S3 S4 S5 S6 S7 S8 S9"

static struct {
	_Atomic(int) mints;
	const char *granted; /* by the first mint */
	bool refuses;        /* the first mint does */
	int waiters_wanted;  /* the first mint goes on once so many threads wait for it */
	int minters_wanted;  /* each other one once so many are under way */
	bool held_up;        /* the first mint, once it is let go on */
	sem_t begun, go_on;
	pthread_barrier_t together;
} slow;

static bool others_time_is_over;   /* of those who wait for another scope's mint */
static _Atomic(int64_t) waited_ms; /* at most, for it */

bool __real_deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *mutex);
bool __wrap_deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *mutex);
bool __wrap_deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	int64_t left_ms = deadline_left_ms(deadline);

	if (left_ms > WHILE_MS / 2)
		return __real_deadline_wait(deadline, cond, mutex);
	waited_ms = left_ms;
	return !others_time_is_over && __real_deadline_wait(deadline, cond, mutex);
}

static bool mint_first(struct minted *ret, struct err *err)
{
	sem_post(&slow.begun);
	waiters_await(slow.waiters_wanted);
	if (slow.held_up)
		sem_wait(&slow.go_on);
	if (slow.refuses) {
		ret->hold_s = NOW_S + 30;
		return err_set(err, ERR_CONSENT_REQUIRED, "refusal-1");
	}
	ret->granted = xstrdup_if(slow.granted);
	secret_set(&ret->token, "token-1", strlen("token-1"));
	return true;
}

static bool mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	int number = ++slow.mints;
	char text[16];

	ret->expires_s = NOW_S + 100;
	if (number == 1)
		return mint_first(ret, err);
	if (slow.minters_wanted)
		pthread_barrier_wait(&slow.together);
	snprintf(text, sizeof(text), "token-%d", number);
	secret_set(&ret->token, text, strlen(text));
	return true;
}

static int set_up(void **state)
{
	memset(&slow, 0, sizeof(slow));
	sem_init(&slow.begun, 0, 0);
	sem_init(&slow.go_on, 0, 0);
	others_time_is_over = false;
	waited_ms = -1;
	return minting_set_up(state);
}

static int tear_down(void **state)
{
	sem_destroy(&slow.begun);
	sem_destroy(&slow.go_on);
	return minting_tear_down(state);
}

struct caller_thread {
	pthread_t thread;
	char scope[4];
	const char *claims;
	int number; /* of the token; minus that of a refusal */
	enum token_source source;
};

static void *call(void *arg)
{
	struct caller_thread *caller = arg;
	struct minting_call one = {.who = "a",
		.scope = caller->scope,
		.claims = caller->claims,
		.now_s = NOW_S,
		.mint = mint};

	caller->number = minting_call(&one, &caller->source);
	return NULL;
}

static void start(struct caller_thread *caller, const char *scope, const char *claims)
{
	*caller = (struct caller_thread){.claims = claims};
	snprintf(caller->scope, sizeof(caller->scope), "%s", scope);
	pthread_create(&caller->thread, NULL, call, caller);
}

static int number_of(struct caller_thread *caller)
{
	pthread_join(caller->thread, NULL);
	return caller->number;
}

/* The first one's mint begins; then the others come, each with a scope of its own. */
static void start_all(struct caller_thread callers[CALLERS])
{
	slow.waiters_wanted = CALLERS - 1;
	start(&callers[0], "S0", NULL);
	sem_wait(&slow.begun);
	for (int i = 1; i < CALLERS; i++) {
		char scope[] = {'S', (char)('0' + i), 0};

		start(&callers[i], scope, NULL);
	}
}

static void ten_scopes_at_once_share_one_mint_that_grants_all(void **state)
{
	struct caller_thread callers[CALLERS];

	slow.granted = ALL;
	start_all(callers);
	for (int i = 0; i < CALLERS; i++) {
		assert_int_equal(number_of(&callers[i]), 1);
		assert_int_equal(callers[i].source, i == 0 ? TOKEN_MINTED : TOKEN_CACHED);
	}
	assert_int_equal(slow.mints, 1);
}

static void so_they_do_when_nothing_is_kept(void **state)
{
	struct caller_thread callers[CALLERS];

	minting_restart(0);
	slow.granted = ALL;
	start_all(callers);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(number_of(&callers[i]), 1);
	assert_int_equal(token_cache_count(cache), 0);
}

/* The others meet at a barrier: one that waited for the next would never come there. */
static void those_it_does_not_serve_mint_side_by_side(void **state)
{
	struct caller_thread callers[CALLERS];
	unsigned seen = 0;

	slow.granted = "S0";
	slow.minters_wanted = CALLERS - 1;
	pthread_barrier_init(&slow.together, NULL, CALLERS - 1);
	start_all(callers);
	for (int i = 0; i < CALLERS; i++)
		seen |= 1u << number_of(&callers[i]);
	assert_int_equal(seen, ((1u << CALLERS) - 1) << 1);
	assert_int_equal(slow.mints, CALLERS);
	pthread_barrier_destroy(&slow.together);
}

static void a_refusal_of_the_first_scope_is_no_others(void **state)
{
	struct caller_thread callers[CALLERS];

	minting_restart(CALLERS);
	slow.refuses = true;
	start_all(callers);
	assert_int_equal(number_of(&callers[0]), -1);
	for (int i = 1; i < CALLERS; i++)
		assert_in_range(number_of(&callers[i]), 2, CALLERS);
	start(&callers[0], "S0", NULL);
	assert_int_equal(number_of(&callers[0]), -1); /* it is held, for its own */
}

static void half_of_a_callers_time_goes_into_another_scopes_mint_at_most(void **state)
{
	struct caller_thread first, other;

	slow.held_up = true;
	slow.granted = ALL;
	others_time_is_over = true;
	start(&first, "S0", NULL);
	sem_wait(&slow.begun);
	start(&other, "S1", NULL);
	assert_int_equal(number_of(&other), 2);
	assert_in_range(waited_ms, 1, WHILE_MS / 2);
	sem_post(&slow.go_on);
	assert_int_equal(number_of(&first), 1);
}

static void of_one_scope_they_wait_as_long_as_they_can(void **state)
{
	struct caller_thread first, same;

	slow.waiters_wanted = 1;
	others_time_is_over = true;
	start(&first, "S0", NULL);
	sem_wait(&slow.begun);
	start(&same, "S0", NULL);
	assert_int_equal(number_of(&same), 1);
	assert_int_equal(number_of(&first), 1);
	assert_int_equal(waited_ms, -1);
}

static void whoever_has_a_token_at_hand_waits_for_no_mint(void **state)
{
	struct caller_thread first, other;

	entra.granted = "S1";
	assert_int_equal(
		minting_call(&(struct minting_call){.who = "a", .scope = "S2", .now_s = NOW_S},
			&(enum token_source){0}),
		1);
	slow.held_up = true;
	start(&first, "S0", NULL);
	sem_wait(&slow.begun);
	start(&other, "S1", NULL);
	assert_int_equal(number_of(&other), 1);
	assert_int_equal(waited_ms, -1);
	sem_post(&slow.go_on);
	number_of(&first);
}

static void with_claims_a_mint_without_them_is_not_awaited(void **state)
{
	struct caller_thread first, other;

	slow.held_up = true;
	slow.granted = ALL;
	start(&first, "S0", NULL);
	sem_wait(&slow.begun);
	start(&other, "S1", "claims");
	assert_int_equal(number_of(&other), 2);
	sem_post(&slow.go_on);
	number_of(&first);
}

static void with_claims_scopes_at_once_share_a_mint_too(void **state)
{
	struct caller_thread first, other;

	slow.waiters_wanted = 1;
	slow.granted = ALL;
	start(&first, "S0", "claims");
	sem_wait(&slow.begun);
	start(&other, "S1", "claims");
	assert_int_equal(number_of(&other), 1);
	assert_int_equal(number_of(&first), 1);
}

/* A user's token for S3 is "a3", and good for S4 too. */
static bool mint_plainly(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	char text[] = {*(const char *)wish->context, wish->scope[1], 0};
	char granted[] = {'S', (char)(text[1] + 1), 0};

	if (text[1] == '7')
		return err_set(err, ERR_CONSENT_REQUIRED, "refused");
	secret_set(&ret->token, text, strlen(text));
	ret->granted = xstrdup(granted);
	ret->expires_s = NOW_S + 2;
	ret->refresh_s = NOW_S;
	return true;
}

static void *stir(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 400; i++) {
		char who[] = {(char)('a' + i % 3), 0}, scope[] = {'S', (char)('0' + i * 7 % 10), 0};
		unsigned char key[SHA256_SIZE];
		struct token_wish one = {.key = key,
			.scope = scope,
			.now_s = NOW_S + i % 2,
			.deadline = deadline_after(WHILE_MS),
			.claims = i % 11 == 0 ? "challenge" : NULL,
			.mint = mint_plainly,
			.context = who};
		enum token_source source = TOKEN_CACHED;
		struct secret token = {0};
		autoerr(err);

		minting_key(key, who);
		if (token_cache_get(cache, &one, &token, &source, &err))
			*wrong += token.data[0] != *who ||
				  (token.data[1] != scope[1] && token.data[1] + 1 != scope[1]);
		else
			*wrong += scope[1] != '7';
		if (source == TOKEN_CACHED_REFRESH)
			token_cache_refresh(cache, &one, &token, 1, &err);
		if (token.data && i % 13 == 0)
			minting_drop_for(who, scope, token.data);
		secret_done(&token);
	}
	return NULL;
}

static void under_load_every_caller_gets_its_own_keys_token_for_its_scope(void **state)
{
	assert_each_of(16, stir, 0);
	assert_true(token_cache_count(cache) <= MINTING_BOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_scopes_at_once_share_one_mint_that_grants_all),
		TEST(so_they_do_when_nothing_is_kept),
		TEST(those_it_does_not_serve_mint_side_by_side),
		TEST(a_refusal_of_the_first_scope_is_no_others),
		TEST(half_of_a_callers_time_goes_into_another_scopes_mint_at_most),
		TEST(of_one_scope_they_wait_as_long_as_they_can),
		TEST(whoever_has_a_token_at_hand_waits_for_no_mint),
		TEST(with_claims_a_mint_without_them_is_not_awaited),
		TEST(with_claims_scopes_at_once_share_a_mint_too),
		TEST(under_load_every_caller_gets_its_own_keys_token_for_its_scope),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
