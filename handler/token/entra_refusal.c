#include "token/entra_refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/json.h"
#include "http/retry_after.h"
#include "token/entra_table.h"

#define ADMIN_CONSENT_TEXT "An administrator has to consent to this API reading Microsoft Graph."

static int64_t first_number(const cJSON *answer)
{
	const cJSON *numbers = cJSON_GetObjectItemCaseSensitive(answer, "error_codes");
	const cJSON *first = cJSON_GetArrayItem(numbers, 0);

	return cJSON_IsNumber(first) && first->valuedouble == first->valueint ? first->valueint : 0;
}

/* The user's consent page for exactly what we exchange for, or the administrator's for all that
 * the registration asks for. */
static void write_consent(const struct config *config, const struct entra_request *request,
	enum entra_remedy remedy, struct err *err)
{
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "%s/%s/%s?client_id=%s", config->authority_host, request->caller->tenant_id,
		remedy == ADMIN_CONSENT ? "adminconsent" : "oauth2/v2.0/authorize",
		config->client_id);
	if (remedy == ADMIN_CONSENT) {
		snprintf(err->message, sizeof(err->message), "%s", ADMIN_CONSENT_TEXT);
	} else {
		buf_adds(&url, "&response_type=code&prompt=consent&scope=");
		buf_add_urlencoded(&url, request->scope);
	}
	if (*config->consent_redirect_uri) {
		buf_adds(&url, "&redirect_uri=");
		buf_add_urlencoded(&url, config->consent_redirect_uri);
	}
	err_ask_consent(err, buf_text(&url));
	buf_done(&url);
}

/* Passes a claims challenge on, as base64 of exactly its bytes.  False when it is too long. */
static bool write_claims(const char *claims, struct err *err)
{
	struct buf encoded;
	bool good;

	buf_init(&encoded);
	b64_encode(&encoded, claims, strlen(claims));
	good = err_ask_claims(err, buf_text(&encoded));
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

static void refuse(const struct config *config, const struct entra_request *request,
	const cJSON *answer, struct err *err)
{
	const char *claims = json_string(answer, "claims");
	const char *error = json_string(answer, "error");
	int64_t number = first_number(answer);
	enum entra_remedy remedy = entra_remedy(number, json_string(answer, "suberror"), error);

	err_set(err, entra_remedy_code(remedy), "AADSTS%lld %s trace_id=%s correlation_id=%s",
		(long long)number, shown(error), shown(json_string(answer, "trace_id")),
		shown(json_string(answer, "correlation_id")));
	if (claims && write_claims(claims, err))
		err->code = ERR_INSUFFICIENT_CLAIMS;
	else if (err->code == ERR_CONSENT_REQUIRED)
		write_consent(config, request, remedy, err);
}

bool entra_refusal(const struct config *config, const struct entra_request *request,
	const struct http_reply *reply, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	autoerr(ignored);

	if (!reply->cut)
		json_parse_softly(buf_text(&reply->body), reply->body.len, &answer, &ignored);
	if (reply->status == 429)
		err_set(err, ERR_THROTTLED, "HTTP status 429");
	else if (reply->status >= 500)
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d", reply->status);
	else if (cJSON_IsObject(answer))
		refuse(config, request, answer, err);
	else
		err_set(err, ERR_UPSTREAM_UNAVAILABLE, "HTTP status %d without a JSON answer",
			reply->status);
	note_service(reply, answer, err);
	err_wait(err, retry_after_of(reply, clock_unix_s()));
	return false;
}
