/* Which connection is given up, by a clock that the test sets. */
#include "http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/support.h"

static int64_t now_ms;

int64_t __wrap_clock_mono_ms(void);

int64_t __wrap_clock_mono_ms(void)
{
	return now_ms;
}

static struct sockets *sockets;
static int listener, sock;
static int64_t id;

static int set_up(void **state)
{
	struct sockaddr_in server = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in self = {0};
	socklen_t size = sizeof(server);
	struct socket_ends ends = {.local_ip = "127.0.0.1", .remote_ip = "127.0.0.1"};

	now_ms = 100000;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(listener, (struct sockaddr *)&server, size), errno);
	assert_return_code(listen(listener, 8), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&server, &size), errno);
	sockets = sockets_new();
	sock = sockets_open(sockets, AF_INET, SOCK_STREAM, 0);
	assert_return_code(connect(sock, (struct sockaddr *)&server, size), errno);
	assert_return_code(getsockname(sock, (struct sockaddr *)&self, &size), errno);
	ends.local_port = ntohs(self.sin_port);
	ends.remote_port = ntohs(server.sin_port);
	id = sockets_find(sockets, &ends);
	return id == 0;
}

static int tear_down(void **state)
{
	sockets_close(sockets, sock);
	sockets_free(sockets);
	close(listener);
	return 0;
}

/* A call sent now ends in vain after ms. */
static void wait_in_vain(int64_t ms)
{
	int64_t sent_ms = now_ms;

	now_ms += ms;
	sockets_judge(sockets, id, sent_ms);
}

/* Shut by us, it is at its end. */
static bool is_given_up(void)
{
	return sockets_have_input(sockets, id, NULL);
}

static void a_call_with_little_time_left_ends_no_connection(void **state)
{
	for (int i = 0; i < 100; i++) { /* all at once */
		now_ms = 100000;
		wait_in_vain(50);
	}
	assert_false(is_given_up());
	wait_in_vain(2000);
	assert_false(is_given_up());
}

static void a_call_that_waited_some_seconds_does(void **state)
{
	wait_in_vain(3000);
	assert_true(is_given_up());
}

static void so_do_shorter_ones_that_go_on_for_as_long(void **state)
{
	for (int i = 0; i < 5; i++)
		wait_in_vain(500);
	assert_false(is_given_up());
	wait_in_vain(500);
	assert_true(is_given_up());
}

static void time_in_which_nobody_waited_does_not_count(void **state)
{
	wait_in_vain(50);
	now_ms += 60000;
	wait_in_vain(50);
	assert_false(is_given_up());
	now_ms += 60000;
	wait_in_vain(2800);
	assert_false(is_given_up());
	wait_in_vain(100);
	assert_true(is_given_up());
}

static void nor_does_what_others_waited_shorten_a_long_wait(void **state)
{
	int64_t sent_ms = now_ms;

	now_ms += 2900;
	wait_in_vain(50);
	now_ms += 50;
	sockets_judge(sockets, id, sent_ms);
	assert_true(is_given_up());
}

static void an_answer_to_anybody_starts_the_count_anew(void **state)
{
	int64_t sent_ms = now_ms;

	wait_in_vain(2900);
	now_ms++;
	sockets_note_alive(sockets, id);
	now_ms++;
	wait_in_vain(2900);
	sockets_judge(sockets, id, sent_ms); /* sent before the answer came */
	assert_false(is_given_up());
	wait_in_vain(100);
	assert_true(is_given_up());
}

static void what_falls_silent_within_an_answer_is_given_up_as_well(void **state)
{
	int64_t sent_ms = now_ms;

	now_ms += 1000;
	sockets_note_alive(sockets, id);
	now_ms += 2900;
	sockets_judge(sockets, id, sent_ms);
	assert_false(is_given_up());
	now_ms += 100;
	sockets_judge(sockets, id, sent_ms);
	assert_true(is_given_up());
}

static void a_connection_is_told_by_both_its_ends(void **state)
{
	struct socket_ends ends = {
		.local_ip = "127.0.0.1", .remote_ip = "127.0.0.1", .local_port = 1};

	assert_int_equal(sockets_find(sockets, &ends), 0);
	assert_false(sockets_have_input(sockets, 0, NULL));
	assert_false(sockets_have_input(sockets, id + 1, NULL));
	sockets_shut(sockets, id + 1);
	assert_false(is_given_up());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_with_little_time_left_ends_no_connection),
		TEST(a_call_that_waited_some_seconds_does),
		TEST(so_do_shorter_ones_that_go_on_for_as_long),
		TEST(time_in_which_nobody_waited_does_not_count),
		TEST(nor_does_what_others_waited_shorten_a_long_wait),
		TEST(an_answer_to_anybody_starts_the_count_anew),
		TEST(what_falls_silent_within_an_answer_is_given_up_as_well),
		TEST(a_connection_is_told_by_both_its_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
