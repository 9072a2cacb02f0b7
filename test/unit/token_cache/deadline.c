/* Callers of one key who share a mint, each with a deadline of its own. */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "stage/minting.h"

#define JOINERS 16

static struct {
	_Atomic(int) mints;
	int waiters_wanted; /* the first mint goes on once so many wait for it */
	bool held_up;       /* and once it is let go on */
	enum err_code failure;
	sem_t begun, go_on;
} slow;

/* The first mint takes its time, and may fail; the others bring a token at once. */
static bool mint(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	if (++slow.mints == 1) {
		sem_post(&slow.begun);
		waiters_await(slow.waiters_wanted);
		if (slow.held_up)
			sem_wait(&slow.go_on);
		if (slow.failure)
			return err_set(err, slow.failure, "of the first");
	}
	secret_set(&ret->token, slow.mints == 1 ? "first" : "second", slow.mints == 1 ? 5 : 6);
	ret->expires_s = NOW_S + 100;
	return true;
}

static int set_up(void **state)
{
	memset(&slow, 0, sizeof(slow));
	sem_init(&slow.begun, 0, 0);
	sem_init(&slow.go_on, 0, 0);
	return minting_set_up(state);
}

static int tear_down(void **state)
{
	sem_destroy(&slow.begun);
	sem_destroy(&slow.go_on);
	return minting_tear_down(state);
}

struct asker {
	pthread_t thread;
	int64_t time_ms;
	const char *claims;
	char outcome[32]; /* the token, or the error's code */
};

static void *ask(void *arg)
{
	struct asker *asker = arg;
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {.key = key,
		.now_s = NOW_S,
		.deadline = deadline_after(asker->time_ms),
		.claims = asker->claims,
		.mint = mint};
	struct secret token = {0};
	enum token_source source;
	autoerr(err);

	minting_key(key, "a");
	if (token_cache_get(cache, &wish, &token, &source, &err))
		memcpy(asker->outcome, token.data, token.len);
	else
		strcpy(asker->outcome, err_info(err.code)->slug);
	secret_done(&token);
	return NULL;
}

/* Starts one whose mint is the first. */
static void begin(struct asker *starter)
{
	pthread_create(&starter->thread, NULL, ask, starter);
	sem_wait(&slow.begun);
}

static void assert_comes_to(struct asker *asker, const char *outcome)
{
	pthread_join(asker->thread, NULL);
	assert_string_equal(asker->outcome, outcome);
}

static void joiners_with_time_left_go_on_when_the_starters_is_over(void **state)
{
	struct asker starter = {.time_ms = 0};
	struct asker joiners[JOINERS];

	slow.failure = ERR_UPSTREAM_TIMEOUT;
	slow.waiters_wanted = JOINERS;
	begin(&starter);
	for (int i = 0; i < JOINERS; i++) {
		joiners[i] = (struct asker){.time_ms = WHILE_MS};
		pthread_create(&joiners[i].thread, NULL, ask, &joiners[i]);
	}
	for (int i = 0; i < JOINERS; i++)
		assert_comes_to(&joiners[i], "second");
	assert_comes_to(&starter, "upstream_timeout");
	assert_int_equal(slow.mints, 2); /* one of them took over, for all */
}

static void nor_is_it_theirs_that_the_starter_had_no_time_to_try_again(void **state)
{
	struct asker starter = {.time_ms = 900}, joiner = {.time_ms = WHILE_MS};

	slow.failure = ERR_UPSTREAM_UNAVAILABLE;
	slow.waiters_wanted = 1;
	begin(&starter);
	pthread_create(&joiner.thread, NULL, ask, &joiner);
	assert_comes_to(&joiner, "second");
	assert_comes_to(&starter, "upstream_unavailable");
}

static void one_failure_is_both_theirs(int64_t time_ms, enum err_code failure, const char *slug)
{
	struct asker starter = {.time_ms = time_ms}, joiner = {.time_ms = time_ms};

	slow.failure = failure;
	slow.waiters_wanted = 1;
	begin(&starter);
	pthread_create(&joiner.thread, NULL, ask, &joiner);
	assert_comes_to(&joiner, slug);
	assert_comes_to(&starter, slug);
	assert_int_equal(slow.mints, 1);
}

static void where_nobody_has_time_to_try_again_one_failure_is_all_theirs(void **state)
{
	one_failure_is_both_theirs(900, ERR_UPSTREAM_UNAVAILABLE, "upstream_unavailable");
}

static void a_service_that_let_a_caller_with_time_left_wait_is_not_asked_by_each(void **state)
{
	one_failure_is_both_theirs(WHILE_MS, ERR_UPSTREAM_TIMEOUT, "upstream_timeout");
}

static void a_joiner_whose_time_is_over_leaves_and_the_mint_goes_on(void **state)
{
	struct asker starter = {.time_ms = WHILE_MS}, joiner = {.time_ms = 20};

	slow.held_up = true;
	begin(&starter);
	ask(&joiner);
	assert_string_equal(joiner.outcome, "upstream_timeout");
	sem_post(&slow.go_on);
	assert_comes_to(&starter, "first");
	assert_int_equal(slow.mints, 1);
}

static void nor_does_it_wait_for_a_mint_with_other_claims(void **state)
{
	struct asker starter = {.time_ms = WHILE_MS};
	struct asker joiner = {.time_ms = 20, .claims = "{}"};

	slow.held_up = true;
	begin(&starter);
	ask(&joiner);
	assert_string_equal(joiner.outcome, "upstream_timeout");
	sem_post(&slow.go_on);
	assert_comes_to(&starter, "first");
	assert_int_equal(slow.mints, 1);
}

static void a_token_at_hand_needs_no_time(void **state)
{
	struct asker first = {.time_ms = WHILE_MS}, second = {.time_ms = 0};

	ask(&first);
	ask(&second);
	assert_string_equal(second.outcome, "first");
	assert_int_equal(slow.mints, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joiners_with_time_left_go_on_when_the_starters_is_over),
		TEST(nor_is_it_theirs_that_the_starter_had_no_time_to_try_again),
		TEST(where_nobody_has_time_to_try_again_one_failure_is_all_theirs),
		TEST(a_service_that_let_a_caller_with_time_left_wait_is_not_asked_by_each),
		TEST(a_joiner_whose_time_is_over_leaves_and_the_mint_goes_on),
		TEST(nor_does_it_wait_for_a_mint_with_other_claims),
		TEST(a_token_at_hand_needs_no_time),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
