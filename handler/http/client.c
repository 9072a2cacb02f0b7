#include "http/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waiting.h"
#include "http/ca_file.h"
#include "http/connections.h"
#include "http/loop.h"
#include "http/socket.h"
#include "http/transfer.h"

#define SWEEP_MS 100
#define IDLE_MAX 64 /* transfers' handles kept: a new one reads the resolver's files */
#define DISTRUSTED_MAX 64

struct http_client {
	char *ca_file;
	CURLM *multi;
	struct loop loop;
	pthread_t driver;
	struct sockets *sockets; /* the driver's */
	pthread_cond_t stopped;
	pthread_mutex_t lock;   /* guards what follows */
	struct transfer *queue; /* handed over, not yet taken by the driver */
	struct transfer *running;
	struct connections connections; /* the driver's, as is the next */
	int64_t sweep_ms;               /* when to look after those that run */
	CURL *idle[IDLE_MAX];
	size_t idle_count;
	int64_t distrusted[DISTRUSTED_MAX]; /* connections, until the driver has shut them */
	size_t distrusted_count;
	bool stopping;
};

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

static void limit_connections(struct http_client *client)
{
	if (connections_change(&client->connections))
		curl_multi_setopt(
			client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, client->connections.limit);
}

static void note_version(struct connections *connections, const struct transfer *transfer)
{
	long version = CURL_HTTP_VERSION_NONE;

	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	if (version != CURL_HTTP_VERSION_NONE)
		connections->shared = version >= CURL_HTTP_VERSION_2_0 ? CONNECTIONS_SHARED
								       : CONNECTIONS_NOT_SHARED;
}

static void finish(struct http_client *client, struct transfer *transfer, CURLcode result)
{
	if (result == CURLE_OPERATION_TIMEDOUT)
		sockets_judge(client->sockets, transfer->socket, transfer->sent_ms);
	if (transfer->tls) {
		client->connections.running--;
		note_version(&client->connections, transfer);
	}
	curl_multi_remove_handle(client->multi, transfer->easy);
	*transfer->at = transfer->next;
	if (transfer->next)
		transfer->next->at = transfer->at;
	transfer->result = result;
	sem_post(&transfer->finished);
}

static void note_running(struct http_client *client, struct transfer *transfer)
{
	transfer->at = &client->running;
	transfer->next = client->running;
	if (transfer->next)
		transfer->next->at = &transfer->next;
	client->running = transfer;
	client->connections.running += transfer->tls;
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
	while (client->distrusted_count)
		sockets_shut(client->sockets, client->distrusted[--client->distrusted_count]);
	pthread_mutex_unlock(&client->lock);
	for (; first; first = next) {
		next = first->next;
		note_running(client, first);
		if (curl_multi_add_handle(client->multi, first->easy) != CURLM_OK)
			finish(client, first, CURLE_OUT_OF_MEMORY);
	}
	limit_connections(client);
	return !stopping;
}

/* libcurl looks whether there is a connection for one of those that wait when another one ends, and
 * not when there may be more connections. */
static void serve_waiting(struct http_client *client, int waiting)
{
	CURL *easy = take_handle(client);

	for (; easy && waiting > 0; waiting--) {
		if (curl_multi_add_handle(client->multi, easy) == CURLM_OK)
			curl_multi_remove_handle(client->multi, easy);
	}
	if (easy)
		keep_handle(client, easy);
}

static void look_for_waiting(struct http_client *client)
{
	int waiting = 0;

	for (struct transfer *transfer = client->running; transfer; transfer = transfer->next) {
		bool waited = transfer->waits;

		transfer->waits = transfer_waits(transfer);
		waiting += waited && transfer->waits;
	}
	connections_note_waiting(&client->connections, waiting);
	limit_connections(client);
	if (waiting)
		serve_waiting(client, waiting);
}

/* libcurl counts a transfer's time anew whenever it finds it a connection; its caller does not. */
static void end_overdue(struct http_client *client, int64_t now_ms)
{
	struct transfer *next;

	for (struct transfer *transfer = client->running; transfer; transfer = next) {
		next = transfer->next;
		if (now_ms >= transfer->end_ms)
			finish(client, transfer, CURLE_OPERATION_TIMEDOUT);
	}
}

static void sweep(struct http_client *client)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms < client->sweep_ms)
		return;
	client->sweep_ms = now_ms + SWEEP_MS;
	end_overdue(client, now_ms);
	look_for_waiting(client);
}

static void *drive(void *arg)
{
	struct http_client *client = arg;
	int left;
	CURLMsg *message;

	while (take_queue(client)) {
		loop_turn(&client->loop, client->running ? SWEEP_MS : -1);
		while ((message = curl_multi_info_read(client->multi, &left))) {
			struct transfer *transfer = NULL;

			curl_easy_getinfo(
				message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
			finish(client, transfer, message->data.result);
		}
		sweep(client);
	}
	while (client->running)
		finish(client, client->running, CURLE_ABORTED_BY_CALLBACK);
	return NULL;
}

static void release(struct http_client *client)
{
	while (client->idle_count)
		curl_easy_cleanup(client->idle[--client->idle_count]);
	curl_multi_cleanup(client->multi);
	loop_done(&client->loop);
	curl_global_cleanup();
	pthread_cond_destroy(&client->stopped);
	pthread_mutex_destroy(&client->lock);
	sockets_free(client->sockets);
	free(client->ca_file);
	free(client);
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
	client->multi = or_die(curl_multi_init());
	pthread_mutex_init(&client->lock, NULL);
	pthread_cond_init(&client->stopped, NULL);
	if (!loop_init(&client->loop, client->multi) ||
		pthread_create(&client->driver, NULL, drive, client) != 0) {
		release(client);
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
	loop_wake(&client->loop);
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	http_client_stop(client);
	pthread_join(client->driver, NULL);
	release(client);
}

void http_distrust(struct http_client *client, int64_t connection)
{
	pthread_mutex_lock(&client->lock);
	/* One that finds no room is met again: what it brings next is no better. */
	if (client->distrusted_count < DISTRUSTED_MAX)
		client->distrusted[client->distrusted_count++] = connection;
	pthread_mutex_unlock(&client->lock);
	loop_wake(&client->loop);
}

bool http_client_wait(struct http_client *client, int64_t ms, struct deadline deadline)
{
	struct deadline pause = deadline_after(ms);
	bool stopping, over = false;

	if (pause.end_ms >= deadline.end_ms)
		return false;
	pthread_mutex_lock(&client->lock);
	while (!client->stopping && !over)
		over = !deadline_wait(pause, &client->stopped, &client->lock);
	stopping = client->stopping;
	pthread_mutex_unlock(&client->lock);
	return !stopping;
}

/* Hands the transfer to the driver and waits for its end. */
static void run(struct http_client *client, struct transfer *transfer)
{
	bool stopping, first;

	pthread_mutex_lock(&client->lock);
	stopping = client->stopping;
	first = !client->queue;
	if (!stopping) {
		transfer->next = client->queue;
		client->queue = transfer;
	}
	pthread_mutex_unlock(&client->lock);
	if (stopping)
		return;
	if (first) /* else the driver has yet to come for those before */
		loop_wake(&client->loop);
	waiting_begins();
	while (sem_wait(&transfer->finished) != 0) /* EINTR */
		continue;
	waiting_ends();
}

static bool send_once(struct http_client *client, const struct http_fetch *fetch, bool *ret_again,
	struct http_reply *ret, struct err *err)
{
	struct transfer transfer = {.easy = take_handle(client),
		.sockets = client->sockets,
		.end_ms = fetch->deadline.end_ms,
		.result = CURLE_ABORTED_BY_CALLBACK};
	struct curl_slist *headers;
	long status = 0;

	*ret_again = false;
	if (!transfer.easy)
		return err_set(err, ERR_INTERNAL, "no memory for a transfer");
	sem_init(&transfer.finished, 0, 0);
	transfer_prepare(&transfer, fetch, client->ca_file, &headers);
	run(client, &transfer);
	sem_destroy(&transfer.finished);
	curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	*ret_again = transfer_may_repeat(&transfer);
	keep_handle(client, transfer.easy);
	transfer_free_headers(headers);
	transfer.reply.status = (int)status;
	transfer.reply.connection = transfer.socket;
	if (transfer.result == CURLE_OK || transfer.reply.cut) {
		*ret = transfer.reply;
		return true;
	}
	http_reply_done(&transfer.reply);
	err_set(err,
		transfer.result == CURLE_OPERATION_TIMEDOUT ? ERR_UPSTREAM_TIMEOUT
							    : ERR_UPSTREAM_UNAVAILABLE,
		"%s", transfer_outcome(&transfer));
	err->maybe_done = transfer.sends > 0;
	return false;
}

bool http_send(struct http_client *client, const struct http_fetch *fetch, struct http_reply *ret,
	struct err *err)
{
	struct http_fetch once_more = *fetch;
	bool again;

	if (deadline_passed(fetch->deadline))
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left");
	if (send_once(client, fetch, &again, ret, err))
		return true;
	once_more.fresh = true;
	if (!again)
		return false;
	if (deadline_passed(fetch->deadline))
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no time left to try again");
	return send_once(client, &once_more, &again, ret, err);
}
