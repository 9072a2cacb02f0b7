#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "endpoints/endpoints.h"
#include "graph/batch.h"

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
		"{1,128}$\"},"
		"\"description\":\"Names of the Graph user properties to return instead of "
		"the default ones\",\"examples\":[[\"displayName\",\"mail\"]]},"
		"\"include\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
		"\"enum\":[\"photo\",\"manager\"]},\"description\":\"What else to read: the "
		"photo, the manager's profile\"}},"
		"\"additionalProperties\":false}",
	.output_schema =
		"{\"type\":\"object\",\"properties\":{"
		"\"id\":{\"type\":\"string\",\"description\":\"The user's object id\"},"
		"\"displayName\":{" TOOL_TEXT_OR_NULL "},"
		"\"givenName\":{" TOOL_TEXT_OR_NULL "},"
		"\"surname\":{" TOOL_TEXT_OR_NULL "},"
		"\"userPrincipalName\":{" TOOL_TEXT_OR_NULL "},"
		"\"mail\":{" TOOL_TEXT_OR_NULL "},"
		"\"jobTitle\":{" TOOL_TEXT_OR_NULL "},"
		"\"mobilePhone\":{" TOOL_TEXT_OR_NULL "},"
		"\"businessPhones\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
		"\"officeLocation\":{" TOOL_TEXT_OR_NULL "},"
		"\"preferredLanguage\":{" TOOL_TEXT_OR_NULL "},"
		"\"photo\":{" TOOL_OBJECT_OR_NULL ",\"description\":"
		"\"contentType, with a PNG, JPEG, GIF or WebP as an image block (over HTTP any as "
		"base64 in data); or error; null: none\"},"
		"\"manager\":{" TOOL_OBJECT_OR_NULL ",\"description\":"
		"\"The manager's profile, or error; null: none\"}},"
		"\"additionalProperties\":true}",
	.open_world = true,
};

/* Query parameters that are lists, separated by commas, and the arguments that they become. */
static const struct list {
	const char *parameter;
	const char *argument;
} SELECT = {"$select", "select"}, INCLUDE = {"include", "include"};

/* The parts of the list as an array, if there is one. */
static bool read_list(
	const struct request *request, const struct list *list, cJSON *arguments, struct err *err)
{
	struct buf value;
	bool found, good;

	buf_init(&value);
	good = request_query(request, list->parameter, &value, &found, err);
	if (good && found) {
		cJSON *parts = json_add_array(arguments, list->argument);

		for (const char *part = buf_text(&value);; part++) {
			size_t n = strcspn(part, ",");
			autofree char *name = xstrndup(part, n);

			cJSON_AddItemToArray(parts, cJSON_CreateString(name));
			part += n;
			if (!*part)
				break;
		}
	}
	buf_done(&value);
	return good;
}

bool me_read(struct http_exchange *exchange, cJSON **ret, struct err *err)
{
	*ret = cJSON_CreateObject();
	return read_list(exchange->request, &SELECT, *ret, err) &&
	       read_list(exchange->request, &INCLUDE, *ret, err);
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

/* The picture, in which type and data are JSON strings, as an image block if clients can show it:
 * one of another type may end a conversation. */
static cJSON *photo_block(struct json_span type, struct json_span data)
{
	static const char *const SHOWN[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};
	cJSON *block = cJSON_CreateObject();
	struct buf text, name;
	bool shown = false;

	buf_init(&text);
	buf_init(&name);
	json_unquote(type, &name);
	for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++)
		shown |= !strcmp(buf_text(&name), SHOWN[i]);
	json_add(block, "type", shown ? "image" : "text");
	if (shown && json_unquote(data, &text)) {
		json_add(block, "mimeType", buf_text(&name));
		json_add(block, "data", buf_text(&text));
	} else {
		buf_addf(&text, "There is a photo, of the type %s, which cannot be shown here.",
			buf_text(&name));
		json_add(block, "text", buf_text(&text));
	}
	buf_done(&text);
	buf_done(&name);
	return block;
}

/* A model sees a picture in an image block; as base64 text it only fills its memory. */
void me_to_blocks(struct outcome *outcome)
{
	struct json_span whole = {outcome->json, outcome->len}, photo, type, data;
	struct buf without;

	if (!json_find(whole, "photo", &photo) || !json_find(photo, "data", &data) ||
		!json_find(photo, "contentType", &type))
		return;
	outcome->blocks = cJSON_CreateArray();
	cJSON_AddItemToArray(outcome->blocks, photo_block(type, data));
	buf_init(&without);
	buf_add(&without, whole.text, (size_t)(photo.text - whole.text));
	buf_adds(&without, "{\"contentType\":");
	buf_add(&without, type.text, type.len);
	buf_adds(&without, "}");
	buf_adds(&without, photo.text + photo.len);
	free(outcome->owned);
	outcome_text(outcome, &without);
}

bool endpoint_me(struct call *call, struct err *err)
{
	const struct graph_source *source = &call->service->upstreams.graph;
	autofree char *select = join_select(
		cJSON_GetObjectItemCaseSensitive(call->arguments, "select"));
	struct profile_query query = {.select = select,
		.include = include_bits(
			cJSON_GetObjectItemCaseSensitive(call->arguments, "include"))};
	struct graph_errand graph = call_errand(call);
	struct buf profile;
	bool good;

	good = source->me(source->context, &query, &graph, &profile, err);
	call_asked_graph(call, &graph);
	if (good)
		outcome_text(&call->outcome, &profile);
	return good;
}
