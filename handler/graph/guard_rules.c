#include "graph/guard_rules.h"

#include <stdlib.h>
#include <string.h>

#include "graph/confirm_text.h"

#define LOOK_MEMBERS "when unless path query headers pick permissions shared"

/* The look as a request of its own. */
static bool read_look_request(const cJSON *look, const struct tool_arguments *arguments,
	struct guard_rules *ret, struct tool_problem *problem)
{
	autofree_json cJSON *request = or_die(cJSON_Duplicate(look, true));
	struct tool_request_facts facts = {.arguments = arguments};
	struct buf select;
	bool good;

	cJSON_DeleteItemFromObjectCaseSensitive(request, "pick");
	cJSON_DeleteItemFromObjectCaseSensitive(request, "permissions");
	cJSON_DeleteItemFromObjectCaseSensitive(request, "shared");
	buf_init(&select);
	pick_set_select(ret->looked, &select);
	facts.select = buf_text(&select);
	good = tool_request_read(request, &facts, &ret->look, problem);
	buf_done(&select);
	return good;
}

/* What both are called could be either. */
static bool names_are_apart(const struct tool_arguments *arguments, const struct pick_set *looked,
	struct tool_problem *problem)
{
	for (size_t i = 0; i < looked->count; i++) {
		const char *name = looked->picks[i].name;

		if (tool_arguments_find(arguments, name, strlen(name)) >= 0)
			return tool_problem_set(
				problem, "pick", "%s is an argument's name too.", name);
	}
	return true;
}

static bool read_look(const cJSON *tool, const struct tool_arguments *arguments,
	struct guard_rules *ret, struct tool_problem *problem)
{
	const cJSON *look = cJSON_GetObjectItemCaseSensitive(tool, "look");

	if (!look)
		return true;
	return tool_problem_free_of_others(look, LOOK_MEMBERS, problem) &&
	       (pick_set_read(
			cJSON_GetObjectItemCaseSensitive(look, "pick"), &ret->looked, problem) ||
		       tool_problem_within(problem, "pick")) &&
	       names_are_apart(arguments, ret->looked, problem) &&
	       read_look_request(look, arguments, ret, problem);
}

/* Every text that may be chosen is a name and no more. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as it was read */
static bool are_names(const struct tool_node *node, const struct confirm_names *names)
{
	const struct template *text = &node->text;

	if (node->kind == NODE_TEXT)
		return template_is_constant(text) && text->count &&
		       confirm_names_have(
			       names, text->pieces->literal, strlen(text->pieces->literal));
	for (size_t i = 0; i < node->count; i++) {
		if (!are_names(&node->inner[i], names))
			return false;
	}
	return true;
}

static bool read_recipients(const cJSON *tool, const struct confirm_names *names,
	struct guard_rules *ret, struct tool_problem *problem)
{
	const cJSON *recipients = cJSON_GetObjectItemCaseSensitive(tool, "recipients");
	struct template_reader reader = {names->arguments, GROUND_CLAUSE, problem};

	return !recipients ||
	       (tool_node_read_texts(&reader, recipients, &ret->recipients) &&
		       (are_names(&ret->recipients, names) ||
			       tool_problem_set(problem, "",
				       "Each is the name of an argument, or of something that is "
				       "looked at.")));
}

static bool read_confirm(const cJSON *tool, const struct confirm_names *names,
	struct guard_rules *ret, struct tool_problem *problem)
{
	const char *text = json_string(tool, "confirm");

	if (!text)
		return tool_problem_set(
			problem, "confirm", "Say what the person is asked before it is done.");
	ret->confirm = xstrdup(text);
	return confirm_text_check(text, names, problem) || tool_problem_within(problem, "confirm");
}

bool guard_rules_read(const cJSON *tool, const struct tool_arguments *arguments,
	struct guard_rules **ret, struct tool_problem *problem)
{
	struct guard_rules *rules = xcalloc(1, sizeof(*rules));
	struct confirm_names names = {.arguments = arguments};
	bool good = read_look(tool, arguments, rules, problem) ||
		    tool_problem_within(problem, "look");

	names.looked = rules->looked;
	good = good && read_confirm(tool, &names, rules, problem) &&
	       (read_recipients(tool, &names, rules, problem) ||
		       tool_problem_within(problem, "recipients"));
	if (good)
		*ret = rules;
	else
		guard_rules_free(rules);
	return good;
}

void guard_rules_free(struct guard_rules *rules)
{
	if (!rules)
		return;
	free(rules->confirm);
	tool_node_done(&rules->recipients);
	tool_request_free(rules->look);
	pick_set_free(rules->looked);
	free(rules);
}
