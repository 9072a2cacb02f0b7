#include <string.h>

#include "base/text.h"
#include "endpoints/endpoints.h"
#include "graph/batch.h"
#include "graph/gateway.h"

const struct tool tool_me = {
	.name = "me",
	.title = "My Microsoft profile",
	.description =
		"Returns the signed-in user's Microsoft Graph profile: display name, job title, "
		"mail, phones, office, language. Properties that are not set are null. Use it for "
		"questions about who the user is; it reads nobody else's data. Needs a signed-in "
		"user. Reads Microsoft Graph, changes nothing.",
	.input_schema =
		"{\"type\":\"object\",\"properties\":{\"select\":{\"type\":\"array\","
		"\"minItems\":1,"
		"\"maxItems\":64,\"items\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9_]"
		"{1,64}$\"},"
		"\"description\":\"Names of the Graph user properties to return instead of "
		"the default ones\",\"examples\":[[\"displayName\",\"mail\"]]},"
		"\"include\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
		"\"enum\":[\"photo\",\"manager\"]},\"description\":\"What else to read: the "
		"photo, the manager's profile\"}},"
		"\"additionalProperties\":false}",
	.output_schema =
		"{\"type\":\"object\",\"properties\":{"
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
		"\"contentType, with the picture as an image block (over HTTP as base64 in "
		"data); or error; null: none\"},"
		"\"manager\":{\"type\":[\"object\",\"null\"],\"description\":"
		"\"The manager's profile, or error; null: none\"}},"
		"\"additionalProperties\":true}",
	.open_world = true,
};

/* The parts of a comma-separated query parameter as an array, if there is one. */
static bool read_list(const struct request *request, const char *parameter, cJSON *arguments,
	const char *argument, struct err *err)
{
	struct buf value;
	bool found, good;

	buf_init(&value);
	good = request_query(request, parameter, &value, &found, err);
	if (good && found) {
		cJSON *list = json_add_array(arguments, argument);

		for (const char *part = buf_text(&value);; part++) {
			size_t n = strcspn(part, ",");
			autofree char *name = xstrndup(part, n);

			cJSON_AddItemToArray(list, cJSON_CreateString(name));
			part += n;
			if (!*part)
				break;
		}
	}
	buf_done(&value);
	return good;
}

bool me_read(struct call *call, cJSON **ret, struct err *err)
{
	*ret = cJSON_CreateObject();
	return read_list(call->request, "$select", *ret, "select", err) &&
	       read_list(call->request, "include", *ret, "include", err);
}

/* The names, which the schema has checked, separated by commas; NULL when there are none. */
static char *join_select(const cJSON *names)
{
	const cJSON *name;
	struct buf list;

	buf_init(&list);
	cJSON_ArrayForEach(name, names)
	{
		buf_adds(&list, list.len ? "," : "");
		buf_adds(&list, name->valuestring);
	}
	return list.data;
}

static unsigned include_bits(const cJSON *names)
{
	unsigned bits = 0;
	const cJSON *name;

	cJSON_ArrayForEach(name, names)
	{
		bits |= !strcmp(name->valuestring, "photo") ? GRAPH_INCLUDE_PHOTO
							    : GRAPH_INCLUDE_MANAGER;
	}
	return bits;
}

/* A model sees a picture in an image block; as base64 text it only fills its memory. */
static void photo_as_image(struct call *call)
{
	cJSON *photo = cJSON_GetObjectItemCaseSensitive(call->result, "photo");
	cJSON *data = cJSON_DetachItemFromObjectCaseSensitive(photo, "data");
	cJSON *image;

	if (!data)
		return;
	call->content = cJSON_CreateArray();
	image = cJSON_CreateObject();
	cJSON_AddItemToArray(call->content, image);
	json_add(image, "type", "image");
	json_add(image, "mimeType", json_string(photo, "contentType"));
	cJSON_AddItemToObject(image, "data", data);
}

bool endpoint_me(struct call *call, struct err *err)
{
	const struct service *service = call->service;
	autofree char *select = join_select(
		cJSON_GetObjectItemCaseSensitive(call->arguments, "select"));
	bool good;

	call->graph.caller = &call->caller;
	call->graph.select = select;
	call->graph.include = include_bits(
		cJSON_GetObjectItemCaseSensitive(call->arguments, "include"));
	call->graph.correlation_id = call->correlation_id;
	call->graph.trace = call->trace;
	call->graph.deadline = call->deadline;
	good = service->gateway ? gateway_me(service->gateway, &call->graph, &call->result, err)
				: graph_me(service->graph, &call->graph, &call->result, err);
	call->graph.select = NULL;
	if (good && call->as_tool)
		photo_as_image(call);
	return good;
}
