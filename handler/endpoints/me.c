#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "endpoints/blocks.h"
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

static cJSON *photo_block(const struct bytes_member *photo)
{
	cJSON *block = block_of_image(photo);
	struct buf text, name;

	if (block)
		return block;
	block = cJSON_CreateObject();
	buf_init(&text);
	buf_init(&name);
	json_unquote(photo->type, &name);
	buf_addf(&text, "There is a photo, of the type %s, which cannot be shown here.",
		buf_text(&name));
	json_add(block, "type", "text");
	json_add(block, "text", buf_text(&text));
	buf_done(&text);
	buf_done(&name);
	return block;
}

void me_to_blocks(struct outcome *outcome)
{
	blocks_move(outcome, "photo", photo_block);
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
