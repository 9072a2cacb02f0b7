#include "graph/graph.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/version.h"

#define ANSWER_BYTES_MAX (4u << 20)
#define TRIES_MAX 3
#define BACKOFF_MS 500 /* before the first retry when Graph gives no Retry-After; then doubled */
#define SELECT_NAMES_MAX 64

bool graph_select_valid(const char *select)
{
	int names = 0;

	for (const char *p = select;; p++) {
		size_t n = strspn(
			p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

		if (n < 1 || n > 64 || ++names > SELECT_NAMES_MAX)
			return false;
		p += n;
		if (!*p)
			return true;
		if (*p != ',')
			return false;
	}
}

static void keep_request_id(const struct http_reply *reply, struct graph_call *call)
{
	struct buf id;

	buf_init(&id, sizeof(call->request_id) - 1);
	call->request_id[0] = '\0';
	if (http_reply_header(reply, "request-id", 0, &id))
		memcpy(call->request_id, id.data, id.len + 1);
	buf_done(&id);
}

static bool send_once(struct graph *graph, const char *url, const struct secret *token,
	struct graph_call *call, int timeout_ms, struct http_reply *ret, struct err *err)
{
	struct buf bearer;
	struct header headers[] = {{"Authorization", NULL}, {"Accept", "application/json"},
		{"client-request-id", call->correlation_id},
		{"User-Agent", SERVICE_NAME "/" SERVICE_VERSION}};
	struct http_call http = {.url = url,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.timeout_ms = timeout_ms,
		.body_max = ANSWER_BYTES_MAX};
	bool good;

	buf_init(&bearer, 65536);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, token->data, token->len);
	headers[0].value = buf_text(&bearer);
	good = http_send(graph->http, &http, ret, err);
	buf_wipe(&bearer);
	if (good)
		keep_request_id(ret, call);
	return good;
}

/* How long to wait before another try, or -1 when there should be none: the status does not call
 * for it, the tries are used up, or the wait would not leave time within the deadline. */
static int64_t wait_before_retry(const struct http_reply *reply, int tries, int64_t left_ms)
{
	int64_t wait_ms = (int64_t)graph_retry_after_s(reply, clock_unix_s()) * 1000;

	if (reply->status != 429 && reply->status != 503 && reply->status != 504)
		return -1;
	if (!wait_ms)
		wait_ms = ((int64_t)BACKOFF_MS << (tries - 1)) + random_below(BACKOFF_MS / 2);
	return tries < TRIES_MAX && wait_ms < left_ms ? wait_ms : -1;
}

/* A waiting call holds a thread that others need, so only some may.  Counts this one in; counting
 * before comparing, so that calls that come at once do not all find room. */
static bool may_wait(struct graph *graph)
{
	if (atomic_fetch_add(&graph->waiting, 1) < graph->config->server_threads / 8)
		return true;
	atomic_fetch_sub(&graph->waiting, 1);
	return false;
}

static bool wait_to_retry(struct graph *graph, int64_t wait_ms)
{
	bool go_on = http_client_wait(graph->http, wait_ms);

	atomic_fetch_sub(&graph->waiting, 1);
	return go_on;
}

static bool send_patiently(struct graph *graph, const char *url, const struct secret *token,
	struct graph_call *call, struct http_reply *ret, struct err *err)
{
	for (int tries = 1;; tries++) {
		int64_t left_ms = call->deadline_ms - clock_mono_ms();
		int64_t wait_ms;

		if (left_ms <= 0)
			return err_set(err, ERR_UPSTREAM_TIMEOUT, "graph: no time left");
		if (!send_once(graph, url, token, call, (int)left_ms, ret, err))
			return err_wrap(err, "graph");
		wait_ms = wait_before_retry(ret, tries, call->deadline_ms - clock_mono_ms());
		if (wait_ms < 0 || !may_wait(graph))
			return true;
		http_reply_done(ret);
		if (!wait_to_retry(graph, wait_ms))
			return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "graph: stopping");
	}
}

static bool read_profile(const struct http_reply *reply, cJSON **ret, struct err *err)
{
	cJSON *profile = NULL;

	if (reply->cut || !json_parse(buf_text(&reply->body), reply->body.len, &profile, err) ||
		!cJSON_IsObject(profile)) {
		cJSON_Delete(profile);
		return err_set(err, ERR_GRAPH_ERROR, "graph: the answer is not a JSON object");
	}
	*ret = profile;
	return true;
}

/* Sends with this token.  *ret_refused: Graph answered 401. */
static bool try_token(struct graph *graph, const char *url, const struct secret *token,
	struct graph_call *call, bool *ret_refused, cJSON **ret, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	struct http_reply reply = {0};
	bool good = send_patiently(graph, url, token, call, &reply, err);

	*ret_refused = false;
	if (good) {
		*ret_refused = reply.status == 401;
		good = reply.status == 200 ? read_profile(&reply, ret, err)
					   : graph_refusal(&reply, call->select != NULL, err);
		http_reply_done(&reply);
	}
	call->graph_ms += clock_mono_ms() - start_ms;
	health_note(&graph->health, clock_unix_s(), good ? NULL : err);
	return good;
}

static bool as_user(
	struct graph *graph, const char *url, struct graph_call *call, cJSON **ret, struct err *err)
{
	for (int tries = 1;; tries++) {
		struct secret token = {0};
		bool hit, refused, good;

		if (!obo_token(graph->obo, call->caller, call->correlation_id, &token, &hit, err))
			return false;
		call->token_source = hit ? "hit" : "exchange";
		good = try_token(graph, url, &token, call, &refused, ret, err);
		if (refused)
			obo_drop(graph->obo, call->caller, &token);
		secret_done(&token);
		if (good || !refused || tries == 2)
			return good;
	}
}

bool graph_me(struct graph *graph, struct graph_call *call, cJSON **ret, struct err *err)
{
	struct buf url;
	bool refused, good;

	call->deadline_ms = clock_mono_ms() + graph->config->graph_deadline_ms;
	buf_init(&url, 8192);
	buf_addf(&url, "%s/v1.0/me", graph->config->graph_base_url);
	if (call->select)
		buf_addf(&url, "?$select=%s", call->select);
	if (call->caller->kind == CALLER_GRAPH) {
		call->token_source = "caller";
		good = try_token(
			graph, buf_text(&url), &call->caller->token, call, &refused, ret, err);
	} else {
		good = as_user(graph, buf_text(&url), call, ret, err);
	}
	buf_done(&url);
	return good;
}
