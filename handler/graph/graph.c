#include "graph/graph.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/version.h"

#define TRIES_MAX 3
#define BACKOFF_MS 500 /* before the first retry when Graph gives no Retry-After; then doubled */
#define OWN_HEADERS 6

/* A request on its way; token, tries and fresh are of the try at hand. */
struct attempt {
	struct graph *graph;
	const struct graph_request *request;
	struct graph_errand *errand;
	const char *url;
	const struct secret *token;
	int tries; /* 1: the first */
	bool fresh;
};

/* GRAPH_BASE_URL is checked at start (https, or loopback), and the only host that gets a token. */
static bool send_once(const struct attempt *attempt, struct graph_answer *ret, struct err *err)
{
	const struct graph_request *request = attempt->request;
	const struct graph_errand *errand = attempt->errand;
	const char retries[] = {(char)('0' + attempt->tries - 1), '\0'};
	struct header headers[OWN_HEADERS + GRAPH_REQUEST_HEADERS_MAX] = {{"Authorization", NULL},
		{"Accept", request->file ? "*/*" : "application/json"},
		{"client-request-id", errand->correlation_id},
		{"User-Agent", SERVICE_NAME "/" SERVICE_VERSION},
		{"Retry-Attempt", attempt->tries > 1 ? retries : NULL},
		{"traceparent", errand->trace}};
	struct http_fetch fetch = {.method = request->method,
		.url = attempt->url,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = request->body,
		.body_type = request->body_type,
		.fresh = attempt->fresh,
		.once = request->once,
		.deadline = errand->deadline,
		.body_max = request->answer_max};
	struct http_reply reply;
	struct buf bearer;
	bool good;

	memcpy(headers + OWN_HEADERS, request->headers, sizeof(request->headers));
	buf_init(&bearer);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, attempt->token->data, attempt->token->len);
	headers[0].value = buf_text(&bearer);
	good = http_send(attempt->graph->http, &fetch, &reply, err);
	buf_wipe(&bearer);
	if (!good) {
		if (request->once && err->maybe_done)
			err->code = ERR_OUTCOME_UNKNOWN;
		return err_wrap(err, "graph");
	}
	graph_answer_read(&reply, clock_unix_s(), ret);
	http_reply_done(&reply);
	return true;
}

static bool is_success(const struct graph_answer *answer)
{
	return answer->status >= 200 && answer->status <= 299;
}

/* Whether the answer is of a kind that the request is for. */
static bool is_wanted(const struct graph_request *request, const struct graph_answer *answer)
{
	return is_success(answer) ||
	       (request->file && (answer->status == 302 || answer->status == 405));
}

/* The answer that decides: of a batch, one of its parts; status 0: it has none.  Ended with
 * graph_answer_done. */
static struct graph_answer deciding(const struct graph_answer *answer, const char *part)
{
	struct graph_answer ret;

	if (!part || !is_success(answer)) {
		ret = *answer;
		ret.claims = xstrdup_if(answer->claims);
		ret.bytes = (struct buf){0};
		ret.location = NULL;
	} else if (!graph_answer_part(answer, part, clock_unix_s(), &ret)) {
		ret = (struct graph_answer){.status = 0};
	}
	return ret;
}

/* Whether Graph may do better with the same request, and has not done what is to be done once. */
static bool may_repeat(const struct graph_request *request, const struct graph_answer *answer)
{
	return graph_answer_untaken(answer) ||
	       (!request->once && (answer->status == 503 || answer->status == 504));
}

/* How long to wait before another try, or -1 when there should be none: the status does not call
 * for it, the tries are used up, or the wait would not leave time within the deadline. */
static int64_t wait_before_retry(const struct attempt *attempt, const struct graph_answer *answer)
{
	int64_t wait_ms = (int64_t)answer->retry_after_s * 1000;

	if (!may_repeat(attempt->request, answer))
		return -1;
	if (!wait_ms)
		wait_ms = ((int64_t)BACKOFF_MS << (attempt->tries - 1)) +
			  random_below(BACKOFF_MS / 2);
	return attempt->tries < TRIES_MAX && wait_ms < deadline_left_ms(attempt->errand->deadline)
		       ? wait_ms
		       : -1;
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

/* *ret_deciding: the answer that decides, within *ret. */
static bool send_patiently(struct attempt *attempt, struct graph_answer *ret,
	struct graph_answer *ret_deciding, struct err *err)
{
	struct graph_errand *errand = attempt->errand;

	attempt->fresh = false;
	for (attempt->tries = 1;; attempt->tries++) {
		int64_t wait_ms;

		if (!send_once(attempt, ret, err))
			return false;
		memcpy(errand->request_id, ret->request_id, sizeof(errand->request_id));
		memcpy(errand->diagnostic, ret->diagnostic, sizeof(errand->diagnostic));
		*ret_deciding = deciding(ret, attempt->request->part);
		wait_ms = wait_before_retry(attempt, ret_deciding);
		if (wait_ms < 0 || !may_wait(attempt->graph))
			return true;
		/* what this connection leads to is ill */
		attempt->fresh = ret_deciding->status == 503;
		graph_answer_done(ret_deciding);
		graph_answer_done(ret);
		if (!wait_to_retry(attempt->graph, wait_ms, errand->deadline))
			return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "graph: no other try");
	}
}

/* Of an answer that is not the caller's nothing is kept: neither the token nor the connection. */
static bool judge(const struct attempt *attempt, const struct graph_answer *answer,
	bool *ret_refused, struct err *err)
{
	const struct graph_request *request = attempt->request;

	*ret_refused = answer->status == 401 || (answer->status == 403 && answer->claims);
	if (!answer->status)
		return err_set(
			err, ERR_GRAPH_ERROR, "graph: the batch lacks the part that decides");
	if (!is_wanted(request, answer) || (request->check && answer->status != 200))
		return graph_refusal(answer, request, err);
	if (answer->cut && !request->once && !request->file)
		return err_set(err, ERR_GRAPH_ERROR, "graph: the answer is too long");
	if (!request->check)
		return true;
	if (!json_is_object(answer->body))
		return err_set(err, ERR_GRAPH_ERROR, "graph: the answer is not a JSON object");
	if (request->check(answer->body, attempt->errand->caller, err))
		return true;
	http_distrust(attempt->graph->http, answer->connection);
	*ret_refused = true;
	return false;
}

/* Sends with the attempt's token.  *ret_refused: the token is not to be used again: Graph refused
 * it, or it may be another user's. */
static bool try_token(
	struct attempt *attempt, bool *ret_refused, struct graph_answer *ret, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	struct graph_errand *errand = attempt->errand;
	struct graph_answer answer = {0}, decides;
	bool good = send_patiently(attempt, &answer, &decides, err);

	*ret_refused = false;
	if (good) {
		good = judge(attempt, &decides, ret_refused, err);
		if (good)
			*ret = answer;
		else
			graph_answer_done(&answer);
		graph_answer_done(&decides);
	}
	if (!good && !*err_upstream(err)->service)
		err_service(err, "graph", NULL, errand->request_id);
	errand->graph_ms += clock_mono_ms() - start_ms;
	health_note(&attempt->graph->health, clock_mono_ms(), good ? NULL : err);
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
static bool as_user(struct attempt *attempt, struct graph_answer *ret, struct err *err)
{
	struct graph_errand *errand = attempt->errand;
	struct obo *obo = attempt->graph->obo;
	const char *scope = attempt->request->scope;
	struct entra_request wanted = {.caller = errand->caller,
		.scope = scope ? scope : attempt->graph->config->graph_scope,
		.correlation_id = errand->correlation_id,
		.trace = errand->trace,
		.deadline = errand->deadline};
	autofree char *claims = NULL;

	for (int tries = 1;; tries++) {
		struct secret token = {0};
		enum token_source source;
		bool refused, good;

		wanted.claims = claims;
		if (!obo_token(obo, &wanted, &token, &source, err))
			return false;
		errand->token_source = source == TOKEN_MINTED ? "exchange" : "hit";
		attempt->token = &token;
		good = try_token(attempt, &refused, ret, err);
		if (refused)
			obo_drop(obo, &wanted, &token);
		secret_done(&token);
		attempt->token = NULL;
		if (good || !refused || tries == 2)
			return good;
		claims = decode_claims(err_upstream(err)->claims);
	}
}

bool graph_send(struct graph *graph, const struct graph_request *request,
	struct graph_errand *errand, struct graph_answer *ret, struct err *err)
{
	struct attempt attempt = {.graph = graph, .request = request, .errand = errand};
	struct buf url;
	bool refused, good;

	assert(!request->check || !request->once); /* what is refused is asked for again */
	buf_init(&url);
	buf_addf(&url, "%s%s%s%s", graph->config->graph_base_url, request->path,
		request->query ? "?" : "", request->query ? request->query : "");
	attempt.url = buf_text(&url);
	if (errand->caller->kind == CALLER_GRAPH) {
		errand->token_source = "caller";
		attempt.token = &errand->caller->token;
		good = try_token(&attempt, &refused, ret, err);
	} else {
		good = as_user(&attempt, ret, err);
	}
	buf_done(&url);
	return good;
}
