#include "door/token_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "http/retry_after.h"

#define NUMBER_DIGITS_MAX 9

/* RFC 6749 §5.2 knows none of these; what a client does then is sign in anew. */
static bool wants_sign_in(struct json_span error)
{
	return json_spells(error, "interaction_required") || json_spells(error, "login_required") ||
	       json_spells(error, "consent_required");
}

static void copy(struct json_span object, struct buf *out)
{
	struct json_span key, value = {NULL, 0};

	buf_adds(out, "{");
	while (json_member(object, &key, &value)) {
		if (json_spells(key, "id_token"))
			continue;
		if (out->len > 1)
			buf_adds(out, ",");
		json_pass(key, out);
		buf_adds(out, ":");
		if (json_spells(key, "error") && wants_sign_in(value))
			buf_adds(out, "\"invalid_grant\"");
		else
			json_pass(value, out);
	}
	buf_adds(out, "}");
}

static void note(struct json_span object, struct token_answer *ret)
{
	struct json_span numbers, trace, number = {NULL, 0};
	struct buf text;

	if (json_find(object, "error_codes", &numbers) && json_next(numbers, &number) &&
		number.len <= NUMBER_DIGITS_MAX)
		ret->number = strtol(number.text, NULL, 10); /* a comma or bracket ends it */
	buf_init(&text);
	if (json_find(object, "trace_id", &trace) && json_unquote(trace, &text) &&
		text.len < sizeof(ret->trace_id))
		memcpy(ret->trace_id, buf_text(&text), text.len + 1);
	buf_done(&text);
}

static bool has_string(struct json_span object, const char *name)
{
	struct json_span value;

	return json_find(object, name, &value) && *value.text == '"' && value.len > 2;
}

/* Whether it is an answer of a token endpoint: tokens, or an error (RFC 6749 §5). */
static bool is_answer(int status, struct json_span object)
{
	if (!json_is_object(object))
		return false;
	return status == 200 ? has_string(object, "access_token")
			     : status >= 400 && status < 500 && has_string(object, "error");
}

static bool refuse(const struct http_reply *reply, struct err *err)
{
	err_set(err, reply->status == 429 ? ERR_THROTTLED : ERR_UPSTREAM_UNAVAILABLE,
		"HTTP status %d%s", reply->status, reply->cut ? ", cut off" : "");
	err_wait(err, retry_after_of(reply, clock_unix_s()));
	return false;
}

bool token_answer_read(const struct http_reply *reply, struct token_answer *ret, struct err *err)
{
	struct json_span body = {buf_text(&reply->body), reply->body.len};
	bool nul;

	*ret = (struct token_answer){.status = reply->status};
	if (reply->cut || reply->status == 429 || json_flaw(body.text, body.len, &nul))
		return refuse(reply, err);
	body = json_trim(body);
	note(body, ret);
	if (!is_answer(reply->status, body))
		return refuse(reply, err);
	copy(body, &ret->body);
	return true;
}

void token_answer_done(struct token_answer *answer)
{
	buf_wipe(&answer->body);
}
