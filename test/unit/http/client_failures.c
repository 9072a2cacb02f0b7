/* The HTTP client where the system has no room, a name server says nothing, or a server goes away.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stage/support.h"

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
	autoerr(err);

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
	struct http_fetch fetch = {
		.url = silent.url, .deadline = deadline_after(TIMEOUT_MS), .body_max = 64};
	struct http_reply reply;
	autoerr(err);

	if (!http_send(silent.client, &fetch, &reply, &err))
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

/* libcurl's look-ups come here first: of one name nothing is known until the test says so. */
static sem_t known, asked;

int getaddrinfo(const char *restrict host, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(host, "silent.test") != 0)
		return real(host, service, hints, ret);
	sem_post(&asked);
	sem_wait(&known);
	return EAI_NONAME;
}

static void *ask_for_a_name(void *ret)
{
	struct http_fetch fetch = {.url = "http://silent.test/",
		.deadline = deadline_after(TIMEOUT_MS),
		.body_max = 64};
	struct http_reply reply;
	autoerr(err);

	*(enum err_code *)ret = http_send(silent.client, &fetch, &reply, &err) ? ERR_NONE
									       : err.code;
	return NULL;
}

/* Releases a driver that is stuck, so that the test ends, and fails. */
static void *lose_patience(void *stuck)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 20;
	if (sem_timedwait(stuck, &limit) != 0)
		sem_post(&known);
	return NULL;
}

static void a_name_that_is_still_looked_up_holds_nobody_up(void **state)
{
	enum err_code outcome = ERR_NONE;
	pthread_t waiting, watching;
	int released;
	sem_t over;

	sem_init(&known, 0, 0);
	sem_init(&asked, 0, 0);
	sem_init(&over, 0, 0);
	assert_int_equal(pthread_create(&waiting, NULL, ask_for_a_name, &outcome), 0);
	sem_wait(&asked);
	assert_int_equal(pthread_create(&watching, NULL, lose_patience, &over), 0);
	pthread_join(waiting, NULL);
	assert_int_equal(outcome, ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(ask(), ERR_UPSTREAM_TIMEOUT); /* the driver is there for others */
	sem_getvalue(&known, &released);
	sem_post(&over);
	pthread_join(watching, NULL);
	sem_post(&known);
	assert_int_equal(released, 0);
}

/* A server that answers one request on its first connection, takes a second one there and goes
 * away; on every later connection it answers. */
static struct {
	_Atomic(int) requests;
	int connection;
} leaving;

static bool take_request(int connection)
{
	char bytes[4096];
	size_t n = 0;
	ssize_t got;

	do {
		got = recv(connection, bytes + n, sizeof(bytes) - 1 - n, 0);
		n += got > 0 ? (size_t)got : 0;
		bytes[n] = '\0';
	} while (got > 0 && !strstr(bytes, "\r\n\r\n{}"));
	leaving.requests += got > 0;
	return got > 0;
}

static void *leave(void *arg)
{
	static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

	for (int i = 0; (leaving.connection = accept(silent.listener, NULL, NULL)) >= 0; i++) {
		for (int j = 0; take_request(leaving.connection) && !(i == 0 && j == 1); j++)
			send(leaving.connection, ANSWER, sizeof(ANSWER) - 1, MSG_NOSIGNAL);
		close(leaving.connection);
	}
	return NULL;
}

static enum err_code post(bool once, bool *ret_maybe_done)
{
	struct http_fetch fetch = {.url = silent.url,
		.body = "{}",
		.body_type = "application/json",
		.once = once,
		.deadline = deadline_after(20000),
		.body_max = 64};
	struct http_reply reply;
	autoerr(err);

	if (!http_send(silent.client, &fetch, &reply, &err)) {
		*ret_maybe_done = err.maybe_done;
		return err.code;
	}
	http_reply_done(&reply);
	return ERR_NONE;
}

static void sent_where_the_server_leaves(bool once, enum err_code outcome, int requests)
{
	bool maybe_done = false;
	pthread_t server;

	leaving.requests = 0;
	assert_int_equal(pthread_create(&server, NULL, leave, NULL), 0);
	assert_int_equal(post(once, &maybe_done), ERR_NONE);
	assert_int_equal(post(once, &maybe_done), outcome);
	assert_int_equal(leaving.requests, requests);
	assert_int_equal(maybe_done, outcome != ERR_NONE);
	assert_int_equal(post(once, &maybe_done), ERR_NONE);
	shutdown(silent.listener, SHUT_RDWR);
	http_client_free(silent.client); /* ends its connections */
	pthread_join(server, NULL);
	silent.client = NULL;
}

static void what_may_be_repeated_is_where_a_kept_connection_dies(void **state)
{
	sent_where_the_server_leaves(false, ERR_NONE, 3);
}

static void what_counts_once_is_not_sent_again_after_it_may_have_arrived(void **state)
{
	sent_where_the_server_leaves(true, ERR_UPSTREAM_UNAVAILABLE, 2);
}

/* Of a call that fails: whether bytes of it may have gone. */
static bool may_have_gone(const char *url)
{
	struct http_fetch fetch = {.url = url,
		.body = "{}",
		.body_type = "application/json",
		.once = true,
		.deadline = deadline_after(TIMEOUT_MS),
		.body_max = 64};
	struct http_reply reply;
	autoerr(err);

	err.maybe_done = true;
	assert_false(http_send(silent.client, &fetch, &reply, &err));
	return err.maybe_done;
}

static void of_a_call_that_fails_it_is_said_whether_bytes_of_it_may_have_gone(void **state)
{
	struct sockaddr_in nobody = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(nobody);
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound, and not listening */
	char url[80];

	assert_true(may_have_gone(silent.url));
	snprintf(url, sizeof(url), "https%s", strchr(silent.url, ':'));
	assert_false(may_have_gone(url)); /* TLS comes first */
	assert_return_code(bind(sock, (struct sockaddr *)&nobody, size), errno);
	assert_return_code(getsockname(sock, (struct sockaddr *)&nobody, &size), errno);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(nobody.sin_port));
	assert_false(may_have_gone(url));
	close(sock);
	assert_false(may_have_gone("http://nobody.invalid/"));
	http_client_stop(silent.client);
	assert_false(may_have_gone(silent.url));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_that_cannot_be_watched_costs_no_other_call),
		TEST(a_name_that_is_still_looked_up_holds_nobody_up),
		TEST(what_may_be_repeated_is_where_a_kept_connection_dies),
		TEST(what_counts_once_is_not_sent_again_after_it_may_have_arrived),
		TEST(of_a_call_that_fails_it_is_said_whether_bytes_of_it_may_have_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
