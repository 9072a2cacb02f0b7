#include "base/worker.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "stage/support.h"
#include "stage/threads.h"

static struct worker worker;
static sem_t go_on;
static _Atomic(int) done;

static int set_up(void **state)
{
	worker = (struct worker){0};
	sem_init(&go_on, 0, 0);
	done = 0;
	no_threads = false;
	return 0;
}

static int tear_down(void **state)
{
	worker_join(&worker);
	sem_destroy(&go_on);
	return 0;
}

static void add(void *context)
{
	sem_wait(&go_on);
	done += *(const int *)context;
}

static void what_is_joined_has_done_its_work(void **state)
{
	int amount = 3;

	assert_true(worker_start(&worker, add, &amount));
	sem_post(&go_on);
	worker_join(&worker);
	assert_int_equal(done, 3);
	worker_join(&worker); /* there is none any more */
}

static void work_under_way_lets_no_other_start(void **state)
{
	int amount = 3, other = 5;

	assert_true(worker_start(&worker, add, &amount));
	assert_false(worker_start(&worker, add, &other));
	sem_post(&go_on);
	worker_join(&worker);
	assert_int_equal(done, 3);
}

static void work_that_has_ended_makes_room_without_being_joined(void **state)
{
	int amount = 3, other = 5;

	assert_true(worker_start(&worker, add, &amount));
	sem_post(&go_on);
	while (!worker_start(&worker, add, &other))
		;
	assert_int_equal(done, 3);
	sem_post(&go_on);
	worker_join(&worker);
	assert_int_equal(done, 8);
}

static void without_a_thread_nothing_starts_until_there_is_one(void **state)
{
	int amount = 3;

	no_threads = true;
	assert_false(worker_start(&worker, add, &amount));
	worker_join(&worker);
	no_threads = false;
	assert_true(worker_start(&worker, add, &amount));
	sem_post(&go_on);
	worker_join(&worker);
	assert_int_equal(done, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_joined_has_done_its_work),
		TEST(work_under_way_lets_no_other_start),
		TEST(work_that_has_ended_makes_room_without_being_joined),
		TEST(without_a_thread_nothing_starts_until_there_is_one),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
