#include "graph/batch.h"

#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "base/json_text.h"

static void add_tree(const cJSON *tree, struct buf *out)
{
	autofree char *text = json_print(tree);

	buf_adds(out, text);
}

/* By their first bytes: Graph sends photos as JPEG, but keeps what others have put there, and the
 * header beside them is not to be trusted with a browser at the end. */
static const struct {
	const char *type;
	const char *head;
	size_t at; /* where more is to stand */
	const char *more;
} PICTURES[] = {
	{"image/png", "\x89PNG", 0, ""},
	{"image/jpeg", "\xff\xd8\xff", 0, ""},
	{"image/gif", "GIF87a", 0, ""},
	{"image/gif", "GIF89a", 0, ""},
	{"image/webp", "RIFF", 8, "WEBP"},
	{"image/bmp", "BM", 0, ""},
};

static bool stands_at(const struct buf *bytes, size_t at, const char *text)
{
	size_t n = strlen(text);

	return bytes->len >= at + n && !memcmp(bytes->data + at, text, n);
}

static const char *picture_type(const struct buf *bytes)
{
	for (size_t i = 0; i < sizeof(PICTURES) / sizeof(PICTURES[0]); i++) {
		if (stands_at(bytes, 0, PICTURES[i].head) &&
			stands_at(bytes, PICTURES[i].at, PICTURES[i].more))
			return PICTURES[i].type;
	}
	return "application/octet-stream";
}

static void add_picture(const struct buf *bytes, const char *base64, struct buf *out)
{
	autofree_json cJSON *photo = cJSON_CreateObject();

	json_add(photo, "contentType", picture_type(bytes));
	json_add(photo, "data", base64);
	add_tree(photo, out);
}

static bool add_photo(struct json_span body, struct buf *out)
{
	struct buf text, bytes;
	bool good;

	buf_init(&text);
	buf_init(&bytes);
	good = json_unquote(body, &text) && b64_decode(&bytes, buf_text(&text), text.len) &&
	       bytes.len > 4;
	if (good)
		add_picture(&bytes, buf_text(&text), out);
	buf_done(&text);
	buf_done(&bytes);
	return good;
}

static bool add_manager(struct json_span body, struct buf *out)
{
	if (!json_is_object(body))
		return false;
	json_pass(body, out);
	return true;
}

/* name: the part's id and its member in the profile; add: appends the body of a good answer, if it
 * is of the right kind */
static const struct {
	unsigned bit;
	const char *name;
	const char *url;
	bool (*add)(struct json_span body, struct buf *out);
} PARTS[] = {
	{GRAPH_INCLUDE_PHOTO, "photo", "/me/photo/$value", add_photo},
	{GRAPH_INCLUDE_MANAGER, "manager", "/me/manager", add_manager},
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

bool graph_batch_brings(unsigned include, struct json_span name)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		if ((include & PARTS[i].bit) && json_spells(name, PARTS[i].name))
			return true;
	}
	return false;
}

static void add_error(const struct err *err, struct buf *out)
{
	autofree_json cJSON *part = cJSON_CreateObject();
	cJSON *error = json_add_object(part, "error");

	json_add(error, "code", err_info(err->code)->slug);
	json_add(error, "message", err_message(err));
	if (*err_upstream(err)->claims)
		json_add(error, "claims", err_upstream(err)->claims);
	if (err->retry_after_s)
		json_add_number(error, "retryAfterSeconds", err->retry_after_s);
	add_tree(part, out);
}

static void add_part(const struct graph_answer *batch, size_t i, int64_t now_s, struct buf *out)
{
	struct graph_answer answer = {0};
	autoerr(err);

	if (!graph_answer_part(batch, PARTS[i].name, now_s, &answer)) {
		err_set(&err, ERR_GRAPH_ERROR, "graph: the batch lacks a part");
		add_error(&err, out);
	} else if (answer.status == 404) {
		buf_adds(out, "null");
	} else if (answer.status != 200) {
		graph_refusal(&answer, NULL, &err);
		add_error(&err, out);
	} else if (!PARTS[i].add(answer.body, out)) {
		err_set(&err, ERR_GRAPH_ERROR, "graph: a part of the batch is of the wrong kind");
		add_error(&err, out);
	}
	graph_answer_done(&answer);
}

void graph_batch_add(
	const struct graph_answer *batch, unsigned include, int64_t now_s, struct buf *object)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (!(include & PARTS[i].bit))
			continue;
		json_comma(object);
		json_quote(object, PARTS[i].name);
		buf_adds(object, ":");
		add_part(batch, i, now_s, object);
	}
}
