#include "graph/batch.h"

#include <string.h>

#include "base/b64.h"

/* name: the part's id and its member in the profile */
static const struct {
	unsigned bit;
	const char *name;
	const char *url;
} PARTS[] = {
	{GRAPH_INCLUDE_PHOTO, "photo", "/me/photo/$value"},
	{GRAPH_INCLUDE_MANAGER, "manager", "/me/manager"},
};
#define PART_COUNT (sizeof(PARTS) / sizeof(PARTS[0]))

static void add_request(cJSON *requests, const char *id, const char *url)
{
	cJSON *request = cJSON_CreateObject();

	cJSON_AddItemToArray(requests, request);
	json_add(request, "id", id);
	json_add(request, "method", "GET");
	json_add(request, "url", url);
}

char *graph_batch_body(const char *select, unsigned include)
{
	autofree_json cJSON *tree = cJSON_CreateObject();
	cJSON *requests = json_add_array(tree, "requests");
	struct buf url;

	buf_init(&url);
	buf_addf(&url, "/me%s%s", select ? "?$select=" : "", select ? select : "");
	add_request(requests, "me", buf_text(&url));
	buf_done(&url);
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (include & PARTS[i].bit)
			add_request(requests, PARTS[i].name, PARTS[i].url);
	}
	return json_print(tree);
}

static cJSON *part_error(const struct err *err)
{
	cJSON *part = cJSON_CreateObject();
	cJSON *error = json_add_object(part, "error");

	json_add(error, "code", err_info(err->code)->slug);
	json_add(error, "message", err_message(err));
	if (*err->claims)
		json_add(error, "claims", err->claims);
	if (err->retry_after_s)
		json_add_number(error, "retryAfterSeconds", err->retry_after_s);
	return part;
}

/* A batch carries bytes as base64 text.  Their type is told by their first bytes: Graph sends
 * photos as JPEG, and the header beside them is not to be trusted with a browser at the end. */
static cJSON *photo_part(const cJSON *body)
{
	const char *text = cJSON_GetStringValue(body);
	struct buf bytes;
	cJSON *photo = NULL;

	if (!text)
		return NULL;
	buf_init(&bytes);
	if (b64_decode(&bytes, text, strlen(text)) && bytes.len > 4) {
		bool png = !memcmp(bytes.data, "\x89PNG", 4);
		bool jpeg = !memcmp(bytes.data, "\xff\xd8\xff", 3);

		photo = cJSON_CreateObject();
		json_add(photo, "contentType",
			png    ? "image/png"
			: jpeg ? "image/jpeg"
			       : "application/octet-stream");
		json_add(photo, "data", text);
	}
	buf_done(&bytes);
	return photo;
}

static cJSON *read_part(const struct graph_answer *batch, size_t i, int64_t now_s)
{
	struct graph_answer answer;
	cJSON *part = NULL;
	struct err err;

	if (!graph_answer_part(batch, PARTS[i].name, now_s, &answer)) {
		err_set(&err, ERR_GRAPH_ERROR, "graph: the batch lacks a part");
		return part_error(&err);
	}
	if (answer.status == 404)
		return cJSON_CreateNull();
	if (answer.status != 200) {
		graph_refusal(&answer, false, &err);
		return part_error(&err);
	}
	if (PARTS[i].bit == GRAPH_INCLUDE_PHOTO)
		part = photo_part(answer.body);
	else if (cJSON_IsObject(answer.body))
		part = cJSON_Duplicate(answer.body, true);
	if (part)
		return part;
	err_set(&err, ERR_GRAPH_ERROR, "graph: a part of the batch is of the wrong kind");
	return part_error(&err);
}

static void put_part(cJSON *profile, const char *name, cJSON *part)
{
	cJSON_DeleteItemFromObjectCaseSensitive(profile, name);
	cJSON_AddItemToObject(profile, name, part);
}

void graph_batch_merge(
	const struct graph_answer *batch, unsigned include, int64_t now_s, cJSON *profile)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (include & PARTS[i].bit)
			put_part(profile, PARTS[i].name, read_part(batch, i, now_s));
	}
}
