#include "upstream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "http/client.h"

struct upstream upstream;

static struct answer {
	int status;
	char *head, *body;
	bool cut;
	enum err_code failure;
	bool arrived;
} answers[UPSTREAM_CALLS_MAX];
static int answer_count;
static _Atomic(int64_t) ahead_ms; /* of the monotonic clock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool __wrap_http_send(struct http_client *client, const struct http_fetch *fetch,
	struct http_reply *ret, struct err *err);
bool __wrap_http_client_wait(struct http_client *client, int64_t ms, struct deadline deadline);
void __wrap_http_distrust(struct http_client *client, int64_t connection);
int64_t __wrap_clock_unix_s(void);
int64_t __wrap_clock_mono_ms(void);

void upstream_reset(void)
{
	for (int i = 0; i < UPSTREAM_CALLS_MAX; i++) {
		free(upstream.calls[i].url);
		free(upstream.calls[i].headers);
		free(upstream.calls[i].body);
		free(answers[i].head);
		free(answers[i].body);
	}
	memset(&upstream, 0, sizeof(upstream));
	memset(answers, 0, sizeof(answers));
	answer_count = 0;
	upstream.now_s = NOW_S;
}

static struct answer *new_answer(void)
{
	assert_true(answer_count < UPSTREAM_CALLS_MAX);
	return &answers[answer_count++];
}

void upstream_answers(int status, const char *head, const char *body)
{
	*new_answer() = (struct answer){
		.status = status, .head = xstrdup(head), .body = xstrdup(body)};
}

void upstream_answers_cut(const char *body)
{
	*new_answer() = (struct answer){
		.status = 200, .head = xstrdup(""), .body = xstrdup(body), .cut = true};
}

void upstream_fails(enum err_code code)
{
	*new_answer() = (struct answer){.failure = code};
}

void upstream_dies(enum err_code code)
{
	*new_answer() = (struct answer){.failure = code, .arrived = true};
}

bool upstream_is_done(void)
{
	return upstream.call_count == answer_count;
}

static void note(struct upstream_call *ret, const struct http_fetch *fetch)
{
	struct buf lines;

	buf_init(&lines);
	buf_adds(&lines, "");
	for (size_t i = 0; i < fetch->header_count; i++) {
		if (fetch->headers[i].value)
			buf_addf(&lines, "%s: %s\n", fetch->headers[i].name,
				fetch->headers[i].value);
	}
	ret->url = xstrdup(fetch->url);
	ret->headers = lines.data;
	ret->body = fetch->body ? xstrdup(fetch->body) : NULL;
	ret->method = fetch->method;
	ret->fresh = fetch->fresh;
	ret->once = fetch->once;
	ret->body_max = fetch->body_max;
	ret->left_ms = deadline_left_ms(fetch->deadline);
}

/* As the client keeps to the deadline.  False when it comes before the answer. */
static bool pass_time(struct deadline deadline)
{
	int64_t left_ms = deadline_left_ms(deadline);

	ahead_ms += left_ms < upstream.takes_ms ? left_ms : upstream.takes_ms;
	return left_ms > upstream.takes_ms;
}

bool __wrap_http_send(struct http_client *client, const struct http_fetch *fetch,
	struct http_reply *ret, struct err *err)
{
	struct answer answer = {.failure = ERR_INTERNAL};

	if (deadline_passed(fetch->deadline))
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left");
	pthread_mutex_lock(&lock);
	if (upstream.call_count < answer_count) {
		answer = answers[upstream.call_count];
		note(&upstream.calls[upstream.call_count], fetch);
	}
	upstream.call_count++;
	pthread_mutex_unlock(&lock);
	if (!pass_time(fetch->deadline)) {
		err_set(err, ERR_UPSTREAM_TIMEOUT, "it takes too long");
		err->maybe_done = true;
		return false;
	}
	if (answer.failure) {
		err_set(err, answer.failure, "as the script says");
		err->maybe_done = answer.arrived;
		return false;
	}
	*ret = reply_make(answer.status, answer.head, answer.body);
	ret->cut = answer.cut;
	return true;
}

void __wrap_http_distrust(struct http_client *client, int64_t connection)
{
	upstream.distrust_count++;
}

bool __wrap_http_client_wait(struct http_client *client, int64_t ms, struct deadline deadline)
{
	if (ms >= deadline_left_ms(deadline))
		return false;
	ahead_ms += ms;
	pthread_mutex_lock(&lock);
	if (upstream.wait_count < UPSTREAM_CALLS_MAX)
		upstream.waits_ms[upstream.wait_count++] = ms;
	pthread_mutex_unlock(&lock);
	return true;
}

int64_t __wrap_clock_unix_s(void)
{
	return upstream.now_s;
}

/* Weak: some tests have one of their own. */
__attribute__((weak)) int64_t __wrap_clock_mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead_ms;
}

char *upstream_field(int i, const char *name)
{
	const char *at = upstream.calls[i].body;
	size_t n = strlen(name);
	struct buf value;

	assert_non_null(at);
	while (strncmp(at, name, n) != 0 || at[n] != '=') {
		at = strchr(at, '&');
		if (!at)
			return NULL;
		at++;
	}
	buf_init(&value);
	buf_adds(&value, "");
	for (at += n + 1; *at && *at != '&'; at++) {
		char hex[3] = {0};

		if (*at == '%') {
			memcpy(hex, at + 1, 2);
			at += 2;
		}
		buf_add(&value, *hex ? (char[]){(char)strtol(hex, NULL, 16)} : at, 1);
	}
	return value.data;
}
