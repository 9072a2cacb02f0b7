#include "base/deadline.h"

#include <pthread.h>

#include "stage/support.h"

static int64_t now_ms = 1000000;

int64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void)
{
	return now_ms;
}

static void what_is_left_shrinks_to_nothing_and_no_further(void **state)
{
	struct deadline deadline = deadline_after(500);

	assert_int_equal(deadline_left_ms(deadline), 500);
	now_ms += 499;
	assert_int_equal(deadline_left_ms(deadline), 1);
	assert_false(deadline_passed(deadline));
	now_ms += 1;
	assert_true(deadline_passed(deadline));
	now_ms += 7000;
	assert_int_equal(deadline_left_ms(deadline), 0);
	assert_true(deadline_passed(deadline));
}

static void one_wait_of_a_call_is_never_longer_than_the_call(void **state)
{
	struct deadline call = deadline_after(1000);

	assert_int_equal(deadline_left_ms(deadline_within(call, 300)), 300);
	assert_int_equal(deadline_left_ms(deadline_within(call, 8000)), 1000);
	now_ms += 2000;
	assert_true(deadline_passed(deadline_within(call, 300)));
}

static void one_that_was_forgotten_has_passed(void **state)
{
	assert_true(deadline_passed((struct deadline){0}));
}

static void a_wait_ends_where_nobody_signals(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&lock);
	assert_false(deadline_wait((struct deadline){0}, &cond, &lock));
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_shrinks_to_nothing_and_no_further),
		cmocka_unit_test(one_wait_of_a_call_is_never_longer_than_the_call),
		cmocka_unit_test(one_that_was_forgotten_has_passed),
		cmocka_unit_test(a_wait_ends_where_nobody_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
