#include "graph/enabled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define PLACE "GRAPH_TOOLS"

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
	if (!found && !is(word, "*") && !is_known_to_be_off(definitions, word))
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

/* Of GRAPH_SCOPE's first permission what stands before its name, if anything: how Graph is called
 * there, which need not be its address. */
static size_t prefix_len(const char *scope)
{
	size_t n = strcspn(scope, " ");

	while (n && scope[n - 1] != '/')
		n--;
	return n;
}

char *enabled_scope(const struct config *config, char *const *permissions)
{
	size_t n = prefix_len(config->graph_scope);
	struct buf scope;

	buf_init(&scope);
	for (size_t i = 0; permissions[i]; i++)
		buf_addf(&scope, "%s%.*s%s", i ? " " : "", (int)n, config->graph_scope,
			permissions[i]);
	return scope.data;
}

static int compare(const void *a, const void *b)
{
	const struct enabled_tool *left = a, *right = b;

	return strcmp(left->definition->name, right->definition->name);
}

void enabled_read(
	const struct config *config, struct definitions *definitions, struct enabled_tools *ret)
{
	const char *list = config->graph_tools;
	bool guarded = config->confirm_writes || *config->write_recipient_domains;
	struct json_span word;

	while (next_word(&list, &word))
		look_up(config, definitions, word);
	*ret = (struct enabled_tools){xcalloc(definitions->count + 1, sizeof(*ret->list)), 0};
	for (size_t i = 0; i < definitions->count; i++) {
		const struct graph_tool *tool = &definitions->tools[i];

		if (is_on(config, tool))
			ret->list[ret->count++] = (struct enabled_tool){tool,
				enabled_scope(config, tool->permissions),
				guarded && *tool->look_permissions
					? enabled_scope(config, tool->look_permissions)
					: NULL};
	}
	qsort(ret->list, ret->count, sizeof(*ret->list), compare);
}

void enabled_done(struct enabled_tools *enabled)
{
	for (size_t i = 0; i < enabled->count; i++) {
		free(enabled->list[i].scope);
		free(enabled->list[i].look_scope);
	}
	free(enabled->list);
	*enabled = (struct enabled_tools){0};
}
