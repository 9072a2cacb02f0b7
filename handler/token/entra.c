#include "token/entra.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "token/entra_refusal.h"
#include "token/owner.h"
#include "token/scope_names.h"

#define ANSWER_BYTES_MAX 262144
/* Before the one repeat of an exchange that met a 5xx or a dead connection. */
#define RETRY_MIN_MS 200
#define RETRY_SPREAD_MS 300
#define EXPIRES_IN_MAX_S 172800 /* two days; no Graph token lives longer */

/* The capability that makes Entra and Graph challenge for claims instead of just refusing, with the
 * claims of a challenge merged in.  "Claims challenges, claims requests, and client capabilities"
 */
static char *claims_with_capability(const char *challenge)
{
	autofree_json cJSON *claims = NULL;
	cJSON *token, *capability;
	autoerr(ignored);

	if (challenge)
		json_parse(challenge, strlen(challenge), &claims, &ignored);
	if (!cJSON_IsObject(claims)) {
		cJSON_Delete(claims);
		claims = cJSON_CreateObject();
	}
	token = cJSON_GetObjectItemCaseSensitive(claims, "access_token");
	if (!cJSON_IsObject(token)) {
		cJSON_DeleteItemFromObjectCaseSensitive(claims, "access_token");
		token = json_add_object(claims, "access_token");
	}
	cJSON_DeleteItemFromObjectCaseSensitive(token, "xms_cc");
	capability = json_add_object(token, "xms_cc");
	json_add_strings(capability, "values", JSON_STRINGS("cp1"));
	return json_print(claims);
}

/* One exchange on its way. */
struct exchange {
	struct entra *entra;
	const struct entra_request *request;
	struct buf url, form;
	bool again; /* what did not come off may go better at once */
};

static bool write_form(struct exchange *exchange, struct err *err)
{
	const struct entra *entra = exchange->entra;
	const struct entra_request *request = exchange->request;
	autofree char *claims = claims_with_capability(request->claims);
	struct buf *form = &exchange->form;

	buf_add_field(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	buf_add_field(form, "requested_token_use", "on_behalf_of");
	buf_add_field(form, "client_id", entra->config->client_id);
	buf_add_field(form, "scope", request->scope);
	buf_add_field(form, "assertion", request->caller->token.data);
	buf_add_field(form, "claims", claims);
	return credential_add(
		entra->credential, buf_text(&exchange->url), request->deadline, form, err);
}

void entra_token_done(struct entra_token *token)
{
	secret_done(&token->token);
	free(token->granted);
	token->granted = NULL;
}

/* What cannot be read grants nothing but what was asked for, as a whole. */
static char *read_granted(const cJSON *answer, const char *asked)
{
	const cJSON *scope = json_given(answer, "scope");

	if (!scope)
		return scope_names_read(asked, asked);
	return cJSON_IsString(scope) ? scope_names_read(scope->valuestring, asked) : NULL;
}

static bool read_token(
	const struct http_reply *reply, const char *asked, struct entra_token *ret, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	int64_t expires_in_s, refresh_in_s = 0;
	const char *token;

	if (reply->cut || !json_parse(buf_text(&reply->body), reply->body.len, &answer, err))
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the token answer is not JSON");
	token = json_string(answer, "access_token");
	if (!token || !json_integer(answer, "expires_in", &expires_in_s) || expires_in_s <= 0)
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE,
			"the token answer lacks access_token or expires_in");
	if (!b64token_valid(token, ENTRA_TOKEN_BYTES_MAX))
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE,
			"the token answer's access_token is too long or cannot stand in a header");
	json_integer(answer, "refresh_in", &refresh_in_s);
	secret_set(&ret->token, token, strlen(token));
	explicit_bzero((char *)token, strlen(token)); /* the tree's own copy */
	ret->granted = read_granted(answer, asked);
	ret->expires_in_s = expires_in_s < EXPIRES_IN_MAX_S ? expires_in_s : EXPIRES_IN_MAX_S;
	ret->refresh_in_s = refresh_in_s > 0 && refresh_in_s < ret->expires_in_s ? refresh_in_s : 0;
	return true;
}

/* Of a token that is somebody else's nothing is kept, not even the connection: on another it may go
 * better. */
static bool check_owner(const struct exchange *exchange, const struct http_reply *reply,
	struct entra_token *token, struct err *err)
{
	if (!owner_differs(&token->token, exchange->request->caller))
		return true;
	entra_token_done(token);
	http_distrust(exchange->entra->http, reply->connection);
	log_event(LOG_WARN, "anothers_answer", "entra: a token of another user or tenant");
	return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the token is another user's or tenant's");
}

/* Sends the form and reads the answer. */
static bool post_once(struct exchange *exchange, const struct http_fetch *fetch,
	struct entra_token *ret, struct err *err)
{
	struct entra *entra = exchange->entra;
	struct http_fetch within = *fetch;
	struct http_reply reply;
	bool good;

	within.deadline = deadline_within(
		exchange->request->deadline, entra->config->entra_timeout_ms);
	if (!http_send(entra->http, &within, &reply, err)) {
		exchange->again = err->code == ERR_UPSTREAM_UNAVAILABLE;
		return false;
	}
	if (reply.status != 200) {
		good = entra_refusal(entra->config, exchange->request, &reply, err);
		exchange->again = reply.status >= 500 && !err->retry_after_s;
	} else {
		good = read_token(&reply, exchange->request->scope, ret, err);
		exchange->again = good && !check_owner(exchange, &reply, ret, err);
		good = good && !exchange->again;
	}
	http_reply_done(&reply);
	return good;
}

static bool post(struct exchange *exchange, struct entra_token *ret, struct err *err)
{
	const struct entra_request *request = exchange->request;
	struct header headers[] = {{"client-request-id", request->correlation_id},
		{"return-client-request-id", "true"}, {"Accept", "application/json"},
		{"traceparent", request->trace}};
	struct http_fetch fetch = {.url = buf_text(&exchange->url),
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = buf_text(&exchange->form),
		.body_type = "application/x-www-form-urlencoded",
		.body_max = ANSWER_BYTES_MAX};

	if (post_once(exchange, &fetch, ret, err))
		return true;
	fetch.fresh = true; /* so that the client has no reason of its own to repeat it */
	if (exchange->again &&
		http_client_wait(exchange->entra->http,
			RETRY_MIN_MS + random_below(RETRY_SPREAD_MS), request->deadline) &&
		post_once(exchange, &fetch, ret, err))
		return true;
	if (!*err_upstream(err)->service)
		err_service(err, "entra", NULL, NULL);
	return false;
}

bool entra_exchange(struct entra *entra, const struct entra_request *request,
	struct entra_token *ret, struct err *err)
{
	struct exchange exchange = {.entra = entra, .request = request};
	bool good;

	buf_init(&exchange.url);
	buf_init(&exchange.form);
	/* The user's own tenant: with `common` or `organizations` guests would be refused. */
	buf_addf(&exchange.url, "%s/%s/oauth2/v2.0/token", entra->config->authority_host,
		request->caller->tenant_id);
	good = write_form(&exchange, err) && post(&exchange, ret, err);
	buf_wipe(&exchange.form);
	buf_done(&exchange.url);
	health_note(&entra->exchange, clock_mono_ms(), good ? NULL : err);
	return good || err_wrap(err, "entra");
}
