#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/b64.h"
#include "graph/graph.h"

#define RETRY_AFTER_MAX_S 3600

int graph_retry_after_s(const struct http_reply *reply, int64_t now_s)
{
	struct buf value;
	struct tm date = {0};
	double seconds = 0;
	const char *end;

	buf_init(&value, 128);
	http_reply_header(reply, "Retry-After", 0, &value);
	end = strptime(buf_text(&value), "%a, %d %b %Y %H:%M:%S GMT", &date);
	if (end && !*end)
		seconds = (double)(timegm(&date) - now_s);
	else if (buf_text(&value)[strspn(buf_text(&value), "0123456789.")] == '\0')
		seconds = strtod(buf_text(&value), NULL); /* some services send fractions */
	buf_done(&value);
	if (!(seconds > 0))
		return 0;
	return seconds < RETRY_AFTER_MAX_S ? (int)ceil(seconds) : RETRY_AFTER_MAX_S;
}

/* The deepest non-empty code of Graph's error object; "" when the body is no such thing.  Graph
 * nests them as innerError or innererror ("Microsoft Graph error responses"). */
static void deepest_code(const cJSON *answer, char *ret, size_t size)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");

	ret[0] = '\0';
	while (cJSON_IsObject(error)) {
		const char *code = json_string(error, "code");

		if (code && *code && strlen(code) < size)
			memcpy(ret, code, strlen(code) + 1);
		error = cJSON_GetObjectItem(error, "innerError"); /* in either case */
	}
}

static const struct {
	int status;
	enum err_code code;
} STATUSES[] = {
	{401, ERR_INVALID_TOKEN},
	{403, ERR_GRAPH_FORBIDDEN},
	{404, ERR_NOT_FOUND},
	{429, ERR_THROTTLED},
	{503, ERR_UPSTREAM_UNAVAILABLE},
	{504, ERR_UPSTREAM_TIMEOUT},
};

static enum err_code code_of_status(int status, bool has_select)
{
	if (status == 400 && has_select)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
		if (STATUSES[i].status == status)
			return STATUSES[i].code;
	}
	return ERR_GRAPH_ERROR;
}

/* The value of claims="..." in a challenge, when it is base64 and fits.  Passed on unchanged. */
static bool read_claims(const struct http_reply *reply, struct err *err)
{
	for (int i = 0; i < 8; i++) {
		struct buf value, decoded;
		const char *claims = NULL;
		bool found = false;
		size_t n = 0;

		buf_init(&value, 8192);
		buf_init(&decoded, 8192);
		if (!http_reply_header(reply, "WWW-Authenticate", i, &value)) {
			buf_done(&value);
			return false;
		}
		if (strstr(buf_text(&value), "insufficient_claims"))
			claims = strstr(buf_text(&value), "claims=\"");
		if (claims) {
			claims += strlen("claims=\"");
			n = strcspn(claims, "\"");
			found = n && n < sizeof(err->claims) && b64_decode(&decoded, claims, n);
		}
		if (found) {
			memcpy(err->claims, claims, n);
			err->claims[n] = '\0';
		}
		buf_done(&decoded);
		buf_done(&value);
		if (found)
			return true;
	}
	return false;
}

/* Only the public sentence: err_say would put it in the detail's place, and that is for the log. */
static void say(struct err *err, const char *message)
{
	snprintf(err->message, sizeof(err->message), "%s", message);
}

bool graph_refusal(const struct http_reply *reply, bool has_select, struct err *err)
{
	autofree_json cJSON *answer = NULL;
	enum err_code code = code_of_status(reply->status, has_select);
	struct err ignored;
	char inner[64] = "";

	if (!reply->cut && json_parse(buf_text(&reply->body), reply->body.len, &answer, &ignored))
		deepest_code(answer, inner, sizeof(inner));
	err_set(err, code, "graph: HTTP status %d code=%s", reply->status, *inner ? inner : "-");
	if (code == ERR_BAD_REQUEST)
		say(err, "Microsoft Graph does not know a property named in $select.");
	if (code == ERR_NOT_FOUND)
		say(err, "Microsoft Graph does not know this user.");
	if ((reply->status == 401 || reply->status == 403) && read_claims(reply, err))
		err->code = ERR_INSUFFICIENT_CLAIMS;
	err->retry_after_s = graph_retry_after_s(reply, (int64_t)time(NULL));
	return false;
}
