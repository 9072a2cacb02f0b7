/* The HTTP client when the system has no room for what it waits with. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

#define TIMEOUT_MS 300

static _Atomic(bool) full; /* the kernel watches no further socket */

int __real_epoll_ctl(int epoll, int what, int sock, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int what, int sock, struct epoll_event *event);

int __wrap_epoll_ctl(int epoll, int what, int sock, struct epoll_event *event)
{
	if (full && what == EPOLL_CTL_ADD) {
		errno = ENOSPC;
		return -1;
	}
	return __real_epoll_ctl(epoll, what, sock, event);
}

static struct {
	int listener; /* takes connections and never answers */
	char url[64];
	struct http_client *client;
} silent;

static int set_up(void **state)
{
	struct sockaddr_in self = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(self);
	struct err err;

	silent.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(silent.listener, (struct sockaddr *)&self, size), errno);
	assert_return_code(listen(silent.listener, 8), errno);
	assert_return_code(getsockname(silent.listener, (struct sockaddr *)&self, &size), errno);
	snprintf(silent.url, sizeof(silent.url), "http://127.0.0.1:%d/", ntohs(self.sin_port));
	assert_true(http_client_new("", &silent.client, &err));
	return 0;
}

static int tear_down(void **state)
{
	http_client_free(silent.client);
	close(silent.listener);
	return 0;
}

static enum err_code ask(void)
{
	struct http_call call = {
		.url = silent.url, .deadline = deadline_after(TIMEOUT_MS), .body_max = 64};
	struct http_reply reply;
	struct err err;

	if (!http_send(silent.client, &call, &reply, &err))
		return err.code;
	http_reply_done(&reply);
	return ERR_NONE;
}

static void *ask_aside(void *ret)
{
	*(enum err_code *)ret = ask();
	return NULL;
}

static void a_socket_that_cannot_be_watched_costs_no_other_call(void **state)
{
	enum err_code before = ERR_NONE;
	struct timespec until;
	pthread_t thread;
	int connection;

	assert_int_equal(pthread_create(&thread, NULL, ask_aside, &before), 0);
	connection = accept(silent.listener, NULL, NULL); /* by now the first one waits */
	full = true;
	assert_int_equal(ask(), ERR_UPSTREAM_TIMEOUT);
	full = false;
	assert_int_equal(ask(), ERR_UPSTREAM_TIMEOUT);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	assert_int_equal(pthread_timedjoin_np(thread, NULL, &until), 0);
	assert_int_equal(before, ERR_UPSTREAM_TIMEOUT);
	close(connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_socket_that_cannot_be_watched_costs_no_other_call, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
