/* tools/list and tools/call, in both eras. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/trace.h"
#include "mcp/core.h"
#include "mcp/headers.h"

void answer_list(struct turn *turn, const char *list)
{
	/* We never gave one out: there is one page. */
	if (json_given(turn->rpc->params, "cursor"))
		turn_error(turn, 200, RPC_INVALID_PARAMS, "Unknown cursor", NULL);
	else
		turn_result(turn, list);
}

const struct entry *call_entry(const struct turn *turn)
{
	if (strcmp(turn->rpc->method, "tools/call") != 0)
		return NULL;
	return entry_find(turn->server, json_string(turn->rpc->params, "name"));
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
	const char *own = json_string(era_meta(turn->rpc), "traceparent");
	const struct request *http = turn->message->http;
	struct json_span header;

	if (own && trace_read(own, strlen(own), ret))
		return;
	if (http && header_single(http, "traceparent", &header))
		trace_read(header.text, header.len, ret);
}

static void add_text_block(struct buf *out, const char *text)
{
	buf_adds(out, "{\"type\":\"text\",\"text\":");
	json_quote(out, text);
	buf_adds(out, "}");
}

/* The result as JSON text and as structure ("Tools", structured content), then what else there
 * is. */
static void answer_outcome(struct turn *turn, const struct outcome *outcome)
{
	const char *separator = "";
	const cJSON *block;
	struct buf out;

	turn_open(turn, &out);
	buf_adds(&out, "\"content\":[");
	if (outcome->json) {
		add_text_block(&out, outcome->json);
		separator = ",";
	}
	cJSON_ArrayForEach(block, outcome->blocks)
	{
		autofree char *text = json_print(block);

		buf_adds(&out, separator);
		buf_adds(&out, text);
		separator = ",";
	}
	buf_adds(&out, "]");
	if (outcome->json) {
		buf_adds(&out, ",\"structuredContent\":");
		buf_add(&out, outcome->json, outcome->len);
	}
	buf_adds(&out, ",\"isError\":false");
	turn_close(turn, &out);
}

static void run(struct turn *turn, const struct entry *entry, const cJSON *arguments)
{
	const struct mcp_options *options = &turn->server->options;
	char trace[TRACE_SIZE] = "";
	struct outcome outcome = {0};
	struct mcp_call call = {.tool = entry->tool,
		.arguments = arguments,
		.in_batch = turn->in_batch,
		.transport = turn->message->transport};
	autoerr(err);

	read_trace(turn, trace);
	call.traceparent = *trace ? trace : NULL;
	if (!options->run(options->context, &call, &outcome, &err))
		turn_failed(turn, &err);
	else if (entry->tool->output_schema && !outcome.json)
		turn_error(turn, 200, RPC_INTERNAL_ERROR, "Internal error", NULL);
	else
		answer_outcome(turn, &outcome);
	outcome_done(&outcome);
}

void answer_call(struct turn *turn)
{
	const struct entry *entry = call_entry(turn);
	const cJSON *given = json_given(turn->rpc->params, "arguments");
	static const cJSON NONE = {.type = cJSON_Object};
	autoerr(err);

	if (!entry) {
		refuse_name(turn);
		return;
	}
	turn->reply->tool = entry->tool->name;
	if (!given)
		given = &NONE;
	if (!cJSON_IsObject(given))
		turn_error(
			turn, 200, RPC_INVALID_PARAMS, "params.arguments must be an object", NULL);
	else if (!schema_check(entry->input, given, &err))
		turn_failed(turn, &err);
	else
		run(turn, entry, given);
}
