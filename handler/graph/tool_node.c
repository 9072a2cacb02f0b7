#include "graph/tool_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool refuse(const struct template_reader *reader, const char *place, const char *why)
{
	return tool_problem_set(reader->problem, place, "%s", why);
}

/* An object is a form when it has exactly the form's members. */
static bool is_form(const cJSON *json, const char *first, const char *second)
{
	return cJSON_IsObject(json) && cJSON_GetArraySize(json) == 2 &&
	       cJSON_GetObjectItemCaseSensitive(json, first) &&
	       cJSON_GetObjectItemCaseSensitive(json, second);
}

static bool is_conditional(const cJSON *json)
{
	int conditions = (cJSON_GetObjectItemCaseSensitive(json, "when") != NULL) +
			 (cJSON_GetObjectItemCaseSensitive(json, "unless") != NULL);

	return cJSON_IsObject(json) && conditions > 0 &&
	       cJSON_GetArraySize(json) == conditions + 1 &&
	       cJSON_GetObjectItemCaseSensitive(json, "value");
}

static bool find_argument(
	const struct template_reader *reader, const cJSON *name, const char *place, size_t *ret)
{
	const char *text = cJSON_GetStringValue(name);
	int index = text ? tool_arguments_find(reader->arguments, text, strlen(text)) : -1;

	if (index < 0)
		return refuse(reader, place, "This must name an argument.");
	*ret = (size_t)index;
	return true;
}

static bool read_condition(const struct template_reader *reader, const cJSON *object,
	const char *member, uint32_t *ret_bits)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(object, member), *name;
	size_t index = 0;

	if (names && !(cJSON_IsString(names) || (cJSON_IsArray(names) && names->child)))
		return refuse(reader, member, "This must be an argument's name, or several.");
	if (cJSON_IsString(names)) {
		if (!find_argument(reader, names, member, &index))
			return false;
		*ret_bits |= 1u << index;
	}
	cJSON_ArrayForEach(name, names)
	{
		if (!find_argument(reader, name, member, &index))
			return false;
		*ret_bits |= 1u << index;
	}
	return true;
}

bool tool_node_read_conditions(
	const struct template_reader *reader, const cJSON *object, struct tool_node *ret)
{
	return read_condition(reader, object, "when", &ret->when) &&
	       read_condition(reader, object, "unless", &ret->unless);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as json_parse lets a definition be */
static bool read_conditional(
	const struct template_reader *reader, const cJSON *json, struct tool_node *ret)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, "value");

	if (reader->ground == GROUND_PATH)
		return refuse(reader, "", "A path cannot be left out.");
	if (is_conditional(value))
		return refuse(reader, "value", "Put when and unless together.");
	if (!tool_node_read(reader, value, ret))
		return tool_problem_within(reader->problem, "value");
	return tool_node_read_conditions(reader, json, ret);
}

/* Whether a value of that argument is written so. */
static bool can_be(const struct tool_argument *argument, const char *text)
{
	const cJSON *value;

	if (argument->kind == ARGUMENT_BOOLEAN)
		return !strcmp(text, "true") || !strcmp(text, "false");
	cJSON_ArrayForEach(value, argument->values)
	{
		if (!strcmp(value->valuestring, text))
			return true;
	}
	return false;
}

static size_t values_of(const struct tool_argument *argument)
{
	return argument->kind == ARGUMENT_BOOLEAN ? 2
						  : (size_t)cJSON_GetArraySize(argument->values);
}

static bool choice_fits(
	const struct template_reader *reader, const struct tool_argument *argument, const cJSON *of)
{
	const cJSON *value;

	if (argument->kind != ARGUMENT_BOOLEAN && argument->kind != ARGUMENT_CHOICE)
		return refuse(reader, "choose", "It takes a boolean, or a string with an enum.");
	if (!cJSON_IsObject(of))
		return refuse(reader, "of", "This must be an object.");
	cJSON_ArrayForEach(value, of)
	{
		if (!can_be(argument, value->string))
			return refuse(reader, "of", "It lists a value that cannot be.");
	}
	return reader->ground != GROUND_PATH ||
	       (argument->always && (size_t)cJSON_GetArraySize(of) == values_of(argument)) ||
	       refuse(reader, "of",
		       "Among paths every value must be listed, and the argument must be required "
		       "or have a default.");
}

/* Takes room for the inner nodes; they count as they are read, so that each is released. */
static void expect(struct tool_node *node, enum node_kind kind, const cJSON *of)
{
	node->kind = kind;
	node->inner = xcalloc((size_t)cJSON_GetArraySize(of) + 1, sizeof(*node->inner));
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_members(
	const struct template_reader *reader, const cJSON *object, struct tool_node *ret)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		struct tool_node *inner = &ret->inner[ret->count++];
		bool good = tool_node_read(reader, member, inner);

		inner->name = xstrdup(member->string);
		if (!good)
			return tool_problem_within(reader->problem, member->string);
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_items(
	const struct template_reader *reader, const cJSON *array, struct tool_node *ret)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		if (!tool_node_read(reader, item, &ret->inner[ret->count++]))
			return tool_problem_within_item(reader->problem, ret->count - 1);
	}
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_choice(
	const struct template_reader *reader, const cJSON *json, struct tool_node *ret)
{
	const cJSON *of = cJSON_GetObjectItemCaseSensitive(json, "of");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, "choose");

	if (!find_argument(reader, name, "choose", &ret->argument) ||
		!choice_fits(reader, &reader->arguments->at[ret->argument], of))
		return false;
	expect(ret, NODE_CHOICE, of);
	return read_members(reader, of, ret) || tool_problem_within(reader->problem, "of");
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_each(
	const struct template_reader *reader, const cJSON *json, struct tool_node *ret)
{
	struct template_reader below = *reader;
	const cJSON *as = cJSON_GetObjectItemCaseSensitive(json, "as");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(json, "each");

	below.ground = GROUND_ELEMENT;
	if (reader->ground == GROUND_ELEMENT)
		return refuse(reader, "each", "There cannot be an each within an each.");
	if (!find_argument(reader, name, "each", &ret->argument))
		return false;
	if (reader->arguments->at[ret->argument].kind != ARGUMENT_LIST)
		return refuse(reader, "each", "This must name an array.");
	expect(ret, NODE_EACH, NULL);
	ret->count = 1;
	return tool_node_read(&below, as, ret->inner) || tool_problem_within(reader->problem, "as");
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool read_json(
	const struct template_reader *reader, const cJSON *json, struct tool_node *ret)
{
	if (cJSON_IsObject(json)) {
		expect(ret, NODE_OBJECT, json);
		return read_members(reader, json, ret);
	}
	if (cJSON_IsArray(json)) {
		expect(ret, NODE_ARRAY, json);
		return read_items(reader, json, ret);
	}
	ret->kind = NODE_JSON;
	ret->json = json_print(json);
	return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
bool tool_node_read(const struct template_reader *reader, const cJSON *json, struct tool_node *ret)
{
	*ret = (struct tool_node){.kind = NODE_TEXT};
	if (cJSON_IsString(json))
		return template_read(reader, json->valuestring, &ret->text);
	if (is_conditional(json))
		return read_conditional(reader, json, ret);
	if (is_form(json, "choose", "of"))
		return read_choice(reader, json, ret);
	if (!template_ground_is_body(reader->ground))
		return refuse(reader, "",
			"This must be a text, {\"choose\", \"of\"} or {\"value\", \"when\", "
			"\"unless\"}.");
	return is_form(json, "each", "as") ? read_each(reader, json, ret)
					   : read_json(reader, json, ret);
}

bool tool_node_read_texts(
	const struct template_reader *reader, const cJSON *array, struct tool_node *ret)
{
	*ret = (struct tool_node){.kind = NODE_TEXT};
	if (!cJSON_IsArray(array) || !array->child)
		return refuse(reader, "", "This must be an array of texts.");
	expect(ret, NODE_ARRAY, array);
	return read_items(reader, array, ret);
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
void tool_node_done(struct tool_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		tool_node_done(&node->inner[i]);
	free(node->inner);
	free(node->name);
	free(node->json);
	template_done(&node->text);
	*node = (struct tool_node){.kind = NODE_TEXT};
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
bool tool_node_begins(const struct tool_node *node, const char *text)
{
	for (size_t i = 0; i < node->count; i++) {
		if (!tool_node_begins(&node->inner[i], text))
			return false;
	}
	return node->kind != NODE_TEXT || template_begins(&node->text, text);
}

static const struct tool_node *chosen(
	const struct tool_node *choice, const struct tool_values *values)
{
	char room[TOOL_VALUE_ROOM];
	const char *value;

	if (!values->at[choice->argument])
		return NULL;
	value = tool_values_text(values, choice->argument, room);
	for (size_t i = 0; i < choice->count; i++) {
		if (!strcmp(choice->inner[i].name, value))
			return &choice->inner[i];
	}
	return NULL;
}

static bool holds(const struct tool_node *node, const struct tool_values *values)
{
	return (!node->when || node->when & values->given) && !(node->unless & values->given);
}

const struct tool_node *tool_node_find(
	const struct tool_node *node, const struct tool_values *values)
{
	while (node && holds(node, values) && node->kind == NODE_CHOICE)
		node = chosen(node, values);
	if (!node || !holds(node, values))
		return NULL;
	return node->kind == NODE_TEXT && !template_is_there(&node->text, values) ? NULL : node;
}
