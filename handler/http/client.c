#include "http/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/ca_file.h"
#include "http/socket.h"

#define CONNECT_TIMEOUT_MS 3000L
/* A connection is dropped after this age, so that a moved upstream is noticed. */
#define CONNECTION_AGE_S 600L
#define HEAD_MAX 65536
/* Sent bytes that are not acknowledged for this long mean that the path is gone. */
#define UNACKNOWLEDGED_MS 10000
#define IDLE_MAX 64 /* transfers' handles kept: a new one reads the resolver's files */

struct transfer {
	CURL *easy;
	struct http_reply reply;
	CURLcode result;
	bool done;
	int64_t start_ms;
	int local_port; /* of the connection it was sent on; 0: not sent yet */
	pthread_cond_t finished;
	struct transfer *next;
};

struct http_client {
	char *ca_file;
	CURLM *multi;
	pthread_t driver;
	struct sockets *sockets; /* the driver's */
	pthread_cond_t stopped;
	pthread_mutex_t lock;   /* guards what follows */
	struct transfer *queue; /* handed over, not yet taken by the driver */
	struct transfer *running;
	CURL *idle[IDLE_MAX];
	size_t idle_count;
	bool stopping;
};

static void finish(struct http_client *client, struct transfer *transfer, CURLcode result)
{
	struct transfer **at = &client->running;

	if (result == CURLE_OK)
		sockets_note_alive(client->sockets, transfer->local_port);
	if (result == CURLE_OPERATION_TIMEDOUT)
		sockets_judge(client->sockets, transfer->local_port, transfer->start_ms);
	curl_multi_remove_handle(client->multi, transfer->easy);
	while (*at && *at != transfer)
		at = &(*at)->next;
	if (*at)
		*at = transfer->next;
	pthread_mutex_lock(&client->lock);
	transfer->result = result;
	transfer->done = true;
	pthread_cond_signal(&transfer->finished);
	pthread_mutex_unlock(&client->lock);
}

/* Moves what was queued to running.  False when it is time to stop. */
static bool take_queue(struct http_client *client)
{
	struct transfer *first, *next;
	bool stopping;

	pthread_mutex_lock(&client->lock);
	first = client->queue;
	client->queue = NULL;
	stopping = client->stopping;
	pthread_mutex_unlock(&client->lock);
	for (; first; first = next) {
		next = first->next;
		first->next = client->running;
		client->running = first;
		if (curl_multi_add_handle(client->multi, first->easy) != CURLM_OK)
			finish(client, first, CURLE_OUT_OF_MEMORY);
	}
	return !stopping;
}

static void *drive(void *arg)
{
	struct http_client *client = arg;
	int running, left;
	CURLMsg *message;

	while (take_queue(client)) {
		curl_multi_perform(client->multi, &running);
		while ((message = curl_multi_info_read(client->multi, &left))) {
			struct transfer *transfer = NULL;

			curl_easy_getinfo(
				message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
			finish(client, transfer, message->data.result);
		}
		curl_multi_poll(client->multi, NULL, 0, 1000, NULL);
	}
	while (client->running)
		finish(client, client->running, CURLE_ABORTED_BY_CALLBACK);
	return NULL;
}

bool http_client_new(const char *ca_file, struct http_client **ret, struct err *err)
{
	const char *found = ca_file_find(ca_file);
	struct http_client *client;

	if (!found)
		return err_set(err, ERR_SERVER_CONFIGURATION,
			"no PEM file of trusted certificate authorities; install ca-certificates "
			"or "
			"set CA_BUNDLE_FILE");
	client = xcalloc(1, sizeof(*client));
	client->ca_file = xstrdup(found);
	client->sockets = sockets_new();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->multi = curl_multi_init();
	pthread_mutex_init(&client->lock, NULL);
	pthread_cond_init(&client->stopped, NULL);
	if (!client->multi || pthread_create(&client->driver, NULL, drive, client) != 0) {
		curl_multi_cleanup(client->multi);
		sockets_free(client->sockets);
		free(client->ca_file);
		free(client);
		return err_set(err, ERR_INTERNAL, "the HTTP client's thread cannot start");
	}
	*ret = client;
	return true;
}

void http_client_stop(struct http_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->stopping = true;
	pthread_cond_broadcast(&client->stopped);
	pthread_mutex_unlock(&client->lock);
	curl_multi_wakeup(client->multi);
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	http_client_stop(client);
	pthread_join(client->driver, NULL);
	while (client->idle_count)
		curl_easy_cleanup(client->idle[--client->idle_count]);
	curl_multi_cleanup(client->multi);
	curl_global_cleanup();
	pthread_cond_destroy(&client->stopped);
	pthread_mutex_destroy(&client->lock);
	sockets_free(client->sockets);
	free(client->ca_file);
	free(client);
}

bool http_client_wait(struct http_client *client, int64_t ms)
{
	struct timespec until;
	bool stopping;
	int late = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&client->lock);
	while (!client->stopping && !late)
		late = pthread_cond_clockwait(
			&client->stopped, &client->lock, CLOCK_MONOTONIC, &until);
	stopping = client->stopping;
	pthread_mutex_unlock(&client->lock);
	return !stopping;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	buf_add(&transfer->reply.body, bytes, size * n);
	transfer->reply.cut = transfer->reply.body.failed;
	return transfer->reply.cut ? 0 : size * n; /* 0 ends the transfer */
}

static size_t on_head(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *transfer = arg;

	if (size * n > 5 && !memcmp(bytes, "HTTP/", 5)) /* a new status line, say after a 100 */
		buf_done(&transfer->reply.head);
	buf_add(&transfer->reply.head, bytes, size * n);
	return transfer->reply.head.failed ? 0 : size * n;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	struct buf line;

	buf_init(&line, HEAD_MAX);
	buf_addf(&line, "%s: %s", name, value);
	list = curl_slist_append(list, buf_text(&line));
	buf_wipe(&line); /* it may hold a token */
	return list;
}

static struct curl_slist *header_list(const struct http_call *call)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* never wait for a 100 */

	if (call->body)
		list = add_header(list, "Content-Type", call->body_type);
	for (size_t i = 0; i < call->header_count; i++) {
		if (call->headers[i].value)
			list = add_header(list, call->headers[i].name, call->headers[i].value);
	}
	return list;
}

static void free_header_list(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

/* Called on the driver, with the connection chosen and nothing sent yet. */
static int on_connection(
	void *context, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *transfer = context;

	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	transfer->local_port = local_port;
	return CURL_PREREQFUNC_OK;
}

static int on_socket(void *context, curl_socket_t sock, curlsocktype purpose)
{
	(void)context;
	(void)purpose;
	socket_limit_unacknowledged(sock, UNACKNOWLEDGED_MS);
	return CURL_SOCKOPT_OK;
}

static void set_options(struct http_client *client, struct transfer *transfer,
	const struct http_call *call, struct curl_slist *headers)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* share a connection, do not open one each */
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	if (!strncasecmp(call->url, "http://", 7)) /* loopback: a proxy would see the tokens */
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (call->fresh) {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
	}
	if (call->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
	}
}

static void run(struct http_client *client, struct transfer *transfer)
{
	pthread_mutex_lock(&client->lock);
	if (client->stopping) {
		transfer->result = CURLE_ABORTED_BY_CALLBACK;
		transfer->done = true;
	} else {
		transfer->next = client->queue;
		client->queue = transfer;
		curl_multi_wakeup(client->multi);
	}
	while (!transfer->done)
		pthread_cond_wait(&transfer->finished, &client->lock);
	pthread_mutex_unlock(&client->lock);
}

/* A kept connection that its server had given up, seen before a byte of the answer.  libcurl itself
 * repeats only over HTTP/1.1. */
static bool died_idle(const struct transfer *transfer)
{
	long connects = 1;

	curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && !transfer->reply.head.len &&
	       (transfer->result == CURLE_HTTP2 || transfer->result == CURLE_SEND_ERROR ||
		       transfer->result == CURLE_RECV_ERROR ||
		       transfer->result == CURLE_PARTIAL_FILE ||
		       transfer->result == CURLE_GOT_NOTHING);
}

static CURL *take_handle(struct http_client *client)
{
	CURL *easy = NULL;

	pthread_mutex_lock(&client->lock);
	if (client->idle_count)
		easy = client->idle[--client->idle_count];
	pthread_mutex_unlock(&client->lock);
	return easy ? easy : curl_easy_init();
}

static void keep_handle(struct http_client *client, CURL *easy)
{
	bool kept;

	curl_easy_reset(easy); /* and with it copies of the URL and the like */
	pthread_mutex_lock(&client->lock);
	kept = client->idle_count < IDLE_MAX;
	if (kept)
		client->idle[client->idle_count++] = easy;
	pthread_mutex_unlock(&client->lock);
	if (!kept)
		curl_easy_cleanup(easy);
}

static bool send_once(struct http_client *client, const struct http_call *call, bool *ret_again,
	struct http_reply *ret, struct err *err)
{
	struct transfer transfer = {.easy = take_handle(client), .start_ms = clock_mono_ms()};
	struct curl_slist *headers;
	long status = 0;

	*ret_again = false;
	if (!transfer.easy)
		return err_set(err, ERR_INTERNAL, "no memory for a transfer");
	headers = header_list(call);
	buf_init(&transfer.reply.body, call->body_max);
	buf_init(&transfer.reply.head, HEAD_MAX);
	pthread_cond_init(&transfer.finished, NULL);
	set_options(client, &transfer, call, headers);
	run(client, &transfer);
	pthread_cond_destroy(&transfer.finished);
	curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	*ret_again = died_idle(&transfer);
	keep_handle(client, transfer.easy);
	free_header_list(headers);
	transfer.reply.status = (int)status;
	if (transfer.result == CURLE_OK || transfer.reply.cut) {
		*ret = transfer.reply;
		return true;
	}
	http_reply_done(&transfer.reply);
	return err_set(err,
		transfer.result == CURLE_OPERATION_TIMEDOUT ? ERR_UPSTREAM_TIMEOUT
							    : ERR_UPSTREAM_UNAVAILABLE,
		"%s", curl_easy_strerror(transfer.result));
}

bool http_send(struct http_client *client, const struct http_call *call, struct http_reply *ret,
	struct err *err)
{
	int64_t end_ms = clock_mono_ms() + call->timeout_ms;
	struct http_call once_more = *call;
	bool again;

	if (send_once(client, call, &again, ret, err))
		return true;
	once_more.fresh = true;
	once_more.timeout_ms = (int)(end_ms - clock_mono_ms());
	return again && once_more.timeout_ms > 0 && send_once(client, &once_more, &again, ret, err);
}
