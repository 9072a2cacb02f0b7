#include "graph/gateway.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/text.h"
#include "base/url.h"
#include "base/version.h"
#include "graph/batch.h"
#include "graph/profile.h"
#include "graph/write_guard.h"
#include "http/retry_after.h"

#define ANSWER_BYTES_MAX (8u << 20)

static void write_url(
	const struct gateway *gateway, const struct profile_query *query, struct buf *url)
{
	autofree char *select = profile_select(query->select);
	bool both = query->include == (GRAPH_INCLUDE_PHOTO | GRAPH_INCLUDE_MANAGER);

	buf_addf(url, "%s/me", gateway->config->apim_gateway_url);
	if (select)
		buf_addf(url, "?$select=%s", select);
	if (query->include)
		buf_addf(url, "%cinclude=%s", select ? '&' : '?',
			both                                   ? "photo,manager"
			: query->include & GRAPH_INCLUDE_PHOTO ? "photo"
							       : "manager");
}

/* Its public sentence, if it is one: what we have not written may not carry control characters. */
static void copy_message(const char *message, struct err *err)
{
	if (message && strlen(message) < sizeof(err->message) && !utf8_has_control(message))
		snprintf(err->message, sizeof(err->message), "%s", message);
}

static bool read_refusal(const struct http_reply *reply, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	const cJSON *error;
	const char *slug, *consent;
	enum err_code code;
	autoerr(ignored);
	struct url url;

	if (!reply->cut)
		json_parse(buf_text(&reply->body), reply->body.len, &answer, &ignored);
	error = cJSON_GetObjectItemCaseSensitive(answer, "error");
	slug = json_string(error, "code");
	consent = json_string(error, "consentUrl");
	code = slug ? err_code_of(slug) : ERR_NONE;
	if (!code)
		code = reply->status == 401   ? ERR_INVALID_TOKEN
		       : reply->status == 429 ? ERR_THROTTLED
		       : reply->status >= 500 ? ERR_UPSTREAM_UNAVAILABLE
					      : ERR_GRAPH_ERROR;
	err_set(err, code, "gateway: HTTP status %d", reply->status);
	err_service(err, "gateway", slug, json_string(error, "requestId"));
	if (slug)
		copy_message(json_string(error, "message"), err);
	if (consent && !utf8_has_control(consent) && url_parse(consent, &url))
		err_ask_consent(err, consent);
	err_wait(err, retry_after_of(reply, clock_unix_s()));
	return false;
}

/* Whether an answer that is an error may come of a write that was done: not where the other
 * instance says what it was, by a code that the gateway before it has not got. */
static bool may_be_done(const struct http_reply *reply, const struct err *err)
{
	switch (err_code_of(err_upstream(err)->code)) {
	case ERR_GRAPH_ERROR:
	case ERR_SERVER_CONFIGURATION:
	case ERR_NOT_CONFIGURED:
	case ERR_OVERLOADED:
		return false;
	case ERR_UPSTREAM_UNAVAILABLE:
		return !err->retry_after_s;
	default:
		return reply->status >= 500;
	}
}

static struct json_span body_of(const struct http_reply *reply)
{
	return (struct json_span){reply->body.data, reply->body.len};
}

/* An answer that is a JSON object. */
static bool read_answer(const struct http_reply *reply, struct err *err)
{
	bool nul;

	if (reply->status != 200)
		return read_refusal(reply, err);
	if (reply->cut || json_flaw_of_spans(buf_text(&reply->body), reply->body.len, &nul) ||
		!json_is_object(body_of(reply)))
		return err_set(err, ERR_GRAPH_ERROR, "gateway: the answer is no JSON object");
	return true;
}

/* Sends with the caller's own token; *ret is ended with http_reply_done where that is true. */
static bool ask(struct gateway *gateway, struct http_fetch *fetch, struct graph_errand *errand,
	struct http_reply *ret, struct err *err)
{
	int64_t start_ms = clock_mono_ms();
	struct header headers[] = {{"Authorization", NULL}, {"Accept", "application/json"},
		{"x-request-id", errand->correlation_id}, {"traceparent", errand->trace},
		{"User-Agent", SERVICE_NAME "/" SERVICE_VERSION}};
	struct buf bearer;
	bool good;

	fetch->headers = headers;
	fetch->header_count = sizeof(headers) / sizeof(headers[0]);
	fetch->deadline = errand->deadline;
	fetch->body_max = ANSWER_BYTES_MAX;
	buf_init(&bearer);
	buf_adds(&bearer, "Bearer ");
	buf_add(&bearer, errand->caller->token.data, errand->caller->token.len);
	headers[0].value = buf_text(&bearer);
	errand->token_source = "gateway";
	good = http_send(gateway->http, fetch, ret, err) || err_wrap(err, "gateway");
	if (good && !read_answer(ret, err)) {
		err->maybe_done = ret->status < 300 || may_be_done(ret, err);
		http_reply_done(ret);
		good = false;
	}
	if (!good && fetch->once && err->maybe_done && err->code != ERR_OUTCOME_UNKNOWN) {
		err->code = ERR_OUTCOME_UNKNOWN;
		*err->message = '\0';
	}
	fetch->headers = NULL;
	errand->graph_ms = clock_mono_ms() - start_ms;
	buf_wipe(&bearer);
	return good;
}

static void write_object(const struct http_reply *reply, const char *select, struct buf *ret)
{
	const struct profile_query query = {.select = select}; /* what is included, it has */

	buf_init(ret);
	profile_open(body_of(reply), &query, ret);
	buf_adds(ret, "}");
}

bool gateway_me(void *context, const struct profile_query *query, struct graph_errand *errand,
	struct buf *ret, struct err *err)
{
	struct gateway *gateway = context;
	struct http_fetch fetch = {0};
	struct http_reply reply;
	struct buf url;
	bool good;

	buf_init(&url);
	write_url(gateway, query, &url);
	fetch.url = buf_text(&url);
	good = ask(gateway, &fetch, errand, &reply, err);
	buf_done(&url);
	if (!good)
		return false;
	good = profile_check(body_of(&reply), errand->caller, err);
	if (good)
		write_object(&reply, query->select, ret);
	else
		http_distrust(gateway->http, reply.connection);
	http_reply_done(&reply);
	return good;
}

bool gateway_run_tool(void *context, const struct graph_tool_call *call,
	struct graph_errand *errand, struct buf *ret, struct err *err)
{
	struct gateway *gateway = context;
	const struct graph_tool *tool = call->tool->definition;
	autofree char *body = json_print(call->arguments);
	struct http_fetch fetch = {
		.body = body, .body_type = "application/json", .once = tool->writes};
	struct http_reply reply;
	struct buf url;
	bool good;

	buf_init(&url);
	buf_addf(&url, "%s/tools/%s", gateway->config->apim_gateway_url, tool->name);
	fetch.url = buf_text(&url);
	good = ask(gateway, &fetch, errand, &reply, err);
	buf_done(&url);
	if (!good) {
		definition_tell_unsure(tool, err);
		return false;
	}
	buf_init(ret);
	json_pass(json_trim(body_of(&reply)), ret);
	http_reply_done(&reply);
	return true;
}

bool gateway_guard(void *context, const struct graph_tool_call *call, struct graph_errand *errand,
	struct question *ret, struct err *err)
{
	const struct gateway *gateway = context;

	return write_guard_pass_blind(gateway->config, call, errand->caller, ret, err);
}
