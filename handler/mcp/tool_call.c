#include "mcp/tool_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/trace.h"
#include "mcp/headers.h"
#include "mcp/turn.h"

#define QUESTIONS_MAX 3 /* of one call */

const struct listed_tool *tool_called(const struct turn *turn)
{
	if (strcmp(turn->rpc->method, "tools/call") != 0)
		return NULL;
	return tool_list_find(&turn->server->tools, json_string(turn->rpc->params, "name"));
}

static void refuse_name(struct turn *turn)
{
	const char *name = json_string(turn->rpc->params, "name");
	char message[96] = "Unknown tool";
	size_t n = name ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.-")
			: 0;

	if (!name)
		snprintf(message, sizeof(message), "params.name must be a string");
	else if (n && n <= 64 && !name[n])
		snprintf(message, sizeof(message), "Unknown tool: %s", name);
	turn_error(turn, 200, RPC_INVALID_PARAMS, message, NULL);
}

static void read_trace(const struct turn *turn, char *ret)
{
	const char *own = json_string(rpc_meta(turn->rpc), "traceparent");
	const struct request *http = turn->message->http;
	struct json_span header;

	if (own && trace_read(own, strlen(own), ret))
		return;
	if (http && header_single(http, "traceparent", &header))
		trace_read(header.text, header.len, ret);
}

/* The result as JSON text and as structure ("Tools", structured content), then what else there
 * is. */
static void answer_outcome(struct turn *turn, const struct outcome *outcome)
{
	const cJSON *block;
	struct buf out;

	turn_open(turn, RESULT_COMPLETE, &out);
	buf_adds(&out, "\"content\":[");
	if (outcome->json)
		turn_add_text(&out, outcome->json);
	cJSON_ArrayForEach(block, outcome->blocks)
	{
		autofree char *text = json_print(block);

		json_comma(&out);
		buf_adds(&out, text);
	}
	buf_adds(&out, "]");
	if (outcome->json) {
		buf_adds(&out, ",\"structuredContent\":");
		buf_add(&out, outcome->json, outcome->len);
	}
	buf_adds(&out, ",\"isError\":false");
	turn_close(turn, &out);
}

static struct person person_of(const struct turn *turn)
{
	if (turn->in_batch)
		return (struct person){.can_be_asked = false};
	return turn->modern ? turn_person(turn)
			    : (struct person){.can_be_asked = turn->message->asker != NULL};
}

/* Puts the question, waits, and has the answer for the next run.  False, with err: none came. */
static bool hear_answer(
	const struct turn *turn, const struct question *asked, struct person *ret, struct err *err)
{
	const struct mcp_asker *asker = turn->message->asker;

	ret->state = asked->state;
	ret->answer = asker->ask(asker, asked->text);
	if (ret->answer == PERSON_BUSY)
		return err_say(err, ERR_CONFIRMATION_REQUIRED,
			"As many questions to the person are open as may be: this one was not put. "
			"Nothing was done; call again when others are answered.");
	return ret->answer != PERSON_SILENT ||
	       err_say(err, ERR_CONFIRMATION_REQUIRED,
		       "Nobody answered whether this may be done. Nothing was done.");
}

/* In the legacy era we wait for the answer to a question; in the modern one it comes with another
 * request.  What is asked about may change meanwhile: then it is asked anew.  *asked is
 * room for the question, whose state the call points to. */
static bool run_and_ask(struct turn *turn, struct tool_call *call, struct question *asked,
	struct outcome *ret, struct err *err)
{
	const struct mcp_options *options = &turn->server->options;

	for (int i = 0; i < QUESTIONS_MAX; i++) {
		bool heard;

		if (!options->run(options->context, call, ret, err))
			return false;
		if (!ret->question.text || turn->modern)
			return true;
		*asked = ret->question;
		*ret = (struct outcome){0};
		heard = hear_answer(turn, asked, &call->person, err);
		free(asked->text);
		if (!heard)
			return false;
	}
	return err_say(err, ERR_CONFIRMATION_REQUIRED,
		"What is to be done changed each time that it was confirmed. Nothing was done.");
}

static void run(struct turn *turn, const struct listed_tool *called, const cJSON *arguments)
{
	char trace[TRACE_SIZE] = "";
	struct question asked;
	struct outcome outcome = {0};
	struct tool_call call = {.tool = called->tool,
		.arguments = arguments,
		.in_batch = turn->in_batch,
		.transport = turn->message->transport,
		.person = person_of(turn)};
	autoerr(err);

	read_trace(turn, trace);
	call.traceparent = *trace ? trace : NULL;
	if (!run_and_ask(turn, &call, &asked, &outcome, &err))
		turn_failed(turn, &err);
	else if (outcome.question.text)
		turn_ask(turn, &outcome.question);
	else if (called->tool->output_schema && !outcome.json)
		turn_error(turn, 200, RPC_INTERNAL_ERROR, "Internal error", NULL);
	else
		answer_outcome(turn, &outcome);
	outcome_done(&outcome);
}

void tool_call_answer(struct turn *turn)
{
	const struct listed_tool *called = tool_called(turn);
	const cJSON *given = json_given(turn->rpc->params, "arguments");
	static const cJSON NONE = {.type = cJSON_Object};
	autoerr(err);

	if (!called) {
		refuse_name(turn);
		return;
	}
	turn->reply->tool = called->tool->name;
	if (!given)
		given = &NONE;
	if (!cJSON_IsObject(given))
		turn_error(
			turn, 200, RPC_INVALID_PARAMS, "params.arguments must be an object", NULL);
	else if (!schema_check(called->input, given, &err))
		turn_failed(turn, &err);
	else
		run(turn, called, given);
}
