/* What the HTTP client does of a call whose time is over. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/support.h"

static struct http_client *client;

static int set_up(void **state)
{
	autoerr(err);

	assert_true(http_client_new("", &client, &err));
	return 0;
}

static int tear_down(void **state)
{
	http_client_free(client);
	return 0;
}

static void nothing_is_sent_past_the_deadline(void **state)
{
	struct sockaddr_in self = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct pollfd listener = {
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .events = POLLIN};
	socklen_t size = sizeof(self);
	struct http_reply reply;
	autoerr(err);
	char url[64];

	assert_return_code(bind(listener.fd, (struct sockaddr *)&self, size), errno);
	assert_return_code(listen(listener.fd, 8), errno);
	assert_return_code(getsockname(listener.fd, (struct sockaddr *)&self, &size), errno);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(self.sin_port));
	assert_false(
		http_send(client, &(struct http_fetch){.url = url, .body_max = 64}, &reply, &err));
	assert_int_equal(err.code, ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(poll(&listener, 1, 0), 0);
	close(listener.fd);
}

static void a_pause_that_would_end_too_late_is_not_begun(void **state)
{
	struct deadline soon = deadline_after(30000);

	assert_false(http_client_wait(client, 30000, soon));
	assert_false(http_client_wait(client, 0, (struct deadline){0}));
	assert_false(deadline_passed(soon));
	assert_true(http_client_wait(client, 1, soon));
}

static void a_client_that_is_stopped_pauses_for_nobody(void **state)
{
	http_client_stop(client);
	assert_false(http_client_wait(client, 30000, deadline_after(WHILE_MS)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_sent_past_the_deadline),
		TEST(a_pause_that_would_end_too_late_is_not_begun),
		TEST(a_client_that_is_stopped_pauses_for_nobody),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
