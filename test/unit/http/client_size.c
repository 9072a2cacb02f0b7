/* The HTTP client: an answer that is longer than it may be ends as soon as that is known. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/support.h"

#define BODY_MAX 64

static int listener;

/* Sends the beginning of an answer to what is asked, then waits for the client to go. */
static void *answer_one(void *answer)
{
	char bytes[4096];
	int sock = accept(listener, NULL, NULL);

	recv(sock, bytes, sizeof(bytes), 0);
	send(sock, answer, strlen(answer), MSG_NOSIGNAL);
	while (recv(sock, bytes, sizeof(bytes), 0) > 0)
		continue;
	close(sock);
	return NULL;
}

static void listen_at(char *ret_url, size_t size)
{
	struct sockaddr_in self = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(self);

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(listener, (struct sockaddr *)&self, n), errno);
	assert_return_code(listen(listener, 8), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&self, &n), errno);
	snprintf(ret_url, size, "http://127.0.0.1:%d/", ntohs(self.sin_port));
}

/* The server never ends an answer by itself: only what is known of its size can end the call. */
static void a_body_that_is_too_long_is_not_awaited(void **state)
{
	static const char CHUNK[] = "0123456789abcdef0123456789abcdef"
				    "0123456789abcdef0123456789abcdefX";
	static const char *const HEADS[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 65\r\nX-Last: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\nX-Last: 1\r\n\r\n",
		("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 65\r\n"
		 "X-Last: 1\r\n\r\n"),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Last: 1\r\n\r\n41\r\n",
		"HTTP/1.1 200 OK\r\nX-Last: 1\r\n\r\n"};
	struct http_client *client;
	autoerr(err);
	char url[64];

	listen_at(url, sizeof(url));
	assert_true(http_client_new("", &client, &err));
	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		struct http_fetch fetch = {
			.url = url, .deadline = deadline_after(WHILE_MS), .body_max = BODY_MAX};
		struct http_reply reply;
		pthread_t thread;
		char answer[512];

		snprintf(answer, sizeof(answer), "%s%s", HEADS[i], i < 3 ? "" : CHUNK);
		assert_int_equal(pthread_create(&thread, NULL, answer_one, answer), 0);
		check(http_send(client, &fetch, &reply, &err), "%s", HEADS[i]);
		check(reply.cut && reply.status == 200 && strstr(buf_text(&reply.head), "X-Last"),
			"%s", HEADS[i]);
		http_reply_done(&reply);
		pthread_join(thread, NULL);
	}
	http_client_free(client);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_is_too_long_is_not_awaited),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
