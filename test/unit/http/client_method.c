/* The HTTP client: which method a call is sent with. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stage/support.h"

static int listener;

/* Reads one request line and answers; the line is its own. */
static void *answer_one(void *ret_line)
{
	static const char ANSWER[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
	char bytes[4096] = "";
	int sock = accept(listener, NULL, NULL);
	size_t n = 0;

	while (!strstr(bytes, "\r\n\r\n") && n < sizeof(bytes) - 1) {
		ssize_t got = recv(sock, bytes + n, sizeof(bytes) - 1 - n, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	snprintf(ret_line, 64, "%.*s", (int)strcspn(bytes, "\r"), bytes);
	send(sock, ANSWER, sizeof(ANSWER) - 1, MSG_NOSIGNAL);
	shutdown(sock, SHUT_WR);
	while (recv(sock, bytes, sizeof(bytes), 0) > 0)
		;
	close(sock);
	return NULL;
}

static void a_call_is_sent_with_its_method_or_else_POST_with_a_body_and_GET_without(void **state)
{
	static const struct {
		const char *method, *body, *line;
	} CASES[] = {{NULL, NULL, "GET / HTTP/1.1"}, {NULL, "{}", "POST / HTTP/1.1"},
		{"GET", NULL, "GET / HTTP/1.1"}, {"POST", "", "POST / HTTP/1.1"},
		{"PATCH", "{}", "PATCH / HTTP/1.1"}, {"DELETE", NULL, "DELETE / HTTP/1.1"}};
	struct sockaddr_in self = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(self);
	struct http_client *client;
	autoerr(err);
	char url[64];

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(listener, (struct sockaddr *)&self, size), errno);
	assert_return_code(listen(listener, 8), errno);
	assert_return_code(getsockname(listener, (struct sockaddr *)&self, &size), errno);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(self.sin_port));
	assert_true(http_client_new("", &client, &err));
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct http_fetch fetch = {.method = CASES[i].method,
			.url = url,
			.body = CASES[i].body,
			.body_type = "application/json",
			.deadline = deadline_after(WHILE_MS),
			.body_max = 64};
		struct http_reply reply;
		pthread_t thread;
		char line[64];

		assert_int_equal(pthread_create(&thread, NULL, answer_one, line), 0);
		assert_true(http_send(client, &fetch, &reply, &err));
		assert_int_equal(reply.status, 204);
		http_reply_done(&reply);
		pthread_join(thread, NULL);
		assert_string_equal(line, CASES[i].line);
	}
	http_client_free(client);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_call_is_sent_with_its_method_or_else_POST_with_a_body_and_GET_without),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
