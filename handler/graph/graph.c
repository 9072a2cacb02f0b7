#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/version.h"
#include "graph/answer.h"
#include "graph/batch.h"
#include "graph/profile.h"

#define ANSWER_BYTES_MAX (4u << 20)
#define TRIES_MAX 3
#define BACKOFF_MS 500 /* before the first retry when Graph gives no Retry-After; then doubled */

/* The request as it goes out; token, tries and fresh are of the try at hand. */
struct message {
	const char *url;
	const char *body; /* NULL: GET */
	const struct secret *token;
	const char *correlation_id;
	const char *trace; /* NULL: none */
	struct deadline deadline;
	int tries; /* 1: the first */
	bool fresh;
};

/* GRAPH_BASE_URL is checked at start (https, or loopback), and the only host that gets a token. */
static bool send_once(struct graph *graph, const struct message *message, struct graph_answer *ret,
	struct err *err)
{
	const char retries[] = {(char)('0' + message->tries - 1), '\0'};
	struct buf bearer;
	struct header headers[] = {{"Authorization", NULL}, {"Accept", "application/json"},
		{"client-request-id", message->correlation_id},
		{"User-Agent", SERVICE_NAME "/" SERVICE_VERSION},
		{"Retry-Attempt", message->tries > 1 ? retries : NULL},
		{"traceparent", message->trace}};
	struct http_call http = {.url = message->url,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = message->body,
		.body_type = "application/json",
		.fresh = message->fresh,
		.deadline = message->deadline,
		.body_max = ANSWER_BYTES_MAX};
	struct http_reply reply;
	bool good;

	buf_init(&bearer);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, message->token->data, message->token->len);
	headers[0].value = buf_text(&bearer);
	good = http_send(graph->http, &http, &reply, err);
	buf_wipe(&bearer);
	if (!good)
		return err_wrap(err, "graph");
	graph_answer_read(&reply, clock_unix_s(), ret);
	http_reply_done(&reply);
	return true;
}

/* The answer that decides: of a batch, the part about the user. */
static struct graph_answer deciding(const struct graph_answer *answer, unsigned include)
{
	struct graph_answer me;

	if (!include || answer->status != 200)
		me = *answer;
	else if (!graph_answer_part(answer, "me", clock_unix_s(), &me))
		me = (struct graph_answer){.status = 200}; /* no body: not a usable answer */
	me.bytes = (struct buf){0};
	return me;
}

/* How long to wait before another try, or -1 when there should be none: the status does not call
 * for it, the tries are used up, or the wait would not leave time within the deadline. */
static int64_t wait_before_retry(const struct graph_answer *answer, int tries, int64_t left_ms)
{
	int64_t wait_ms = (int64_t)answer->retry_after_s * 1000;

	if (answer->status != 429 && answer->status != 503 && answer->status != 504)
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

static bool wait_to_retry(struct graph *graph, int64_t wait_ms, struct deadline deadline)
{
	bool go_on = http_client_wait(graph->http, wait_ms, deadline);

	atomic_fetch_sub(&graph->waiting, 1);
	return go_on;
}

/* *ret_me: the answer that decides, within *ret. */
static bool send_patiently(struct graph *graph, struct message *message, struct graph_call *call,
	struct graph_answer *ret, struct graph_answer *ret_me, struct err *err)
{
	message->fresh = false;
	for (int tries = 1;; tries++) {
		int64_t wait_ms;

		message->tries = tries;
		if (!send_once(graph, message, ret, err))
			return false;
		memcpy(call->request_id, ret->request_id, sizeof(call->request_id));
		memcpy(call->diagnostic, ret->diagnostic, sizeof(call->diagnostic));
		*ret_me = deciding(ret, call->include);
		wait_ms = wait_before_retry(ret_me, tries, deadline_left_ms(call->deadline));
		if (wait_ms < 0 || !may_wait(graph))
			return true;
		message->fresh = ret_me->status == 503; /* what this connection leads to is ill */
		graph_answer_done(ret);
		if (!wait_to_retry(graph, wait_ms, call->deadline))
			return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "graph: no other try");
	}
}

/* Of a profile that is not the caller's nothing is kept: neither the token nor the connection. */
static bool take_profile(struct graph *graph, const struct graph_answer *answer,
	const struct graph_answer *me, struct graph_call *call, bool *ret_anothers, struct buf *ret,
	struct err *err)
{
	if (!json_is_object(me->body))
		return err_set(err, ERR_GRAPH_ERROR, "graph: the answer is not a JSON object");
	if (!profile_check(me->body, call->caller, err)) {
		http_distrust(graph->http, answer->connection);
		*ret_anothers = true;
		return false;
	}
	buf_init(ret);
	profile_open(me->body, call->select, call->include, ret);
	graph_batch_add(answer, call->include, clock_unix_s(), ret);
	buf_adds(ret, "}");
	return true;
}

/* Sends with the message's token.  *ret_refused: the token is not to be used again: Graph refused
 * it, or it may be another user's. */
static bool try_token(struct graph *graph, struct message *message, struct graph_call *call,
	bool *ret_refused, struct buf *ret, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	struct graph_answer answer = {0}, me;
	bool good = send_patiently(graph, message, call, &answer, &me, err);

	*ret_refused = false;
	if (good) {
		*ret_refused = me.status == 401 || (me.status == 403 && *me.claims);
		good = me.status == 200
			       ? take_profile(graph, &answer, &me, call, ret_refused, ret, err)
			       : graph_refusal(&me, call->select != NULL, err);
		graph_answer_done(&answer);
	}
	if (!good && !*err->service)
		err_service(err, "graph", NULL, call->request_id);
	call->graph_ms += clock_mono_ms() - start_ms;
	health_note(&graph->health, clock_unix_s(), good ? NULL : err);
	return good;
}

/* The JSON of a base64 claims challenge, or NULL.  The caller frees it. */
static char *decode_claims(const char *claims)
{
	struct buf json;

	buf_init(&json);
	if (*claims && b64_decode(&json, claims, strlen(claims)) && json.len)
		return json.data;
	buf_done(&json);
	return NULL;
}

/* Continuous access evaluation: a token that Graph no longer takes is exchanged anew once, with
 * what Graph asked for; what Entra, or Graph again, then says is the client's to hear. */
static bool as_user(struct graph *graph, struct message *message, struct graph_call *call,
	struct buf *ret, struct err *err)
{
	autofree char *claims = NULL;

	for (int tries = 1;; tries++) {
		struct obo_request request = {
			call->caller, call->correlation_id, call->trace, claims, call->deadline};
		struct secret token = {0};
		enum token_source source;
		bool refused, good;

		if (!obo_token(graph->obo, &request, &token, &source, err))
			return false;
		call->token_source = source == TOKEN_MINTED ? "exchange" : "hit";
		message->token = &token;
		good = try_token(graph, message, call, &refused, ret, err);
		if (refused)
			obo_drop(graph->obo, call->caller, &token);
		secret_done(&token);
		message->token = NULL;
		if (good || !refused || tries == 2)
			return good;
		claims = decode_claims(err->claims);
	}
}

bool graph_me(struct graph *graph, struct graph_call *call, struct buf *ret, struct err *err)
{
	autofree char *select = profile_select(call->select);
	autofree char *body = call->include ? graph_batch_body(select, call->include) : NULL;
	struct message message;
	struct buf url;
	bool refused, good;

	buf_init(&url);
	buf_addf(&url, "%s/v1.0/%s", graph->config->graph_base_url, body ? "$batch" : "me");
	if (select && !body)
		buf_addf(&url, "?$select=%s", select);
	message = (struct message){.url = buf_text(&url),
		.body = body,
		.token = &call->caller->token,
		.deadline = call->deadline,
		.correlation_id = call->correlation_id,
		.trace = call->trace};
	if (call->caller->kind == CALLER_GRAPH) {
		call->token_source = "caller";
		good = try_token(graph, &message, call, &refused, ret, err);
	} else {
		good = as_user(graph, &message, call, ret, err);
	}
	buf_done(&url);
	return good;
}
