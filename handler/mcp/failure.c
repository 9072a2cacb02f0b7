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

	return err->code == ERR_CONSENT_REQUIRED && *err_upstream(err)->consent &&
	       can_send_to_url(turn) && !json_given(answers, CONSENT_KEY);
}

/* MCP 2026-07-28, "Multi round-trip requests" and "Elicitation", URL mode. */
static void ask_for_consent(struct turn *turn, const struct err *err)
{
	cJSON *result = turn_begin(turn, "input_required");
	cJSON *question = json_add_object(json_add_object(result, "inputRequests"), CONSENT_KEY);
	cJSON *params;

	json_add(question, "method", "elicitation/create");
	params = json_add_object(question, "params");
	json_add(params, "mode", "url");
	json_add(params, "message", err_message(err));
	json_add(params, "url", err_upstream(err)->consent);
	turn_end(turn, result);
}

static void add_sentence(cJSON *content, const struct err *err)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, err_message(err));
	if (*err_upstream(err)->consent)
		buf_addf(&text, " Consent is given at %s; try again then.",
			err_upstream(err)->consent);
	if (err->retry_after_s > 0)
		buf_addf(&text, " Try again in %d seconds.", err->retry_after_s);
	turn_add_text(content, buf_text(&text));
	buf_done(&text);
}

static void add_details(cJSON *content, const struct err *err, const char *request_id)
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
	if (*err_upstream(err)->consent)
		json_add(error, "consentUrl", err_upstream(err)->consent);
	text = json_print(document);
	turn_add_text(content, text);
}

void turn_failed(struct turn *turn, const struct err *err)
{
	cJSON *result, *content;

	err_copy(err, &turn->reply->err);
	if (is_for_http(turn, err)) {
		turn->reply->refused = true;
		return;
	}
	if (can_ask_for_consent(turn, err)) {
		ask_for_consent(turn, err);
		return;
	}
	result = turn_begin(turn, "complete");
	content = json_add_array(result, "content");
	add_sentence(content, err);
	add_details(content, err, turn->message->request_id);
	or_die(cJSON_AddBoolToObject(result, "isError", true));
	turn_end(turn, result);
}
