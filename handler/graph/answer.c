#include "graph/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "http/retry_after.h"

#define CHALLENGES_MAX 8 /* WWW-Authenticate fields looked at */

/* The deepest non-empty code of Graph's error object.  Graph nests them as innerError or
 * innererror ("Microsoft Graph error responses"). */
static void read_code(struct graph_answer *answer)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer->body, "error");

	while (cJSON_IsObject(error)) {
		const char *code = json_string(error, "code");

		if (code && *code && strlen(code) < sizeof(answer->code))
			snprintf(answer->code, sizeof(answer->code), "%s", code);
		error = cJSON_GetObjectItem(error, "innerError"); /* in either case */
	}
}

/* Keeps claims="..." of an insufficient_claims challenge when it is base64 and fits. */
static void read_challenge(struct graph_answer *answer, const char *challenge)
{
	const char *claims = strstr(challenge, "claims=\"");
	struct buf decoded;
	size_t n;

	if (*answer->claims || !claims || !strstr(challenge, "insufficient_claims"))
		return;
	claims += strlen("claims=\"");
	n = strcspn(claims, "\"");
	buf_init(&decoded);
	if (n && n < sizeof(answer->claims) && b64_decode(&decoded, claims, n))
		snprintf(answer->claims, sizeof(answer->claims), "%.*s", (int)n, claims);
	buf_done(&decoded);
}

/* Left "" when absent or longer than fits. */
static void copy_header(const struct http_reply *reply, const char *name, char *ret, size_t size)
{
	struct buf value;

	buf_init(&value);
	if (http_reply_header(reply, name, 0, &value) && value.len && value.len < size)
		memcpy(ret, value.data, value.len + 1);
	buf_done(&value);
}

void graph_answer_read(const struct http_reply *reply, int64_t now_s, struct graph_answer *ret)
{
	struct buf value;
	struct err ignored;

	*ret = (struct graph_answer){.status = reply->status, .connection = reply->connection};
	if (!reply->cut &&
		json_parse(buf_text(&reply->body), reply->body.len, &ret->tree, &ignored))
		ret->body = ret->tree;
	read_code(ret);
	buf_init(&value);
	if (http_reply_header(reply, "Retry-After", 0, &value))
		ret->retry_after_s = retry_after_s(buf_text(&value), now_s);
	buf_done(&value);
	copy_header(reply, "request-id", ret->request_id, sizeof(ret->request_id));
	copy_header(reply, "x-ms-ags-diagnostic", ret->diagnostic, sizeof(ret->diagnostic));
	for (int i = 0; i < CHALLENGES_MAX; i++) {
		if (http_reply_header(reply, "WWW-Authenticate", i, &value))
			read_challenge(ret, buf_text(&value));
		buf_done(&value);
	}
}

void graph_answer_done(struct graph_answer *answer)
{
	cJSON_Delete(answer->tree);
	*answer = (struct graph_answer){0};
}

static const cJSON *find_part(const struct graph_answer *batch, const char *id)
{
	const cJSON *responses = cJSON_GetObjectItemCaseSensitive(batch->body, "responses");
	const cJSON *part;

	cJSON_ArrayForEach(part, responses)
	{
		const char *part_id = json_string(part, "id");

		if (part_id && !strcmp(part_id, id))
			return part;
	}
	return NULL;
}

bool graph_answer_part(
	const struct graph_answer *batch, const char *id, int64_t now_s, struct graph_answer *ret)
{
	const cJSON *part = find_part(batch, id);
	const cJSON *headers = cJSON_GetObjectItemCaseSensitive(part, "headers");
	/* In any case, as header names are. */
	const char *retry = cJSON_GetStringValue(cJSON_GetObjectItem(headers, "Retry-After"));
	const char *challenge = cJSON_GetStringValue(
		cJSON_GetObjectItem(headers, "WWW-Authenticate"));
	int64_t status;

	if (!part || !json_integer(part, "status", &status) || status < 100 || status > 599)
		return false;
	*ret = (struct graph_answer){.status = (int)status, .connection = batch->connection};
	ret->body = cJSON_GetObjectItemCaseSensitive(part, "body");
	memcpy(ret->request_id, batch->request_id, sizeof(ret->request_id));
	read_code(ret);
	if (retry)
		ret->retry_after_s = retry_after_s(retry, now_s);
	if (challenge)
		read_challenge(ret, challenge);
	return true;
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

/* Only the public sentence; the detail stays as it is, for the log. */
static void say(struct err *err, const char *message)
{
	snprintf(err->message, sizeof(err->message), "%s", message);
}

bool graph_refusal(const struct graph_answer *answer, bool has_select, struct err *err)
{
	enum err_code code = code_of_status(answer->status, has_select);

	err_set(err, code, "graph: HTTP status %d code=%s", answer->status,
		*answer->code ? answer->code : "-");
	err_service(err, "graph", answer->code, answer->request_id);
	if (code == ERR_BAD_REQUEST)
		say(err, "Microsoft Graph does not know a property named in $select.");
	if (code == ERR_NOT_FOUND)
		say(err, "Microsoft Graph does not know this user.");
	if ((answer->status == 401 || answer->status == 403) && *answer->claims) {
		err->code = ERR_INSUFFICIENT_CLAIMS;
		memcpy(err->claims, answer->claims, sizeof(err->claims));
	}
	err->retry_after_s = answer->retry_after_s;
	return false;
}
