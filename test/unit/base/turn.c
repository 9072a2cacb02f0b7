#include "base/turn.h"

#include <pthread.h>

#include "base/deadline.h"
#include "stage/support.h"

static int left, taken;

static void leave(void *context)
{
	assert_ptr_equal(context, &left);
	assert_int_equal(left, taken);
	left++;
}

static void take(void *context)
{
	assert_ptr_equal(context, &left);
	taken++;
	assert_int_equal(left, taken);
}

static void wait_in_vain(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&lock);
	assert_false(deadline_wait((struct deadline){0}, &cond, &lock));
	pthread_mutex_unlock(&lock);
}

static void *have_a_turn(void *arg)
{
	turn_of_thread((struct turn){leave, take, &left});
	wait_in_vain();
	wait_in_vain();
	return arg;
}

static void a_wait_for_a_deadline_is_no_turn_of_its_thread(void **state)
{
	pthread_t thread;

	left = taken = 0;
	assert_int_equal(pthread_create(&thread, NULL, have_a_turn, NULL), 0);
	pthread_join(thread, NULL);
	assert_int_equal(left, 2);
	assert_int_equal(taken, 2);
}

static void a_thread_that_nobody_gave_a_turn_waits_without_a_word(void **state)
{
	left = taken = 0;
	wait_in_vain();
	turn_leave();
	turn_take();
	assert_int_equal(left + taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_for_a_deadline_is_no_turn_of_its_thread),
		cmocka_unit_test(a_thread_that_nobody_gave_a_turn_waits_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
