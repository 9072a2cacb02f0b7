#include "graph/enabled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "graph/mailbox.h"

#define PLACE "GRAPH_TOOLS"
#define NAMES(list) ((const char *const *)(list)) /* which C adds no const to by itself */

static bool is(struct json_span word, const char *text)
{
	return strlen(text) == word.len && !memcmp(text, word.text, word.len);
}

/* The next part of a comma-separated list, without the blanks around it; false at the end. */
static bool next_word(const char **list, struct json_span *ret)
{
	while (**list) {
		size_t n = strcspn(*list, ",");
		const char *start = *list;

		*list += n + (start[n] == ',');
		while (n && *start == ' ') {
			start++;
			n--;
		}
		while (n && start[n - 1] == ' ')
			n--;
		*ret = (struct json_span){start, n};
		if (n)
			return true;
	}
	return false;
}

static void note(struct definitions *definitions, struct json_span word, const char *text)
{
	struct tool_problem problem = {.tool = ""};
	size_t plain = strspn(word.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789_.-");

	if (plain >= word.len && word.len < sizeof(problem.tool))
		memcpy(problem.tool, word.text, word.len);
	tool_problem_set(&problem, PLACE, "%s", text);
	definitions_add_problem(definitions, &problem);
}

/* A tool that is off for a mistake in its file has been named already. */
static bool is_known_to_be_off(const struct definitions *definitions, struct json_span word)
{
	for (size_t i = 0; i < definitions->problem_count; i++) {
		if (is(word, definitions->problems[i].tool))
			return true;
	}
	return false;
}

static void look_up(
	const struct config *config, struct definitions *definitions, struct json_span word)
{
	bool found = false;

	for (size_t i = 0; i < definitions->count; i++) {
		const struct graph_tool *tool = &definitions->tools[i];

		found |= is(word, tool->set) || is(word, tool->name);
		if (is(word, tool->name) && tool->writes && !config->graph_tools_write)
			note(definitions, word,
				"This tool writes, and GRAPH_TOOLS_WRITE is not true.");
	}
	if (!found && !is(word, "*") && !is(word, DEFINITION_SHARED) &&
		!is_known_to_be_off(definitions, word))
		note(definitions, word, "This is no tool and no set of the definitions.");
}

static bool is_on(const struct config *config, const struct graph_tool *tool)
{
	const char *list = config->graph_tools;
	struct json_span word;
	bool named = false;

	while (next_word(&list, &word))
		named |= is(word, tool->name) || is(word, tool->set) ||
			 (is(word, "*") && !tool->writes);
	return named && (!tool->writes || config->graph_tools_write);
}

static bool is_named(const struct config *config, const char *text)
{
	const char *list = config->graph_tools;
	struct json_span word;

	while (next_word(&list, &word)) {
		if (is(word, text))
			return true;
	}
	return false;
}

/* Of GRAPH_SCOPE's first permission what stands before its name, if anything: how Graph is called
 * there, which need not be its address. */
static size_t prefix_len(const char *scope)
{
	size_t n = strcspn(scope, " ");

	while (n && scope[n - 1] != '/')
		n--;
	return n;
}

char *enabled_scope(const struct config *config, const char *const *permissions)
{
	size_t n = prefix_len(config->graph_scope);
	struct buf scope;

	buf_init(&scope);
	for (size_t i = 0; permissions[i]; i++)
		buf_addf(&scope, "%s%.*s%s", i ? " " : "", (int)n, config->graph_scope,
			permissions[i]);
	return scope.data;
}

/* Whether a tool that is data, and on, asks for that permission. */
static bool is_asked_for(
	const struct config *config, const struct definitions *definitions, const char *permission)
{
	for (size_t i = 0; i < definitions->count; i++) {
		const struct graph_tool *tool = &definitions->tools[i];

		if (!tool->compiled && is_on(config, tool) &&
			text_is_one_of(permission, NAMES(tool->permissions)))
			return true;
	}
	return false;
}

/* Whether the tool that is compiled has all that it needs together. */
static bool is_met(const struct config *config, const struct definitions *definitions,
	const struct graph_tool *tool, const char *need)
{
	size_t wanted = 1, got = 0;

	for (const char *p = need; *p; p++)
		wanted += *p == ' ';
	for (size_t i = 0; tool->permissions[i]; i++)
		got += list_has(need, ' ', tool->permissions[i]) &&
		       is_asked_for(config, definitions, tool->permissions[i]);
	return got == wanted;
}

static bool is_of_use(const struct config *config, const struct definitions *definitions,
	const struct graph_tool *tool, const char *permission)
{
	const char *const *need = tool->compiled ? tool->compiled->needs : NULL;

	while (need && *need) {
		if (list_has(*need, ' ', permission) && is_met(config, definitions, tool, *need))
			return true;
		need++;
	}
	return !tool->compiled;
}

/* False: it has none. */
static bool fill_permissions(const struct config *config, const struct definitions *definitions,
	struct enabled_tool *ret)
{
	const struct graph_tool *tool = ret->definition;
	size_t count = 0;

	for (size_t i = 0; tool->permissions[i]; i++) {
		if (is_of_use(config, definitions, tool, tool->permissions[i]))
			ret->permissions[count++] = tool->permissions[i];
	}
	return count > 0;
}

static int compare(const void *a, const void *b)
{
	const struct enabled_tool *left = a, *right = b;

	return strcmp(left->definition->name, right->definition->name);
}

bool enabled_names_mailbox(const struct enabled_tool *tool, const cJSON *arguments)
{
	return tool->shared_scope && json_given(arguments, MAILBOX_ARGUMENT);
}

const char *enabled_scope_of(const struct enabled_tool *tool, const cJSON *arguments)
{
	return enabled_names_mailbox(tool, arguments) ? tool->shared_scope : tool->scope;
}

const char *enabled_look_scope_of(const struct enabled_tool *tool, const cJSON *arguments)
{
	return enabled_names_mailbox(tool, arguments) ? tool->look_shared_scope : tool->look_scope;
}

static size_t add_names(const char *const *names, const char **all, size_t count)
{
	while (*names)
		all[count++] = *names++;
	return count;
}

void enabled_permissions(
	const struct enabled_tool *tool, const char *ret[ENABLED_PERMISSIONS_MAX + 1])
{
	const struct graph_tool *definition = tool->definition;
	size_t count = add_names(tool->permissions, ret, 0);

	if (tool->shared_scope)
		count = add_names(NAMES(definition->shared), ret, count);
	if (tool->look_scope)
		count = add_names(NAMES(definition->look_permissions), ret, count);
	if (tool->look_shared_scope)
		count = add_names(NAMES(definition->look_shared), ret, count);
	ret[count] = NULL;
}

/* NULL where there are none. */
static char *scope_if(const struct config *config, char *const *permissions)
{
	return *permissions ? enabled_scope(config, NAMES(permissions)) : NULL;
}

/* Not where nothing is left for it to find. */
static void add(const struct config *config, struct definitions *definitions,
	const struct graph_tool *tool, struct enabled_tools *ret)
{
	bool guarded = config->confirm_writes || *config->write_recipient_domains;
	bool shared = *tool->shared && is_named(config, DEFINITION_SHARED);
	struct enabled_tool *added = &ret->list[ret->count];

	added->definition = tool;
	if (!fill_permissions(config, definitions, added)) {
		note(definitions, (struct json_span){tool->name, strlen(tool->name)},
			"It finds nothing: it reads what other tools that are on may read, such as "
			"list_mail, and there are none.");
		return;
	}
	added->scope = enabled_scope(config, added->permissions);
	added->shared_scope = shared ? scope_if(config, tool->shared) : NULL;
	added->look_scope = guarded ? scope_if(config, tool->look_permissions) : NULL;
	added->look_shared_scope = guarded && shared ? scope_if(config, tool->look_shared) : NULL;
	added->input_schema = shared ? tool->shared_schema : tool->input_schema;
	ret->count++;
}

static void check_shared(const struct config *config, struct definitions *definitions,
	const struct enabled_tools *enabled)
{
	static const struct json_span WORD = {DEFINITION_SHARED, sizeof(DEFINITION_SHARED) - 1};

	for (size_t i = 0; i < enabled->count; i++) {
		if (enabled->list[i].shared_scope)
			return;
	}
	if (is_named(config, DEFINITION_SHARED))
		note(definitions, WORD, "None of the tools that are on has a mailbox.");
}

void enabled_read(
	const struct config *config, struct definitions *definitions, struct enabled_tools *ret)
{
	const char *list = config->graph_tools;
	struct json_span word;

	while (next_word(&list, &word))
		look_up(config, definitions, word);
	*ret = (struct enabled_tools){xcalloc(definitions->count + 1, sizeof(*ret->list)), 0};
	for (size_t i = 0; i < definitions->count; i++) {
		if (is_on(config, &definitions->tools[i]))
			add(config, definitions, &definitions->tools[i], ret);
	}
	check_shared(config, definitions, ret);
	qsort(ret->list, ret->count, sizeof(*ret->list), compare);
}

void enabled_done(struct enabled_tools *enabled)
{
	for (size_t i = 0; i < enabled->count; i++) {
		free(enabled->list[i].scope);
		free(enabled->list[i].shared_scope);
		free(enabled->list[i].look_scope);
		free(enabled->list[i].look_shared_scope);
	}
	free(enabled->list);
	*enabled = (struct enabled_tools){0};
}
