/* What has come on a connection of ours, which only its two ends tell of. */
#include "http/arrived.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/support.h"

#define HOME "127.0.0.1"

static int listener, client, server, port, client_port;

static int port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t size = sizeof(at);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static int set_up(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	listener = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	port = port_of(listener);
	at.sin_port = htons((uint16_t)port);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	server = accept(listener, NULL, NULL);
	client_port = port_of(client);
	return 0;
}

static int tear_down(void **state)
{
	close(client);
	close(server);
	close(listener);
	return 0;
}

static void give(size_t n)
{
	static const char BYTES[100];
	struct pollfd come = {.fd = server, .events = POLLIN};

	assert_int_equal(write(client, BYTES, n), (ssize_t)n);
	poll(&come, 1, -1);
}

static void the_end_that_serves_is_found_and_not_the_other(void **state)
{
	struct arrived arrived = {0};

	arrived_find(&arrived, HOME, client_port, port);
	assert_int_equal(arrived.socket, server);
}

static void another_address_or_port_is_none(void **state)
{
	struct arrived arrived = {0};

	arrived_find(&arrived, "127.0.0.2", client_port, port);
	assert_int_equal(arrived.socket, -1);
	arrived_find(&arrived, HOME, client_port, client_port);
	assert_int_equal(arrived.socket, -1);
	assert_int_equal(arrived_bytes(&arrived), 0);
}

static void move_to(int number)
{
	assert_int_equal(dup2(server, number), number);
	close(server);
	server = number;
}

static void behind_some_free_numbers_it_is_found_and_behind_very_many_not(void **state)
{
	struct arrived arrived = {0};

	move_to(400);
	arrived_find(&arrived, HOME, client_port, port);
	assert_int_equal(arrived.socket, 400);
	move_to(900);
	arrived_find(&arrived, HOME, client_port, port);
	assert_int_equal(arrived.socket, -1);
}

static void what_has_come_is_told_as_it_is_read(void **state)
{
	struct arrived arrived = {.socket = server};
	char bytes[60];

	give(100);
	assert_int_equal(arrived_bytes(&arrived), 100);
	assert_int_equal(read(server, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(arrived_bytes(&arrived), 40);
}

static void where_there_was_nothing_it_is_seen_soon_that_there_is(void **state)
{
	struct arrived arrived = {.socket = server};
	int asked = 1;

	assert_int_equal(arrived_bytes(&arrived), 0);
	give(1);
	while (!arrived_bytes(&arrived))
		asked++;
	assert_in_range(asked, 1, 100);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_end_that_serves_is_found_and_not_the_other),
		TEST(another_address_or_port_is_none),
		TEST(behind_some_free_numbers_it_is_found_and_behind_very_many_not),
		TEST(what_has_come_is_told_as_it_is_read),
		TEST(where_there_was_nothing_it_is_seen_soon_that_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
