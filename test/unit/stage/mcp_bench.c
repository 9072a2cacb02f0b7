#include "mcp_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_ARGUMENTS "{\"type\":\"object\",\"additionalProperties\":false}"
#define ANY_OBJECT "{\"type\":\"object\"}"

struct bench bench;

static const struct tool ECHO = {.name = "echo",
	.title = "Echo",
	.description = "Returns the text.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\","
			"\"maxLength\":16,\"examples\":[\"hi\"]}},\"required\":[\"text\"],"
			"\"additionalProperties\":false}",
	.output_schema = ANY_OBJECT};
static const struct tool FAIL = {.name = "fail",
	.title = "Fail",
	.description = "Fails.",
	.input_schema = NO_ARGUMENTS,
	.output_schema = ANY_OBJECT,
	.open_world = true};
static const struct tool IMAGE = {.name = "image",
	.title = "Image",
	.description = "Answers blocks only.",
	.input_schema = NO_ARGUMENTS};
static const struct tool NOISY = {.name = "noisy",
	.title = "Noisy",
	.description = "Answers both.",
	.input_schema = NO_ARGUMENTS,
	.output_schema = ANY_OBJECT};
static const struct tool RAW = {.name = "raw",
	.title = "Raw",
	.description = "Answers printed text.",
	.input_schema = NO_ARGUMENTS,
	.output_schema = ANY_OBJECT};
static const struct tool BROKEN = {.name = "broken",
	.title = "Broken",
	.description = "Answers nothing.",
	.input_schema = NO_ARGUMENTS,
	.output_schema = ANY_OBJECT};
static const struct tool SAMPLE = {.name = "sample",
	.title = "Sample",
	.description = "Needs the client.",
	.input_schema = NO_ARGUMENTS,
	.needs_capability = "sampling"};
static const struct tool REGION = {.name = "region",
	.title = "Region",
	.description = "Has headers.",
	.input_schema =
		"{\"type\":\"object\",\"properties\":{"
		"\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
		"\"limit\":{\"type\":\"integer\",\"x-mcp-header\":\"Limit\"},"
		"\"dry\":{\"type\":\"boolean\",\"x-mcp-header\":\"Dry\"},"
		"\"where\":{\"type\":\"object\",\"properties\":{\"zone\":{\"type\":\"string\","
		"\"x-mcp-header\":\"Zone\"}}}},\"additionalProperties\":false}"};

static const struct tool ASK = {.name = "ask",
	.title = "Ask",
	.description = "Asks first.",
	.input_schema = NO_ARGUMENTS,
	.output_schema = ANY_OBJECT,
	.writes = true};

static const struct tool *const TOOLS[] = {
	&SAMPLE, &ASK, &REGION, &RAW, &NOISY, &IMAGE, &FAIL, &ECHO, &BROKEN};

static void note(const struct tool_call *call)
{
	autofree char *arguments = json_print(call->arguments);

	bench.calls++;
	snprintf(bench.tool, sizeof(bench.tool), "%s", call->tool->name);
	snprintf(bench.arguments, sizeof(bench.arguments), "%s", arguments);
	snprintf(bench.traceparent, sizeof(bench.traceparent), "%s",
		call->traceparent ? call->traceparent : "");
	bench.transport = call->transport;
}

bool bench_ask(const struct tool_call *call, struct outcome *ret, struct err *err)
{
	const struct person *person = &call->person;
	cJSON *result;

	if (person->answer == PERSON_DECLINES || person->answer == PERSON_CANCELS)
		return err_set(err, ERR_DECLINED, "test");
	if (person->answer == PERSON_AGREES && person->state && !strcmp(person->state, "s-1")) {
		result = cJSON_CreateObject();
		json_add(result, "done", "yes");
		outcome_tree(ret, result);
		return true;
	}
	if (!person->can_be_asked)
		return err_set(err, ERR_CONFIRMATION_REQUIRED, "test");
	ret->question.text = xstrdup("Do it?");
	snprintf(ret->question.state, sizeof(ret->question.state), "s-1");
	return true;
}

static bool run(void *context, const struct tool_call *call, struct outcome *ret, struct err *err)
{
	static const char BIG[] = "{\"big\":12345678901234567890}";
	const struct tool *tool = call->tool;

	assert_ptr_equal(context, &bench);
	note(call);
	if (tool == &ASK)
		return bench_ask(call, ret, err);
	if (tool == &FAIL) {
		err_copy(&bench.failure, err);
		return false;
	}
	if (tool == &ECHO)
		outcome_tree(ret, cJSON_Duplicate(call->arguments, true));
	if (tool == &RAW)
		outcome_fixed(ret, BIG, sizeof(BIG) - 1);
	if (tool == &NOISY)
		outcome_tree(ret, cJSON_CreateObject());
	if (tool == &NOISY || tool == &IMAGE)
		ret->blocks = cJSON_Parse("[{\"type\":\"image\",\"data\":\"AA==\",\"mimeType\":"
					  "\"image/png\"},{\"type\":\"text\",\"text\":\"x\"}]");
	return true;
}

int bench_set_up(void **state)
{
	struct mcp_options options = {.name = "bench",
		.title = "Bench",
		.version = "1.2.3",
		.instructions = "Try things.",
		.tools = TOOLS,
		.tool_count = COUNT_OF(TOOLS),
		.run = run,
		.context = &bench};

	(void)state;
	bench = (struct bench){.server = mcp_new(&options)};
	return 0;
}

int bench_tear_down(void **state)
{
	(void)state;
	err_done(&bench.failure);
	mcp_reply_done(&bench.reply);
	mcp_free(bench.server);
	return 0;
}

/* Cuts a copy of the lines into the request's headers. */
static void set_headers(struct request *request, char *lines)
{
	char *rest = lines, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		char *colon = strchr(line, ':');

		assert_non_null(colon);
		*colon = '\0';
		request->headers[request->header_count++] = (struct header){line, colon + 1};
	}
}

void bench_send(const char *headers, const char *text, size_t n)
{
	struct request request = {.method = "POST", .path = "/mcp", .query = ""};
	autofree char *lines = headers ? strdup(headers) : NULL;
	struct mcp_message message = {.text = text,
		.len = n,
		.http = headers ? &request : NULL,
		.transport = &bench,
		.request_id = "r-1"};

	if (lines)
		set_headers(&request, lines);
	mcp_reply_done(&bench.reply);
	mcp_answer(bench.server, &message, &bench.reply);
	if (bench.reply.body)
		assert_int_equal(bench.reply.body_len, strlen(bench.reply.body));
}

void bench_expect(const char *headers, const char *text, int status, const char *body)
{
	size_t n = strlen(body);
	const char *got;
	bool same;

	bench_send(headers, text, strlen(text));
	got = bench.reply.body ? bench.reply.body : "";
	same = n && body[n - 1] == '*' ? !strncmp(got, body, n - 1) : !strcmp(got, body);
	check(same && bench.reply.status == status, "%s\n%s\n-> %d %s", headers ? headers : "-",
		text, bench.reply.status, got);
}
