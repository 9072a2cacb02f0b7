#include "http/client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define CONNECT_TIMEOUT_MS 3000L
/* A connection is dropped after this age, so that a moved upstream is noticed. */
#define CONNECTION_AGE_S 600L
#define HEAD_MAX 65536
/* Sent bytes that are not acknowledged for this long mean that the path is gone. */
#define UNACKNOWLEDGED_MS 10000
#define SOCKETS_MAX 1024 /* watched for being alive; more are simply not watched */

/* Where Debian, Mariner and Alpine keep the trusted authorities. */
static const char *const CA_FILES[] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

struct transfer {
	CURL *easy;
	struct http_reply reply;
	CURLcode result;
	bool done;
	int64_t start_ms;
	pthread_cond_t finished;
	struct transfer *next;
};

struct http_client {
	char *ca_file;
	CURLM *multi;
	pthread_t driver;
	int64_t alive_ms[SOCKETS_MAX]; /* by socket: when it last brought an answer; the driver's */
	pthread_cond_t stopped;
	pthread_mutex_t lock;   /* guards what follows */
	struct transfer *queue; /* handed over, not yet taken by the driver */
	struct transfer *running;
	bool stopping;
};

/* A connection that brought nothing, to anybody, while a whole call waited on it is taken for dead:
 * shut down, it fails for all that share it and the next call opens another.  libcurl by itself
 * would let every later call join it. */
static void judge_connection(
	struct http_client *client, const struct transfer *transfer, CURLcode result)
{
	curl_socket_t sock = CURL_SOCKET_BAD;

	curl_easy_getinfo(transfer->easy, CURLINFO_ACTIVESOCKET, &sock);
	if (sock < 0 || sock >= SOCKETS_MAX)
		return;
	if (result == CURLE_OK)
		client->alive_ms[sock] = clock_mono_ms();
	else if (result == CURLE_OPERATION_TIMEDOUT && client->alive_ms[sock] <= transfer->start_ms)
		shutdown(sock, SHUT_RDWR);
}

static void finish(struct http_client *client, struct transfer *transfer, CURLcode result)
{
	struct transfer **at = &client->running;

	judge_connection(client, transfer, result);
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

static const char *find_ca_file(const char *given)
{
	if (*given)
		return access(given, R_OK) == 0 ? given : NULL;
	for (size_t i = 0; i < sizeof(CA_FILES) / sizeof(CA_FILES[0]); i++) {
		if (access(CA_FILES[i], R_OK) == 0)
			return CA_FILES[i];
	}
	return NULL;
}

static bool holds_certificate(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "-----BEGIN", 10) == 0 && strstr(line, "CERTIFICATE-----");
	if (file)
		fclose(file);
	return found;
}

bool http_client_new(const char *ca_file, struct http_client **ret, struct err *err)
{
	const char *found = find_ca_file(ca_file);
	struct http_client *client;

	if (!found || !holds_certificate(found))
		return err_set(err, ERR_SERVER_CONFIGURATION,
			"no PEM file of trusted certificate authorities; install ca-certificates "
			"or "
			"set CA_BUNDLE_FILE");
	client = xcalloc(1, sizeof(*client));
	client->ca_file = xstrdup(found);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->multi = curl_multi_init();
	pthread_mutex_init(&client->lock, NULL);
	pthread_cond_init(&client->stopped, NULL);
	if (!client->multi || pthread_create(&client->driver, NULL, drive, client) != 0) {
		curl_multi_cleanup(client->multi);
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
	curl_multi_cleanup(client->multi);
	curl_global_cleanup();
	pthread_cond_destroy(&client->stopped);
	pthread_mutex_destroy(&client->lock);
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

static struct curl_slist *header_list(const struct http_call *call)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* never wait for a 100 */

	for (size_t i = 0; i < call->header_count; i++) {
		struct buf line;

		buf_init(&line, HEAD_MAX);
		buf_addf(&line, "%s: %s", call->headers[i].name, call->headers[i].value);
		list = curl_slist_append(list, buf_text(&line));
		buf_wipe(&line); /* it may hold a token */
	}
	return list;
}

static void free_header_list(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static int on_socket(void *context, curl_socket_t sock, curlsocktype purpose)
{
	unsigned limit_ms = UNACKNOWLEDGED_MS;

	(void)context;
	(void)purpose;
	setsockopt(sock, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
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
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	if (!strncasecmp(call->url, "http://", 7)) /* loopback: a proxy would see the tokens */
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (call->form) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(call->form));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->form);
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

bool http_send(struct http_client *client, const struct http_call *call, struct http_reply *ret,
	struct err *err)
{
	struct transfer transfer = {.easy = curl_easy_init(), .start_ms = clock_mono_ms()};
	struct curl_slist *headers;
	long status = 0;

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
	curl_easy_cleanup(transfer.easy);
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

void http_reply_done(struct http_reply *reply)
{
	buf_wipe(&reply->body); /* it may hold a token */
	buf_done(&reply->head);
}

bool http_reply_header(const struct http_reply *reply, const char *name, int index, struct buf *out)
{
	size_t n = strlen(name);

	for (const char *line = buf_text(&reply->head); *line;) {
		size_t len = strcspn(line, "\n");

		if (len > n && line[n] == ':' && !strncasecmp(line, name, n) && index-- == 0) {
			const char *value = line + n + 1 + strspn(line + n + 1, " \t");
			const char *end = line + len;

			while (end > value && strchr(" \t\r", end[-1]))
				end--;
			buf_add(out, value, (size_t)(end - value));
			return !out->failed;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}
