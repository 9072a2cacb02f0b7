#include <string.h>

#include "base/text.h"
#include "endpoints/endpoints.h"

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

bool hello_read(struct http_exchange *exchange, cJSON **ret, struct err *err)
{
	const struct request *request = exchange->request;
	struct buf name;
	bool found, good;

	buf_init(&name);
	good = request_query(request, "name", &name, &found, err);
	if (good && found) {
		*ret = cJSON_CreateObject();
		json_add(*ret, "name", buf_text(&name));
	} else if (good) {
		good = exchange_read_json(exchange, ret, err);
	}
	buf_done(&name);
	return good;
}

bool endpoint_hello(struct call *call, struct err *err)
{
	const char *name = json_string(call->arguments, "name");
	char storage[256];
	struct buf message;
	cJSON *result;

	if (name && utf8_has_control(name))
		return err_say(err, ERR_BAD_REQUEST, "name must not hold control characters.");
	buf_init_in(&message, storage, sizeof(storage));
	buf_adds(&message, "Hello, ");
	buf_adds(&message, name && *name ? name : "World");
	buf_adds(&message, "!");
	result = cJSON_CreateObject();
	json_add(result, "message", buf_text(&message));
	buf_done(&message);
	outcome_tree(&call->outcome, result);
	return true;
}
