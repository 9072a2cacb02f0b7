#include <string.h>

#include "base/text.h"
#include "endpoints/endpoints.h"

#define NAME_LENGTH_MAX 256 /* characters */

const struct tool tool_hello = {
	.name = "hello",
	.title = "Say hello",
	.description =
		"Returns a greeting, \"Hello, <name>!\". Use it to see that the server can be "
		"reached. Without a name it greets the world. Changes nothing.",
	.input_schema =
		"{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":"
		"256,"
		"\"description\":\"Who to greet, at most 256 characters, no control characters; "
		"for example Adele\"}},\"additionalProperties\":false}",
	.output_schema =
		"{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\","
		"\"description\":"
		"\"The greeting\"}},\"required\":[\"message\"],\"additionalProperties\":false}",
};

static bool greet(const char *name, struct call *call, struct err *err)
{
	struct buf message;

	if (utf8_length(name) > NAME_LENGTH_MAX)
		return err_say(err, ERR_BAD_REQUEST, "name is longer than %d characters.",
			NAME_LENGTH_MAX);
	if (utf8_has_control(name))
		return err_say(err, ERR_BAD_REQUEST, "name must not hold control characters.");
	buf_init(&message, 4 * NAME_LENGTH_MAX + 16);
	buf_addf(&message, "Hello, %s!", *name ? name : "World");
	call->result = cJSON_CreateObject();
	json_add(call->result, "message", buf_text(&message));
	buf_done(&message);
	return true;
}

static bool greet_from_body(struct call *call, struct err *err)
{
	const struct request *request = call->request;
	autofree_json cJSON *body = NULL;
	const cJSON *name;

	if (!request->body_len)
		return greet("", call, err);
	if (!json_parse(request->body, request->body_len, &body, err))
		return false;
	if (!cJSON_IsObject(body))
		return err_say(err, ERR_BAD_REQUEST,
			"The body must be a JSON object such as {\"name\":\"Adele\"}.");
	name = cJSON_GetObjectItemCaseSensitive(body, "name");
	if (!name || cJSON_IsNull(name))
		return greet("", call, err);
	if (!cJSON_IsString(name))
		return err_say(err, ERR_BAD_REQUEST, "name must be a string.");
	return greet(name->valuestring, call, err);
}

bool endpoint_hello(struct call *call, struct err *err)
{
	struct buf name;
	bool found, good;

	buf_init(&name, QUERY_VALUE_MAX);
	good = request_query(call->request, "name", &name, &found, err) &&
	       (found ? greet(buf_text(&name), call, err) : greet_from_body(call, err));
	buf_done(&name);
	return good;
}
