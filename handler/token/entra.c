#include "token/entra.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define METADATA_BYTES_MAX 262144
#define ANSWER_BYTES_MAX 262144
#define EXPIRES_IN_MAX_S 172800 /* two days; no Graph token lives longer */

static bool get_json(struct entra *entra, const char *url, cJSON **ret, struct err *err)
{
	struct http_call call = {.url = url,
		.timeout_ms = (int)entra->config->entra_timeout_ms,
		.body_max = METADATA_BYTES_MAX};
	struct http_reply reply;
	bool good = false;

	if (!http_send(entra->http, &call, &reply, err))
		return false;
	if (reply.status != 200 || reply.cut)
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d%s", reply.status,
			reply.cut ? ", answer too long" : "");
	else if (!json_parse(buf_text(&reply.body), reply.body.len, ret, err))
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the answer is not JSON");
	else
		good = true;
	http_reply_done(&reply);
	return good;
}

static bool find_keys_uri(struct entra *entra, struct buf *ret, struct err *err)
{
	const char *authority = entra->config->authority_host;
	autofree_json cJSON *metadata = NULL;
	const char *uri;
	struct buf url;
	bool good;

	buf_init(&url, 4096);
	buf_addf(&url, "%s/%s/v2.0/.well-known/openid-configuration", authority,
		entra->config->tenant_id);
	good = get_json(entra, buf_text(&url), &metadata, err);
	buf_done(&url);
	if (!good)
		return err_wrap(err, "openid-configuration");
	uri = json_string(metadata, "jwks_uri");
	if (!uri || strncmp(uri, authority, strlen(authority)) != 0 ||
		uri[strlen(authority)] != '/')
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE,
			"openid-configuration: jwks_uri is missing or not on AUTHORITY_HOST");
	buf_adds(ret, uri);
	return true;
}

bool entra_fetch_keys(void *context, cJSON **ret, struct err *err)
{
	struct entra *entra = context;
	struct buf uri;
	bool good;

	buf_init(&uri, 4096);
	good = find_keys_uri(entra, &uri, err) &&
	       (get_json(entra, buf_text(&uri), ret, err) || err_wrap(err, "signing keys"));
	buf_done(&uri);
	health_note(&entra->keys, clock_unix_s(), good ? NULL : err);
	return good;
}

static void add_field(struct buf *form, const char *name, const char *value)
{
	if (form->len)
		buf_adds(form, "&");
	buf_adds(form, name);
	buf_adds(form, "=");
	buf_add_urlencoded(form, value);
}

static void write_form(
	const struct config *config, const struct entra_request *request, struct buf *form)
{
	add_field(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	add_field(form, "requested_token_use", "on_behalf_of");
	add_field(form, "client_id", config->client_id);
	add_field(form, "client_secret", config->client_secret.data);
	add_field(form, "scope", config->graph_scope);
	add_field(form, "assertion", request->assertion);
}

static bool read_token(const struct http_reply *reply, struct entra_token *ret, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	const char *token;
	int64_t expires_in_s;

	if (reply->cut || !json_parse(buf_text(&reply->body), reply->body.len, &answer, err))
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE, "the token answer is not JSON");
	token = json_string(answer, "access_token");
	if (!token || !*token || strpbrk(token, " \t\r\n") ||
		!json_integer(answer, "expires_in", &expires_in_s) || expires_in_s <= 0)
		return err_set(err, ERR_UPSTREAM_UNAVAILABLE,
			"the token answer lacks access_token or expires_in");
	secret_set(&ret->token, token, strlen(token));
	explicit_bzero((char *)token, strlen(token)); /* the tree's own copy */
	ret->expires_in_s = expires_in_s < EXPIRES_IN_MAX_S ? expires_in_s : EXPIRES_IN_MAX_S;
	return true;
}

bool entra_exchange(struct entra *entra, const struct entra_request *request,
	struct entra_token *ret, struct err *err)
{
	const struct config *config = entra->config;
	struct header headers[] = {{"client-request-id", request->correlation_id},
		{"return-client-request-id", "true"}, {"Accept", "application/json"}};
	struct http_call call = {.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.timeout_ms = (int)config->entra_timeout_ms,
		.body_max = ANSWER_BYTES_MAX};
	struct http_reply reply;
	struct buf url, form;
	bool good;

	buf_init(&url, 4096);
	buf_init(&form, 131072);
	/* The user's own tenant: with `common` or `organizations` guests would be refused. */
	buf_addf(&url, "%s/%s/oauth2/v2.0/token", config->authority_host, request->tenant_id);
	write_form(config, request, &form);
	call.url = buf_text(&url);
	call.form = buf_text(&form);
	good = http_send(entra->http, &call, &reply, err);
	if (good) {
		good = reply.status == 200 ? read_token(&reply, ret, err)
					   : entra_refusal(config, request->tenant_id, &reply, err);
		http_reply_done(&reply);
	}
	buf_wipe(&form);
	buf_done(&url);
	health_note(&entra->exchange, clock_unix_s(), good ? NULL : err);
	return good || err_wrap(err, "entra");
}
