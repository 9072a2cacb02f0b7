#include "graph/tool_request_body.h"

#include <string.h>

#include "base/json_text.h"

#define BODY_BYTES_MAX (4u << 20) /* a list's elements can each bring a long argument again */

/* What every step of a walk has. */
struct walk {
	const struct tool_values *values;
	struct buf *out;
	struct err *err;
};

static void write_list(const cJSON *list, struct buf *out)
{
	const cJSON *item;

	buf_adds(out, "[");
	cJSON_ArrayForEach(item, list)
	{
		json_comma(out);
		json_quote(out, item->valuestring);
	}
	buf_adds(out, "]");
}

static bool write_string(const struct template *text, const struct walk *walk)
{
	struct buf string;
	bool good;

	buf_init(&string);
	good = template_write(text, walk->values, &string, walk->err);
	if (good)
		json_quote(walk->out, buf_text(&string));
	buf_done(&string);
	return good;
}

/* An argument alone is written as the JSON that it is. */
static bool write_text(const struct template *text, const struct walk *walk)
{
	size_t index = text->pieces->argument;
	char room[TOOL_VALUE_ROOM];

	if (!template_is_argument(text))
		return write_string(text, walk);
	switch (walk->values->arguments->at[index].kind) {
	case ARGUMENT_LIST:
		write_list(walk->values->at[index], walk->out);
		return true;
	case ARGUMENT_INTEGER:
	case ARGUMENT_BOOLEAN:
		buf_adds(walk->out, tool_values_text(walk->values, index, room));
		return true;
	default:
		return write_string(text, walk);
	}
}

static bool write_node(const struct tool_node *node, const struct walk *walk);

/* One element of an array, or a member: nothing of it stays where it is left out. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_parse let the definition be */
static bool write_part(const struct tool_node *part, const struct walk *walk)
{
	size_t from = walk->out->len, begun;

	json_comma(walk->out);
	if (part->name) {
		json_quote(walk->out, part->name);
		buf_adds(walk->out, ":");
	}
	begun = walk->out->len;
	if (!write_node(part, walk))
		return false;
	if (walk->out->len == begun)
		buf_cut(walk->out, from);
	return walk->out->len <= BODY_BYTES_MAX ||
	       err_say(walk->err, ERR_BAD_REQUEST,
		       "The arguments are too long for one request of Microsoft Graph.");
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool write_parts(const struct tool_node *node, const struct walk *walk)
{
	for (size_t i = 0; i < node->count; i++) {
		if (!write_part(&node->inner[i], walk))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool write_each(const struct tool_node *node, const struct walk *walk)
{
	struct tool_values values = *walk->values;
	struct walk below = {&values, walk->out, walk->err};

	cJSON_ArrayForEach(values.at[ARGUMENT_ITEM], walk->values->at[node->argument])
	{
		if (!write_part(node->inner, &below))
			return false;
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool write_composed(const struct tool_node *node, const struct walk *walk)
{
	bool object = node->kind == NODE_OBJECT, each = node->kind == NODE_EACH;
	size_t from = walk->out->len, parts, begun;

	if (each && !walk->values->at[node->argument])
		return true;
	parts = each ? (size_t)cJSON_GetArraySize(walk->values->at[node->argument]) : node->count;
	buf_adds(walk->out, object ? "{" : "[");
	begun = walk->out->len;
	if (!(each ? write_each(node, walk) : write_parts(node, walk)))
		return false;
	if (parts && walk->out->len == begun)
		buf_cut(walk->out, from);
	else
		buf_adds(walk->out, object ? "}" : "]");
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool write_node(const struct tool_node *node, const struct walk *walk)
{
	const struct tool_node *there = tool_node_find(node, walk->values);

	if (!there)
		return true;
	switch (there->kind) {
	case NODE_TEXT:
		return write_text(&there->text, walk);
	case NODE_JSON:
		buf_adds(walk->out, there->json);
		return true;
	default:
		return write_composed(there, walk);
	}
}

bool tool_body_write(const struct tool_node *body, const struct tool_values *values,
	struct buf *out, struct err *err)
{
	struct walk walk = {values, out, err};

	return write_node(body, &walk);
}
