#include <string.h>

#include "endpoints/endpoints.h"

const struct tool tool_echo = {
	.name = "echo",
	.title = "Echo text",
	.description = "Returns the text it is given, unchanged. Use it to check how text survives "
		       "the way to this server and back. Changes nothing.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\","
			"\"description\":"
			"\"The text to return; for example hi\"}},\"required\":[\"text\"],"
			"\"additionalProperties\":false}",
	.output_schema = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\","
			 "\"description\":"
			 "\"The text as "
			 "received\"}},\"required\":[\"text\"],\"additionalProperties\":false}",
};

/* Types that a browser does not run.  Anything else comes back as bytes, so that nobody can serve
 * a page of their own from this origin. */
static const char *const HARMLESS[] = {
	"application/json", "text/plain", "application/octet-stream"};

/* Parameters of one media type: a list of types would be read as its last one.  Quoted values are
 * left out; nobody needs them here.  RFC 9110 §5.6.6 */
static bool are_parameters(const char *text)
{
	static const char TOKEN[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n;

	for (text += strspn(text, " \t"); *text; text += n + strspn(text + n, " \t")) {
		if (*text++ != ';')
			return false;
		text += strspn(text, " \t");
		n = strspn(text, TOKEN);
		if (!n || text[n] != '=')
			return false;
		text += n + 1;
		n = strspn(text, TOKEN);
		if (!n)
			return false;
	}
	return true;
}

static const char *answer_type(const struct request *request)
{
	const char *type = request_header(request, "Content-Type");

	for (size_t i = 0; i < sizeof(HARMLESS) / sizeof(HARMLESS[0]); i++) {
		if (request_is_type(request, HARMLESS[i]) &&
			are_parameters(type + strlen(HARMLESS[i])))
			return type;
	}
	return "application/octet-stream";
}

bool echo_raw(struct http_exchange *exchange, struct err *err)
{
	const struct request *request = exchange->request;

	(void)err;
	response_body_static(
		exchange->response, "application/octet-stream", request->body, request->body_len);
	response_header(exchange->response, "Content-Type", answer_type(request));
	return true;
}

bool endpoint_echo(struct call *call, struct err *err)
{
	cJSON *result = cJSON_CreateObject();

	(void)err;
	json_add(result, "text", json_string(call->arguments, "text"));
	outcome_tree(&call->outcome, result);
	return true;
}
