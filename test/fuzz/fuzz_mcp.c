/* A message with its HTTP headers, put to the protocol core.  The input: a line "stdio" or header
 * lines, an empty line, the body.  What must hold whatever comes in: an answer is one line of JSON,
 * has a status of the transport's, and calls reach the runner only with arguments of the schema. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "mcp/mcp_server.h"

static const struct tool ECHO = {.name = "echo",
	.title = "Echo",
	.description = "Returns its arguments.",
	.input_schema =
		"{\"type\":\"object\",\"properties\":{"
		"\"text\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":40,"
		"\"examples\":[\"hi\"]},"
		"\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\",\"enum\":[\"eu\","
		"\"us\"]},"
		"\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,"
		"\"x-mcp-header\":\"Limit\"},"
		"\"select\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":4,\"uniqueItems\":true,"
		"\"items\":{\"type\":[\"string\",\"null\"],\"pattern\":\"^[a-z]{1,8}$\"}},"
		"\"where\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}},"
		"\"required\":[\"a\"]}},"
		"\"required\":[\"text\"],\"additionalProperties\":false}",
	.output_schema = "{\"type\":\"object\"}"};
static const struct tool FAIL = {.name = "fail",
	.title = "Fail",
	.description = "Fails for want of consent.",
	.input_schema = "{\"type\":\"object\",\"additionalProperties\":false}",
	.needs_capability = "elicitation"};

static bool run(void *context, const struct tool_call *call, struct outcome *ret, struct err *err)
{
	(void)context;
	assert(cJSON_IsObject(call->arguments));
	if (call->tool == &FAIL) {
		err_say(err, ERR_CONSENT_REQUIRED, "Consent is missing.");
		err_ask_consent(err, "https://c.example");
		return false;
	}
	assert(utf8_length(json_string(call->arguments, "text")) <= 40);
	outcome_tree(ret, cJSON_Duplicate(call->arguments, true));
	return true;
}

static struct mcp_server *server(void)
{
	static const struct tool *const TOOLS[] = {&FAIL, &ECHO};
	static struct mcp_server *the_server;
	struct mcp_options options = {.name = "fuzz",
		.title = "Fuzz",
		.version = "1",
		.instructions = "i",
		.tools = TOOLS,
		.tool_count = 2,
		.run = run};

	if (!the_server)
		the_server = mcp_new(&options);
	return the_server;
}

static void check_reply(const struct mcp_reply *reply)
{
	cJSON *tree;

	assert(!reply->refused);
	assert(reply->status == 200 || reply->status == 202 || reply->status == 400 ||
		reply->status == 404);
	assert((reply->status == 202) == !reply->body);
	assert(reply->status == 200 || reply->status == 202 || reply->code);
	if (!reply->body)
		return;
	assert(strlen(reply->body) == reply->body_len);
	assert(!strchr(reply->body, '\n') && utf8_valid(reply->body, reply->body_len));
	/* cJSON cannot read half a surrogate pair, which an id may hold */
	tree = cJSON_Parse(reply->body);
	assert(tree || strstr(reply->body, "\\u"));
	cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = {.method = "POST", .path = "/mcp", .query = ""};
	char *text = fuzz_text(data, size);
	const char *body = fuzz_headers(&request, text);
	struct mcp_message message = {.text = body,
		.len = size - (size_t)(body - text),
		.http = strncmp(text, "stdio", 6) ? &request : NULL,
		.request_id = "r"};
	struct mcp_reply reply;

	mcp_answer(server(), &message, &reply);
	check_reply(&reply);
	mcp_reply_done(&reply);
	free(text);
	return 0;
}
