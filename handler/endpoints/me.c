#include "endpoints/endpoints.h"
#include "graph/batch.h"

const struct tool tool_me = {
	.name = "me",
	.title = "My Microsoft profile",
	.description =
		"Returns the signed-in user's Microsoft Graph profile: display name, job title, "
		"mail, phones, office, language. Properties that are not set are null. Needs a "
		"signed-in user. Reads Microsoft Graph, changes nothing.",
	.input_schema =
		"{\"type\":\"object\",\"properties\":{\"select\":{\"type\":\"array\","
		"\"minItems\":1,"
		"\"maxItems\":64,\"items\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_]"
		"{1,64}$\"},"
		"\"description\":\"Names of the Graph user properties to return instead of "
		"the default "
		"ones; for example [\\\"displayName\\\",\\\"mail\\\"]\"},"
		"\"include\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
		"\"enum\":[\"photo\",\"manager\"]},\"description\":\"What else to read: the "
		"photo as base64, the manager's profile\"}},"
		"\"additionalProperties\":false}",
	.output_schema = "{\"type\":\"object\",\"properties\":{"
			 "\"id\":{\"type\":\"string\",\"description\":\"The user's object id\"},"
			 "\"displayName\":{\"type\":[\"string\",\"null\"]},"
			 "\"givenName\":{\"type\":[\"string\",\"null\"]},"
			 "\"surname\":{\"type\":[\"string\",\"null\"]},"
			 "\"userPrincipalName\":{\"type\":[\"string\",\"null\"]},"
			 "\"mail\":{\"type\":[\"string\",\"null\"]},"
			 "\"jobTitle\":{\"type\":[\"string\",\"null\"]},"
			 "\"mobilePhone\":{\"type\":[\"string\",\"null\"]},"
			 "\"businessPhones\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
			 "\"officeLocation\":{\"type\":[\"string\",\"null\"]},"
			 "\"preferredLanguage\":{\"type\":[\"string\",\"null\"]},"
			 "\"photo\":{\"type\":[\"object\",\"null\"],\"description\":"
			 "\"contentType and data (base64), or error; null: none\"},"
			 "\"manager\":{\"type\":[\"object\",\"null\"],\"description\":"
			 "\"The manager's profile, or error; null: none\"}},"
			 "\"additionalProperties\":true}",
	.open_world = true,
};

static bool read_include(struct call *call, struct err *err)
{
	struct buf include;
	bool found, good;

	buf_init(&include, QUERY_VALUE_MAX);
	good = request_query(call->request, "include", &include, &found, err);
	if (good && found && !graph_include_parse(buf_text(&include), &call->graph.include))
		good = err_say(
			err, ERR_BAD_REQUEST, "include must be photo, manager or photo,manager.");
	buf_done(&include);
	return good;
}

bool endpoint_me(struct call *call, struct err *err)
{
	struct buf select;
	bool found, good;

	buf_init(&select, QUERY_VALUE_MAX);
	good = request_query(call->request, "$select", &select, &found, err);
	if (good && found && !graph_select_valid(buf_text(&select)))
		good = err_say(err, ERR_BAD_REQUEST,
			"$select must be 1 to 64 property names (letters, digits, _) separated by "
			"commas, for example displayName,mail.");
	good = good && read_include(call, err);
	if (good) {
		call->graph.caller = &call->caller;
		call->graph.select = found ? buf_text(&select) : NULL;
		call->graph.correlation_id = call->correlation_id;
		good = graph_me(call->service->graph, &call->graph, &call->result, err);
	}
	call->graph.select = NULL;
	buf_done(&select);
	return good;
}
