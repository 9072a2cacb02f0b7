/* A call that did not come off, as a model and its user can make use of it. */
#include <string.h>

#include "base/buf.h"
#include "mcp/core.h"

#define CONSENT_KEY "consent" /* our name for the question to the user */

/* Clients begin to sign in, or ask for more scopes, on the HTTP status and its challenge. */
static bool is_for_http(const struct turn *turn, const struct err *err)
{
	return turn->message->http && !turn->in_batch &&
	       (err_info(err->code)->status == 401 || err->code == ERR_INSUFFICIENT_SCOPE ||
		       err->code == ERR_INVALID_REQUEST);
}

/* A modern client that declared it. */
static bool can_send_to_url(const struct turn *turn)
{
	const cJSON *capabilities = cJSON_GetObjectItemCaseSensitive(
		era_meta(turn->rpc), META_CAPABILITIES);
	const cJSON *elicitation = cJSON_GetObjectItemCaseSensitive(capabilities, "elicitation");

	return turn->modern && cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(elicitation, "url"));
}

/* Asked once per call: whether the answer was yes or no, asking again would bring the same. */
static bool can_ask_for_consent(const struct turn *turn, const struct err *err)
{
	const cJSON *answers = cJSON_GetObjectItemCaseSensitive(
		turn->rpc->params, "inputResponses");

	return err->code == ERR_CONSENT_REQUIRED && *err->consent && can_send_to_url(turn) &&
	       !json_given(answers, CONSENT_KEY);
}

/* MCP 2026-07-28, "Multi round-trip requests" and "Elicitation", URL mode. */
static void ask_for_consent(struct turn *turn, const struct err *err)
{
	autofree_json cJSON *requests = or_die(cJSON_CreateObject());
	cJSON *question = json_add_object(requests, CONSENT_KEY), *params;
	autofree char *text = NULL;
	struct buf out;

	json_add(question, "method", "elicitation/create");
	params = json_add_object(question, "params");
	json_add(params, "mode", "url");
	json_add(params, "message", err_message(err));
	json_add(params, "url", err->consent);
	text = json_print(requests);
	turn_open(turn, RESULT_INPUT_REQUIRED, &out);
	buf_adds(&out, "\"inputRequests\":");
	buf_adds(&out, text);
	turn_close(turn, &out);
}

static void add_sentence(struct buf *out, const struct err *err)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, err_message(err));
	if (*err->consent)
		buf_addf(&text, " Consent is given at %s; try again then.", err->consent);
	if (err->retry_after_s > 0)
		buf_addf(&text, " Try again in %d seconds.", err->retry_after_s);
	turn_add_text(out, buf_text(&text));
	buf_done(&text);
}

static void add_details(struct buf *out, const struct err *err, const char *request_id)
{
	const struct err_info *info = err_info(err->code);
	autofree_json cJSON *document = or_die(cJSON_CreateObject());
	autofree char *text = NULL;
	cJSON *error = json_add_object(document, "error");

	json_add(error, "code", info->slug);
	json_add_number(error, "status", info->status);
	json_add(error, "message", err_message(err));
	if (request_id)
		json_add(error, "requestId", request_id);
	if (err->retry_after_s > 0)
		json_add_number(error, "retryAfterSeconds", err->retry_after_s);
	if (*err->consent)
		json_add(error, "consentUrl", err->consent);
	text = json_print(document);
	turn_add_text(out, text);
}

void turn_failed(struct turn *turn, const struct err *err)
{
	struct buf out;

	turn->reply->err = *err;
	if (is_for_http(turn, err)) {
		turn->reply->refused = true;
		return;
	}
	if (can_ask_for_consent(turn, err)) {
		ask_for_consent(turn, err);
		return;
	}
	turn_open(turn, RESULT_COMPLETE, &out);
	buf_adds(&out, "\"content\":[");
	add_sentence(&out, err);
	add_details(&out, err, turn->message->request_id);
	buf_adds(&out, "],\"isError\":true");
	turn_close(turn, &out);
}
