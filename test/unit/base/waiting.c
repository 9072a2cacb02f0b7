#include "base/waiting.h"

#include <pthread.h>

#include "base/deadline.h"
#include "stage/support.h"

static int begun, ended;

static void begins(void *context)
{
	assert_ptr_equal(context, &begun);
	assert_int_equal(begun, ended);
	begun++;
}

static void ends(void *context)
{
	assert_ptr_equal(context, &begun);
	ended++;
	assert_int_equal(begun, ended);
}

static void wait_in_vain(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&lock);
	assert_false(deadline_wait((struct deadline){0}, &cond, &lock));
	pthread_mutex_unlock(&lock);
}

static void *wait_twice(void *arg)
{
	waiting_tell((struct waiting){begins, ends, &begun});
	wait_in_vain();
	wait_in_vain();
	return arg;
}

static void a_wait_for_a_deadline_is_told(void **state)
{
	pthread_t thread;

	begun = ended = 0;
	assert_int_equal(pthread_create(&thread, NULL, wait_twice, NULL), 0);
	pthread_join(thread, NULL);
	assert_int_equal(begun, 2);
	assert_int_equal(ended, 2);
}

static void of_a_thread_that_nobody_minds_nothing_is_told(void **state)
{
	begun = ended = 0;
	wait_in_vain();
	waiting_begins();
	waiting_ends();
	assert_int_equal(begun + ended, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_for_a_deadline_is_told),
		cmocka_unit_test(of_a_thread_that_nobody_minds_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
