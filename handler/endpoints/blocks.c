#include "endpoints/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/url.h"

void blocks_move(struct outcome *outcome, const char *name,
	cJSON *(*make)(const struct bytes_member *member))
{
	struct bytes_member found = {.result = {outcome->json, outcome->len}};
	struct json_span whole = found.result, member;
	struct buf without;

	if (!json_find(whole, name, &member) || !json_find(member, "data", &found.data) ||
		!json_find(member, "contentType", &found.type))
		return;
	outcome->blocks = cJSON_CreateArray();
	cJSON_AddItemToArray(outcome->blocks, make(&found));
	buf_init(&without);
	buf_add(&without, whole.text, (size_t)(member.text - whole.text));
	buf_adds(&without, "{\"contentType\":");
	buf_add(&without, found.type.text, found.type.len);
	buf_adds(&without, "}");
	buf_adds(&without, member.text + member.len);
	free(outcome->owned);
	outcome_text(outcome, &without);
}

static bool is_shown(struct json_span type)
{
	static const char *const SHOWN[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

	for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
		if (json_spells(type, SHOWN[i]))
			return true;
	}
	return false;
}

/* A string token as a member of the object; one that is none as "". */
static void add_string(cJSON *object, const char *name, struct json_span token)
{
	struct buf text;

	buf_init(&text);
	json_add(object, name, json_unquote(token, &text) ? buf_text(&text) : "");
	buf_done(&text);
}

cJSON *block_of_image(const struct bytes_member *member)
{
	cJSON *block;

	if (!is_shown(member->type))
		return NULL;
	block = cJSON_CreateObject();
	json_add(block, "type", "image");
	add_string(block, "mimeType", member->type);
	add_string(block, "data", member->data);
	return block;
}

static cJSON *image_block(const struct bytes_member *member)
{
	cJSON *block = block_of_image(member);

	if (block)
		return block;
	block = cJSON_CreateObject();
	json_add(block, "type", "text");
	json_add(block, "text", "There is an image, which cannot be shown here.");
	return block;
}

/* The address where the user finds it, or one made of its name: a resource has to have one. */
static void write_uri(struct json_span result, struct buf *out)
{
	struct json_span token;
	struct buf text;
	struct url url;

	buf_init(&text);
	if (json_find(result, "url", &token) && json_unquote(token, &text) &&
		url_parse(buf_text(&text), &url)) {
		buf_adds(out, buf_text(&text));
	} else {
		buf_done(&text);
		buf_adds(out, "file:///");
		if (json_find(result, "name", &token) && json_unquote(token, &text))
			buf_add_urlencoded(out, buf_text(&text));
	}
	buf_done(&text);
}

static cJSON *document_block(const struct bytes_member *member)
{
	cJSON *block = cJSON_CreateObject(), *resource;
	struct buf uri;

	buf_init(&uri);
	write_uri(member->result, &uri);
	json_add(block, "type", "resource");
	resource = json_add_object(block, "resource");
	json_add(resource, "uri", buf_text(&uri));
	add_string(resource, "mimeType", member->type);
	add_string(resource, "blob", member->data);
	buf_done(&uri);
	return block;
}

void file_to_blocks(struct outcome *outcome)
{
	blocks_move(outcome, "image", image_block);
	if (!outcome->blocks)
		blocks_move(outcome, "pdf", document_block);
}
