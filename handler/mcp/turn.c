#include "mcp/turn.h"

#include <string.h>

#include "mcp/elicitation.h"

/* our names for the questions */
#define CONSENT_KEY "consent"
#define CONFIRM_KEY "confirm"

static void set_body(struct mcp_reply *reply, int status, char *body)
{
	reply->status = status;
	reply->body = body;
	reply->body_len = strlen(body);
}

void turn_open(const struct turn *turn, enum result_type type, struct buf *out)
{
	static const char *const MODERN[] = {
		[RESULT_COMPLETE] = "{\"resultType\":\"complete\",",
		[RESULT_INPUT_REQUIRED] = "{\"resultType\":\"input_required\",",
	};

	buf_init(out);
	buf_reserve(out, 500);
	rpc_open(out, turn->rpc->id, "result");
	buf_adds(out, turn->modern ? MODERN[type] : "{");
}

void turn_close(struct turn *turn, struct buf *out)
{
	if (turn->modern) {
		buf_adds(out, ",\"_meta\":");
		buf_adds(out, turn->server->result_meta);
	}
	buf_adds(out, "}}");
	set_body(turn->reply, 200, out->data);
}

void turn_add_text(struct buf *out, const char *text)
{
	json_comma(out);
	buf_adds(out, "{\"type\":\"text\",\"text\":");
	json_quote(out, text);
	buf_adds(out, "}");
}

void turn_result(struct turn *turn, const char *object)
{
	size_t n = strlen(object);
	struct buf out;

	turn_open(turn, RESULT_COMPLETE, &out);
	buf_reserve(&out, n + 200); /* at once */
	buf_add(&out, object + 1, n - 2);
	turn_close(turn, &out);
}

void turn_error(struct turn *turn, int status, int code, const char *message, cJSON *data)
{
	enum err_code kind = code == RPC_INTERNAL_ERROR ? ERR_INTERNAL : ERR_BAD_REQUEST;

	set_body(turn->reply, status, rpc_error(turn->rpc->id, code, message, data));
	turn->reply->code = code;
	err_say(&turn->reply->err, kind, "%s", message);
}

const cJSON *turn_capabilities(const struct turn *turn)
{
	const cJSON *declared = cJSON_GetObjectItemCaseSensitive(
		rpc_meta(turn->rpc), META_CAPABILITIES);

	return cJSON_IsObject(declared) ? declared : NULL;
}

/* Clients begin to sign in, or ask for more scopes, on the HTTP status and its challenge. */
static bool is_for_http(const struct turn *turn, const struct err *err)
{
	return turn->message->http && !turn->in_batch &&
	       (err_info(err->code)->status == 401 || err->code == ERR_INSUFFICIENT_SCOPE ||
		       err->code == ERR_INVALID_REQUEST);
}

/* The answer that the request brings to the question of that name; NULL: none. */
static const cJSON *answer_to(const struct turn *turn, const char *name)
{
	return json_given(
		cJSON_GetObjectItemCaseSensitive(turn->rpc->params, "inputResponses"), name);
}

/* Asked once per call: whether the answer was yes or no, asking again would bring the same.  Nor
 * behind an answer to the other question, which would then have to be asked again. */
static bool can_ask_for_consent(const struct turn *turn, const struct err *err)
{
	return err->code == ERR_CONSENT_REQUIRED && *err_upstream(err)->consent && turn->modern &&
	       elicitation_takes_urls(turn_capabilities(turn)) && !answer_to(turn, CONSENT_KEY) &&
	       !answer_to(turn, CONFIRM_KEY);
}

/* Ends the turn with a question by that name; params are taken over. */
static void ask(struct turn *turn, const char *name, cJSON *params, const char *state)
{
	autofree_json cJSON *requests = or_die(cJSON_CreateObject());
	cJSON *request = json_add_object(requests, name);
	autofree char *text = NULL;
	struct buf out;

	json_add(request, "method", "elicitation/create");
	cJSON_AddItemToObject(request, "params", params);
	text = json_print(requests);
	turn_open(turn, RESULT_INPUT_REQUIRED, &out);
	buf_adds(&out, "\"inputRequests\":");
	buf_adds(&out, text);
	if (state) {
		buf_adds(&out, ",\"requestState\":");
		json_quote(&out, state);
	}
	turn_close(turn, &out);
}

struct person turn_person(const struct turn *turn)
{
	return (struct person){.can_be_asked = elicitation_takes_forms(turn_capabilities(turn)),
		.answer = elicitation_answer(answer_to(turn, CONFIRM_KEY)),
		.state = json_string(turn->rpc->params, "requestState")};
}

void turn_ask(struct turn *turn, const struct question *question)
{
	ask(turn, CONFIRM_KEY, elicitation_form(question->text), question->state);
}

static void add_sentence(struct buf *out, const struct err *err)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, err_message(err));
	if (*err_upstream(err)->consent)
		buf_addf(&text, " Consent is given at %s; try again then.",
			err_upstream(err)->consent);
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
	if (*err_upstream(err)->consent)
		json_add(error, "consentUrl", err_upstream(err)->consent);
	if (*err_upstream(err)->claims)
		json_add(error, "claims", err_upstream(err)->claims);
	text = json_print(document);
	turn_add_text(out, text);
}

void turn_failed(struct turn *turn, const struct err *err)
{
	struct buf out;

	err_copy(err, &turn->reply->err);
	if (is_for_http(turn, err)) {
		turn->reply->refused = true;
		return;
	}
	if (can_ask_for_consent(turn, err)) {
		ask(turn, CONSENT_KEY,
			elicitation_url(err_message(err), err_upstream(err)->consent), NULL);
		return;
	}
	turn_open(turn, RESULT_COMPLETE, &out);
	buf_adds(&out, "\"content\":[");
	add_sentence(&out, err);
	add_details(&out, err, turn->message->request_id);
	buf_adds(&out, "],\"isError\":true");
	turn_close(turn, &out);
}
