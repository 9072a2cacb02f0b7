#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "http/retry_after.h"
#include "token/entra.h"

/* Entra's error numbers that have an answer of their own; Microsoft Entra authentication and
 * authorization error codes.  Rows with the same number do not occur. */
static const struct {
	int number;
	enum err_code code;
} NUMBERS[] = {
	{50076, ERR_INTERACTION_REQUIRED},   /* multi-factor authentication needed */
	{50079, ERR_INTERACTION_REQUIRED},   /* multi-factor registration needed */
	{50158, ERR_INTERACTION_REQUIRED},   /* external challenge */
	{65001, ERR_CONSENT_REQUIRED},       /* nobody consented to the scope */
	{53000, ERR_ACCESS_BLOCKED},         /* device not compliant */
	{53001, ERR_ACCESS_BLOCKED},         /* device not joined */
	{53003, ERR_ACCESS_BLOCKED},         /* blocked by policy */
	{50013, ERR_INVALID_TOKEN},          /* assertion: signature, issuer or time */
	{500133, ERR_INVALID_TOKEN},         /* assertion expired */
	{500131, ERR_INVALID_TOKEN},         /* assertion for another audience */
	{7000114, ERR_APP_ONLY_TOKEN},       /* the assertion is an application's */
	{7000215, ERR_SERVER_CONFIGURATION}, /* wrong client secret */
	{7000222, ERR_SERVER_CONFIGURATION}, /* client secret expired */
	{700027, ERR_SERVER_CONFIGURATION},  /* bad client assertion */
	{700016, ERR_SERVER_CONFIGURATION},  /* application not in the tenant */
	{90002, ERR_SERVER_CONFIGURATION},   /* no such tenant */
	{65002, ERR_SERVER_CONFIGURATION},   /* first-party preauthorisation */
	{70011, ERR_SERVER_CONFIGURATION},   /* invalid scope */
	{900144, ERR_SERVER_CONFIGURATION},  /* request lacks a field */
	{9002313, ERR_SERVER_CONFIGURATION}, /* malformed request */
	{9010010, ERR_SERVER_CONFIGURATION}, /* resource and scope differ */
	{90009, ERR_SERVER_CONFIGURATION},   /* application asks for a token to itself */
	{50196, ERR_THROTTLED},              /* client in a loop */
	{90055, ERR_THROTTLED},              /* too many requests */
};

static enum err_code code_of_number(int64_t number)
{
	for (size_t i = 0; i < sizeof(NUMBERS) / sizeof(NUMBERS[0]); i++) {
		if (NUMBERS[i].number == number)
			return NUMBERS[i].code;
	}
	return ERR_NONE;
}

static bool is(const char *text, const char *expected)
{
	return text && !strcmp(text, expected);
}

static enum err_code code_of_words(const char *error, const char *suberror)
{
	if (is(suberror, "consent_required"))
		return ERR_CONSENT_REQUIRED;
	if (is(error, "temporarily_unavailable") || is(error, "server_error"))
		return ERR_UPSTREAM_UNAVAILABLE;
	if (is(error, "interaction_required") || is(error, "login_required"))
		return ERR_INTERACTION_REQUIRED;
	if (is(error, "invalid_grant"))
		return ERR_INVALID_TOKEN;
	return ERR_SERVER_CONFIGURATION;
}

static int64_t first_number(const cJSON *answer)
{
	const cJSON *numbers = cJSON_GetObjectItemCaseSensitive(answer, "error_codes");
	const cJSON *first = cJSON_GetArrayItem(numbers, 0);

	return cJSON_IsNumber(first) ? (int64_t)first->valueint : 0;
}

/* The user's consent page for exactly what we exchange for. */
static void write_consent_url(const struct config *config, const char *tenant_id, struct err *err)
{
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "%s/%s/oauth2/v2.0/authorize?client_id=%s&response_type=code&scope=",
		config->authority_host, tenant_id, config->client_id);
	buf_add_urlencoded(&url, config->graph_scope);
	if (*config->consent_redirect_uri) {
		buf_adds(&url, "&redirect_uri=");
		buf_add_urlencoded(&url, config->consent_redirect_uri);
	}
	buf_adds(&url, "&prompt=consent");
	if (url.len < sizeof(err->consent))
		memcpy(err->consent, url.data, url.len + 1);
	buf_done(&url);
}

/* Passes a claims challenge on, as base64 of exactly its bytes.  False when it is too long. */
static bool write_claims(const char *claims, struct err *err)
{
	struct buf encoded;
	bool good;

	buf_init(&encoded);
	b64_encode(&encoded, claims, strlen(claims));
	good = encoded.len && encoded.len < sizeof(err->claims);
	if (good)
		memcpy(err->claims, encoded.data, encoded.len + 1);
	buf_done(&encoded);
	return good;
}

/* Only shapes that cannot forge anything reach the log: identifiers are cut, escaped later. */
static const char *shown(const char *id)
{
	return id && strlen(id) <= 64 ? id : "-";
}

/* What the answer says of itself, be it an error page: Entra's number or word, and its id. */
static void note_service(const struct http_reply *reply, const cJSON *answer, struct err *err)
{
	const char *id = json_string(answer, "trace_id");
	int64_t number = first_number(answer);
	char code[32];
	struct buf header;

	buf_init(&header);
	if (!id && http_reply_header(reply, "x-ms-request-id", 0, &header))
		id = buf_text(&header);
	snprintf(code, sizeof(code), "AADSTS%lld", (long long)number);
	err_service(err, "entra", number ? code : json_string(answer, "error"), id);
	buf_done(&header);
}

static bool refuse(
	const struct config *config, const char *tenant_id, const cJSON *answer, struct err *err)
{
	const char *claims = json_string(answer, "claims");
	const char *error = json_string(answer, "error");
	int64_t number = first_number(answer);
	enum err_code code = code_of_number(number);

	if (code == ERR_NONE)
		code = code_of_words(error, json_string(answer, "suberror"));
	err_set(err, code, "AADSTS%lld %s trace_id=%s correlation_id=%s", (long long)number,
		shown(error), shown(json_string(answer, "trace_id")),
		shown(json_string(answer, "correlation_id")));
	if (claims && write_claims(claims, err))
		err->code = ERR_INSUFFICIENT_CLAIMS;
	else if (code == ERR_CONSENT_REQUIRED)
		write_consent_url(config, tenant_id, err);
	return false;
}

bool entra_refusal(const struct config *config, const char *tenant_id,
	const struct http_reply *reply, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	struct err ignored;

	if (!reply->cut)
		json_parse(buf_text(&reply->body), reply->body.len, &answer, &ignored);
	if (reply->status == 429)
		err_set(err, ERR_THROTTLED, "HTTP status 429");
	else if (reply->status >= 500)
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d", reply->status);
	else if (cJSON_IsObject(answer))
		refuse(config, tenant_id, answer, err);
	else
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d without a JSON answer",
			reply->status);
	note_service(reply, answer, err);
	err_wait(err, retry_after_of(reply, clock_unix_s()));
	return false;
}
