#include "graph/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/json_text.h"
#include "http/challenge.h"
#include "http/retry_after.h"

#define FIELDS_MAX 8 /* WWW-Authenticate fields looked at */

/* Left "" when empty or longer than fits. */
static void keep(const struct buf *text, char *ret, size_t size)
{
	if (text->len && text->len < size)
		memcpy(ret, text->data, text->len + 1);
}

static void keep_string(struct json_span token, char *ret, size_t size)
{
	struct buf text;

	buf_init(&text);
	if (json_unquote(token, &text))
		keep(&text, ret, size);
	buf_done(&text);
}

/* The deepest non-empty code of Graph's error object.  Graph nests them as innerError or
 * innererror ("Microsoft Graph error responses"). */
static void read_code(struct graph_answer *answer)
{
	struct json_span error, code;
	bool found = json_find(answer->body, "error", &error);

	while (found) {
		if (json_find(error, "code", &code))
			keep_string(code, answer->code, sizeof(answer->code));
		found = json_find(error, "innerError", &error) ||
			json_find(error, "innererror", &error);
	}
}

/* Of a challenge that asks for claims; as standard base64, however they are encoded. */
static void read_claims(const struct challenge *challenge, struct graph_answer *answer)
{
	struct buf error, claims, json, encoded;

	buf_init(&error);
	buf_init(&claims);
	buf_init(&json);
	buf_init(&encoded);
	if (challenge_is(challenge, "Bearer") && challenge_param(challenge, "error", &error) &&
		!strcmp(buf_text(&error), "insufficient_claims") &&
		challenge_param(challenge, "claims", &claims) &&
		b64_decode_any(&json, buf_text(&claims), claims.len)) {
		b64_encode(&encoded, buf_text(&json), json.len);
		if (encoded.len && encoded.len < ERR_CLAIMS_SIZE)
			answer->claims = xstrdup(buf_text(&encoded));
	}
	buf_done(&error);
	buf_done(&claims);
	buf_done(&json);
	buf_done(&encoded);
}

static void read_challenges(struct graph_answer *answer, const char *field)
{
	struct challenge challenge;

	while (!answer->claims && challenge_next(&field, &challenge))
		read_claims(&challenge, answer);
}

static void keep_header(const struct http_reply *reply, const char *name, char *ret, size_t size)
{
	struct buf value;

	buf_init(&value);
	if (http_reply_header(reply, name, 0, &value))
		keep(&value, ret, size);
	buf_done(&value);
}

/* Of two none: it is not said which counts. */
static void read_location(const struct http_reply *reply, struct graph_answer *ret)
{
	struct buf location, other;

	buf_init(&location);
	buf_init(&other);
	if (ret->status == 302 && http_reply_header(reply, "Location", 0, &location) &&
		!http_reply_header(reply, "Location", 1, &other))
		ret->location = xstrdup(buf_text(&location));
	buf_wipe(&location);
	buf_wipe(&other);
}

static void read_headers(const struct http_reply *reply, int64_t now_s, struct graph_answer *ret)
{
	struct buf value;

	buf_init(&value);
	ret->retry_after_s = retry_after_of(reply, now_s);
	keep_header(reply, "request-id", ret->request_id, sizeof(ret->request_id));
	keep_header(reply, "x-ms-ags-diagnostic", ret->diagnostic, sizeof(ret->diagnostic));
	keep_header(reply, "Content-Type", ret->media_type, sizeof(ret->media_type));
	read_location(reply, ret);
	for (int i = 0; i < FIELDS_MAX; i++) {
		if (http_reply_header(reply, "WWW-Authenticate", i, &value))
			read_challenges(ret, buf_text(&value));
		buf_done(&value);
	}
}

void graph_answer_read(struct http_reply *reply, int64_t now_s, struct graph_answer *ret)
{
	bool nul; /* stays as it came: whoever reads a string of it minds */

	*ret = (struct graph_answer){.status = reply->status,
		.cut = reply->cut,
		.connection = reply->connection,
		.bytes = reply->body};
	buf_init(&reply->body);
	if (!reply->cut && !json_flaw_of_spans(buf_text(&ret->bytes), ret->bytes.len, &nul))
		ret->body = json_trim((struct json_span){ret->bytes.data, ret->bytes.len});
	if (ret->status != 200)
		read_code(ret);
	read_headers(reply, now_s, ret);
}

void graph_answer_done(struct graph_answer *answer)
{
	buf_done(&answer->bytes);
	free(answer->claims);
	if (answer->location)
		explicit_bzero(answer->location, strlen(answer->location));
	free(answer->location);
	*answer = (struct graph_answer){0};
}

static bool find_part(const struct graph_answer *batch, const char *id, struct json_span *ret)
{
	struct json_span responses, part = {NULL, 0}, part_id;

	if (!json_find(batch->body, "responses", &responses))
		return false;
	while (json_next(responses, &part)) {
		if (json_find(part, "id", &part_id) && json_spells(part_id, id)) {
			*ret = part;
			return true;
		}
	}
	return false;
}

struct part {
	struct json_span status, headers, body; /* text NULL: it has none */
};

/* In one walk: the body may be long. */
static struct part read_part(struct json_span part)
{
	static const char *const NAMES[] = {"status", "headers", "body"};
	struct json_span key, value = {NULL, 0};
	struct part ret = {0};
	struct json_span *const values[] = {&ret.status, &ret.headers, &ret.body};

	while (json_member(part, &key, &value)) {
		for (size_t i = 0; i < 3; i++) {
			if (!values[i]->text && json_spells(key, NAMES[i]))
				*values[i] = value;
		}
	}
	return ret;
}

/* 0 when it is none. */
static int read_status(struct json_span status)
{
	int value = 0;

	for (size_t i = 0; i < status.len; i++) {
		if (status.len != 3 || status.text[i] < '0' || status.text[i] > '9')
			return 0;
		value = 10 * value + (status.text[i] - '0');
	}
	return value >= 100 && value <= 599 ? value : 0;
}

static void note_header(
	struct graph_answer *answer, const char *name, const char *value, int64_t now_s)
{
	int seconds = strcasecmp(name, "Retry-After") ? 0 : retry_after_s(value, now_s);

	if (seconds > answer->retry_after_s)
		answer->retry_after_s = seconds;
	if (!strcasecmp(name, "WWW-Authenticate"))
		read_challenges(answer, value);
}

static void read_part_headers(struct json_span headers, int64_t now_s, struct graph_answer *ret)
{
	struct json_span name, value = {NULL, 0};
	struct buf name_text, value_text;

	while (json_member(headers, &name, &value)) {
		buf_init(&name_text);
		buf_init(&value_text);
		if (json_unquote(name, &name_text) && json_unquote(value, &value_text))
			note_header(ret, buf_text(&name_text), buf_text(&value_text), now_s);
		buf_done(&name_text);
		buf_done(&value_text);
	}
}

bool graph_answer_part(
	const struct graph_answer *batch, const char *id, int64_t now_s, struct graph_answer *ret)
{
	struct json_span span;
	struct part part;
	int status;

	if (!find_part(batch, id, &span))
		return false;
	part = read_part(span);
	status = read_status(part.status);
	if (!status)
		return false;
	*ret = (struct graph_answer){
		.status = status, .body = part.body, .connection = batch->connection};
	memcpy(ret->request_id, batch->request_id, sizeof(ret->request_id));
	if (status != 200)
		read_code(ret);
	read_part_headers(part.headers, now_s, ret);
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

static enum err_code code_of_status(int status)
{
	for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
		if (STATUSES[i].status == status)
			return STATUSES[i].code;
	}
	return ERR_GRAPH_ERROR;
}

bool graph_answer_untaken(const struct graph_answer *answer)
{
	return answer->status == 429 || (answer->status == 503 && answer->retry_after_s);
}

/* Only the public sentence; the detail stays as it is, for the log. */
static void say(struct err *err, const char *message)
{
	snprintf(err->message, sizeof(err->message), "%s", message);
}

/* What Graph says of a user without a licence for what is asked ("Known issues"; SharePoint's
 * answer has no code of its own). */
static const char *lacking(const struct graph_answer *answer)
{
	struct json_span error, message;
	struct buf text;
	bool drive;

	if (!strcmp(answer->code, "MailboxNotEnabledForRESTAPI") ||
		!strcmp(answer->code, "ErrorMailboxNotFound"))
		return "This user has no Exchange Online mailbox.";
	if (strcmp(answer->code, "ResourceNotFound") != 0 ||
		!json_find(answer->body, "error", &error) || !json_find(error, "message", &message))
		return NULL;
	buf_init(&text);
	drive = json_unquote(message, &text) && strcasestr(buf_text(&text), "mysite");
	buf_done(&text);
	return drive ? "This user has no OneDrive." : NULL;
}

/* What Graph has not got is also what it does not show. */
static void say_absent(
	const struct graph_answer *answer, const struct graph_request *request, struct err *err)
{
	const char *lacks = lacking(answer);
	const char *absent = request ? request->not_found : NULL;
	const char *elsewhere = request ? request->elsewhere : NULL;

	if (!elsewhere)
		say(err, lacks ? lacks : absent ? absent : "Microsoft Graph has no such thing.");
	else if (lacks || !absent)
		say(err, elsewhere);
	else
		snprintf(err->message, sizeof(err->message), "%s %s", absent, elsewhere);
}

bool graph_refusal(
	const struct graph_answer *answer, const struct graph_request *request, struct err *err)
{
	const char *theirs = request && answer->status == 400 ? request->bad_request : NULL;
	enum err_code code = theirs ? ERR_BAD_REQUEST : code_of_status(answer->status);

	if (request && request->once && answer->status >= 500 && !graph_answer_untaken(answer))
		code = ERR_OUTCOME_UNKNOWN;
	err_set(err, code, "graph: HTTP status %d code=%s", answer->status,
		*answer->code ? answer->code : "-");
	err_service(err, "graph", answer->code, answer->request_id);
	if (theirs)
		say(err, theirs);
	if (code == ERR_NOT_FOUND)
		say_absent(answer, request, err);
	if (code == ERR_GRAPH_FORBIDDEN && !answer->claims && request && request->elsewhere)
		say(err, request->elsewhere);
	if ((answer->status == 401 || answer->status == 403) && answer->claims) {
		err->code = ERR_INSUFFICIENT_CLAIMS;
		err_ask_claims(err, answer->claims);
	}
	err_wait(err, answer->retry_after_s);
	return false;
}
