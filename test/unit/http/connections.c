/* How many connections there may be, by who calls and who waits. */
#include "http/connections.h"

#include "stage/support.h"

static void there_is_a_stream_for_each_of_many_callers(void **state)
{
	struct connections it = {.running = 250, .shared = CONNECTIONS_SHARED};

	(void)state;
	assert_true(connections_change(&it));
	assert_int_equal(it.limit, 3);
	assert_false(connections_change(&it));
}

static void only_some_are_opened_before_it_is_known_whether_they_can_be_shared(void **state)
{
	struct connections it = {.running = 1000};

	(void)state;
	connections_change(&it);
	assert_int_equal(it.limit, 4);
}

static void a_server_that_shares_none_has_no_limit(void **state)
{
	struct connections it = {.running = 10, .shared = CONNECTIONS_SHARED};

	(void)state;
	connections_change(&it);
	it.shared = CONNECTIONS_NOT_SHARED;
	assert_true(connections_change(&it));
	assert_int_equal(it.limit, 0);
}

static void callers_that_wait_get_one_more_at_a_time(void **state)
{
	struct connections it = {.running = 10, .shared = CONNECTIONS_SHARED};

	(void)state;
	for (long more = 1; more <= 3; more++) {
		connections_note_waiting(&it, 9);
		connections_change(&it);
		assert_int_equal(it.limit, 1 + more);
	}
}

static void no_more_than_there_are_calls_to_hold_the_others(void **state)
{
	struct connections it = {.running = 2, .shared = CONNECTIONS_SHARED};

	(void)state;
	for (int i = 0; i < 5; i++)
		connections_note_waiting(&it, 1);
	connections_change(&it);
	assert_int_equal(it.limit, 3);
	it.running = 1;
	connections_note_waiting(&it, 0);
	connections_change(&it);
	assert_int_equal(it.limit, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_a_stream_for_each_of_many_callers),
		cmocka_unit_test(
			only_some_are_opened_before_it_is_known_whether_they_can_be_shared),
		cmocka_unit_test(a_server_that_shares_none_has_no_limit),
		cmocka_unit_test(callers_that_wait_get_one_more_at_a_time),
		cmocka_unit_test(no_more_than_there_are_calls_to_hold_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
