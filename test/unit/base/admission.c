#include "base/admission.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "stage/support.h"
#include "stage/threads.h"

static int64_t now_ms = 1000000;
static _Atomic(bool) nobody_comes; /* a wait ends at once, by its deadline */
static _Atomic(int64_t) waited_until_ms;

int64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void)
{
	return now_ms;
}

bool __wrap_deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock);
bool __wrap_deadline_wait(struct deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock)
{
	waited_until_ms = deadline.end_ms;
	return !nobody_comes && pthread_cond_wait(cond, lock) == 0;
}

#define PLACES 3
#define WAITING 2
#define SHARE 2
#define WAIT_MS 2000

static struct admission *admission;

static int set_up(void **state)
{
	nobody_comes = false;
	admission = admission_new(&(struct admission_limits){PLACES, WAITING, WAIT_MS, SHARE});
	waiters_reset();
	return 0;
}

static int tear_down(void **state)
{
	admission_free(admission);
	return 0;
}

/* What a call of that caller comes to now: ERR_NONE, it has a place. */
static enum err_code enter(struct admission_pass *pass, const char *caller)
{
	autoerr(err);
	bool good = admission_enter(admission, pass, caller, deadline_after(WHILE_MS), &err);

	assert_int_equal(good, err.code == ERR_NONE);
	assert_int_equal(err.retry_after_s, good ? 0 : 1);
	return err.code;
}

static void leave(struct admission_pass *pass)
{
	admission_leave(admission, pass);
}

static struct admission_count counts(void)
{
	struct admission_count count;

	admission_count(admission, &count);
	return count;
}

/* A call on a thread of its own. */
struct waiter {
	pthread_t thread;
	const char *caller;
	struct admission_pass pass;
	_Atomic(int) number; /* which it was to get a place; 0: none yet */
	enum err_code outcome;
};

static _Atomic(int) placed;

static void *come(void *arg)
{
	struct waiter *waiter = arg;

	waiter->outcome = enter(&waiter->pass, waiter->caller);
	if (!waiter->outcome)
		waiter->number = ++placed;
	return NULL;
}

static void start(struct waiter *waiter, const char *caller)
{
	*waiter = (struct waiter){.caller = caller};
	assert_int_equal(pthread_create(&waiter->thread, NULL, come, waiter), 0);
}

static enum err_code outcome_of(struct waiter *waiter)
{
	pthread_join(waiter->thread, NULL);
	return waiter->outcome;
}

static void fill(struct admission_pass passes[PLACES])
{
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(enter(&passes[i], ""), ERR_NONE);
}

static void empty(struct admission_pass passes[PLACES])
{
	for (int i = 0; i < PLACES; i++)
		leave(&passes[i]);
}

static void calls_have_places_until_there_are_none(void **state)
{
	struct admission_pass passes[PLACES] = {0}, late = {0};

	fill(passes);
	nobody_comes = true;
	assert_int_equal(enter(&late, ""), ERR_OVERLOADED);
	leave(&passes[1]);
	assert_int_equal(enter(&late, ""), ERR_NONE);
	leave(&late);
	empty(passes);
	assert_int_equal(counts().in, 0);
}

static void as_many_wait_as_may_and_the_next_is_turned_away_at_once(void **state)
{
	struct admission_pass passes[PLACES] = {0}, late = {0};
	struct waiter waiters[WAITING];

	fill(passes);
	for (int i = 0; i < WAITING; i++)
		start(&waiters[i], "");
	waiters_await(WAITING);
	assert_int_equal(enter(&late, ""), ERR_OVERLOADED);
	assert_int_equal(counts().waiting, WAITING);
	assert_int_equal(counts().shed[ADMISSION_FULL], 1);
	empty(passes);
	for (int i = 0; i < WAITING; i++) {
		assert_int_equal(outcome_of(&waiters[i]), ERR_NONE);
		leave(&waiters[i].pass);
	}
	assert_int_equal(counts().in, 0);
	assert_int_equal(counts().waiting, 0);
}

static void those_that_wait_are_placed_in_the_order_they_came(void **state)
{
	struct admission_pass passes[PLACES] = {0};
	struct waiter waiters[WAITING];

	placed = 0;
	fill(passes);
	for (int i = 0; i < WAITING; i++) {
		start(&waiters[i], "");
		waiters_await(i + 1);
	}
	for (int i = 0; i < WAITING; i++) {
		leave(&passes[i]);
		assert_int_equal(outcome_of(&waiters[i]), ERR_NONE);
		assert_int_equal(waiters[i].number, i + 1);
		assert_int_equal(counts().waiting, WAITING - 1 - i);
	}
	for (int i = 0; i < WAITING; i++)
		leave(&waiters[i].pass);
	leave(&passes[PLACES - 1]);
}

static void a_place_given_back_is_the_waiting_ones_whoever_comes_then(void **state)
{
	struct admission_pass passes[PLACES] = {0}, late = {0};
	struct waiter first;

	fill(passes);
	start(&first, "");
	waiters_await(1);
	leave(&passes[0]);
	assert_int_equal(counts().in, PLACES);
	assert_false(admission_enter_free(admission, &late, ""));
	assert_int_equal(outcome_of(&first), ERR_NONE);
	leave(&first.pass);
	empty(passes);
}

static void a_wait_is_short_and_never_longer_than_the_call(void **state)
{
	struct admission_pass passes[PLACES] = {0}, late = {0};
	autoerr(err);

	fill(passes);
	nobody_comes = true;
	assert_false(admission_enter(admission, &late, "", deadline_after(WHILE_MS), &err));
	assert_int_equal(waited_until_ms, now_ms + WAIT_MS);
	assert_false(admission_enter(admission, &late, "", deadline_after(300), &err));
	assert_int_equal(waited_until_ms, now_ms + 300);
	assert_int_equal(err.code, ERR_OVERLOADED);
	assert_int_equal(counts().shed[ADMISSION_WAITED], 2);
	assert_int_equal(counts().waiting, 0);
	empty(passes);
}

static void one_that_gave_up_leaves_the_others_in_order(void **state)
{
	struct admission_pass passes[PLACES] = {0}, impatient = {0};
	struct waiter first, last;

	placed = 0;
	fill(passes);
	start(&first, "");
	waiters_await(1);
	nobody_comes = true;
	assert_int_equal(enter(&impatient, ""), ERR_OVERLOADED);
	nobody_comes = false;
	start(&last, "");
	waiters_await(2);
	leave(&passes[0]);
	assert_int_equal(outcome_of(&first), ERR_NONE);
	leave(&passes[1]);
	assert_int_equal(outcome_of(&last), ERR_NONE);
	assert_int_equal(last.number, 2);
	leave(&first.pass);
	leave(&last.pass);
	leave(&passes[2]);
	assert_int_equal(counts().in, 0);
}

static void one_caller_has_its_share_and_another_has_too(void **state)
{
	struct admission_pass mine[SHARE] = {0}, more = {0}, theirs = {0};

	for (int i = 0; i < SHARE; i++)
		assert_int_equal(enter(&mine[i], "me"), ERR_NONE);
	assert_int_equal(enter(&more, "me"), ERR_TOO_MANY_REQUESTS);
	assert_int_equal(enter(&theirs, "them"), ERR_NONE);
	assert_int_equal(counts().shed[ADMISSION_CALLER], 1);
	leave(&mine[0]);
	assert_int_equal(enter(&more, "me"), ERR_NONE);
	leave(&more);
	leave(&mine[1]);
	leave(&theirs);
}

static void calls_that_wait_come_out_of_their_callers_share(void **state)
{
	struct admission_pass passes[PLACES] = {0}, more = {0};
	struct waiter waiters[SHARE];

	fill(passes);
	for (int i = 0; i < SHARE; i++)
		start(&waiters[i], "me");
	waiters_await(SHARE);
	assert_int_equal(enter(&more, "me"), ERR_TOO_MANY_REQUESTS);
	empty(passes);
	for (int i = 0; i < SHARE; i++) {
		assert_int_equal(outcome_of(&waiters[i]), ERR_NONE);
		leave(&waiters[i].pass);
	}
}

static void callers_that_are_not_known_share_nothing(void **state)
{
	struct admission_pass passes[PLACES] = {0};

	assert_true(SHARE < PLACES);
	fill(passes);
	empty(passes);
}

static void callers_are_told_apart_however_many_there_are(void **state)
{
	enum { CALLS = 2000 };
	static struct admission_pass passes[CALLS], more;
	char name[32];

	tear_down(NULL);
	admission = admission_new(&(struct admission_limits){CALLS + 1, 0, WAIT_MS, 1});
	memset(passes, 0, sizeof(passes));
	for (int i = 0; i < CALLS; i++) {
		snprintf(name, sizeof(name), "caller %d", i);
		assert_int_equal(enter(&passes[i], name), ERR_NONE);
		assert_int_equal(enter(&more, name), ERR_TOO_MANY_REQUESTS);
	}
	for (int i = 0; i < CALLS; i++)
		leave(&passes[i]);
	assert_int_equal(counts().in, 0);
}

static void a_call_whose_caller_becomes_known_keeps_its_place(void **state)
{
	struct admission_pass passes[PLACES] = {0};

	fill(passes);
	assert_int_equal(enter(&passes[0], "me"), ERR_NONE);
	assert_int_equal(enter(&passes[1], "me"), ERR_NONE);
	assert_int_equal(enter(&passes[0], "me"), ERR_NONE);
	assert_int_equal(counts().in, PLACES);
	assert_int_equal(enter(&passes[2], "me"), ERR_TOO_MANY_REQUESTS);
	empty(passes);
	assert_int_equal(counts().in, 0);
}

static void a_free_place_is_taken_without_waiting_or_counting(void **state)
{
	struct admission_pass passes[PLACES] = {0}, late = {0};

	for (int i = 0; i < PLACES; i++)
		assert_true(admission_enter_free(admission, &passes[i], ""));
	assert_false(admission_enter_free(admission, &late, ""));
	for (int i = 0; i < ADMISSION_SHED__COUNT; i++)
		assert_int_equal(counts().shed[i], 0);
	leave(&late); /* has none */
	empty(passes);
	assert_int_equal(counts().in, 0);
}

static void whatever_calls_come_to_no_place_is_lost(void **state)
{
	static const char *const CALLERS[] = {"", "a", "b", "a"};
	struct admission_pass held[PLACES] = {0};

	nobody_comes = true;
	for (int i = 0; i < 3000; i++) {
		struct admission_pass pass = {0};

		enter(&pass, CALLERS[i % 4]);
		if (i % 3)
			leave(&pass);
		if (pass.stage == ADMISSION_IN) {
			leave(&held[i % PLACES]);
			leave(&pass);
			enter(&held[i % PLACES], CALLERS[i % 4]);
		}
	}
	empty(held);
	assert_int_equal(counts().in, 0);
	fill(held);
	empty(held);
}

static void *come_and_go(void *arg)
{
	for (int i = 0; i < 500; i++) {
		struct admission_pass pass = {0};

		if (!enter(&pass, i % 2 ? arg : ""))
			assert_true(counts().in <= PLACES);
		leave(&pass);
	}
	return NULL;
}

static void many_threads_never_have_more_places_than_there_are(void **state)
{
	static const char *const CALLERS[] = {"a", "b", "c", "d"};
	pthread_t threads[16];

	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_create(&threads[i], NULL, come_and_go, (void *)CALLERS[i % 4]);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counts().in, 0);
	assert_int_equal(counts().waiting, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_have_places_until_there_are_none),
		TEST(as_many_wait_as_may_and_the_next_is_turned_away_at_once),
		TEST(those_that_wait_are_placed_in_the_order_they_came),
		TEST(a_place_given_back_is_the_waiting_ones_whoever_comes_then),
		TEST(a_wait_is_short_and_never_longer_than_the_call),
		TEST(one_that_gave_up_leaves_the_others_in_order),
		TEST(one_caller_has_its_share_and_another_has_too),
		TEST(calls_that_wait_come_out_of_their_callers_share),
		TEST(callers_that_are_not_known_share_nothing),
		TEST(callers_are_told_apart_however_many_there_are),
		TEST(a_call_whose_caller_becomes_known_keeps_its_place),
		TEST(a_free_place_is_taken_without_waiting_or_counting),
		TEST(whatever_calls_come_to_no_place_is_lost),
		TEST(many_threads_never_have_more_places_than_there_are),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
