#include "endpoints/endpoints.h"

const struct tool tool_me = {
	.name = "me",
	.title = "My Microsoft profile",
	.description =
		"Returns the signed-in user's Microsoft Graph profile: display name, job title, "
		"mail, phones, office, language. Properties that are not set are null. Needs a "
		"signed-in user. Reads Microsoft Graph, changes nothing.",
	.input_schema = "{\"type\":\"object\",\"properties\":{\"select\":{\"type\":\"array\","
			"\"minItems\":1,"
			"\"maxItems\":64,\"items\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_]"
			"{1,64}$\"},"
			"\"description\":\"Names of the Graph user properties to return instead of "
			"the default "
			"ones; for example [\\\"displayName\\\",\\\"mail\\\"]\"}},"
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
			 "\"preferredLanguage\":{\"type\":[\"string\",\"null\"]}},"
			 "\"additionalProperties\":true}",
	.open_world = true,
};

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
