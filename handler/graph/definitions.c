#include "graph/definitions.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define TOOLS_MAX 200
#define FILE_BYTES_MAX (1u << 20)
#define SET_LENGTH_MAX 32

void definitions_add_problem(struct definitions *definitions, const struct tool_problem *problem)
{
	size_t count = definitions->problem_count;
	struct tool_problem *grown, *added;

	if ((count & (count - 1)) == 0) { /* a power of two, and full */
		grown = xcalloc(count ? 2 * count : 1, sizeof(*grown));
		if (count)
			memcpy(grown, definitions->problems, count * sizeof(*grown));
		free(definitions->problems);
		definitions->problems = grown;
	}
	added = &definitions->problems[definitions->problem_count++];
	*added = *problem;
	tool_problem_as_text(added);
}

static void add_file_problem(
	struct definitions *definitions, const char *file, const char *place, const char *text)
{
	struct tool_problem problem = {.tool = ""};

	snprintf(problem.file, sizeof(problem.file), "%s", file);
	tool_problem_set(&problem, place, "%s", text);
	definitions_add_problem(definitions, &problem);
}

static bool is_taken(const struct definitions *definitions, const char *name)
{
	for (size_t i = 0; i < definitions->count; i++) {
		if (!strcmp(definitions->tools[i].name, name))
			return true;
	}
	return false;
}

/* place: of the tool in its file, which tells of it where it has no name. */
static void add_tool(struct definitions *ret, const cJSON *tool, const char *set, const char *place,
	struct tool_problem *problem)
{
	struct graph_tool *made = &ret->tools[ret->count];

	if (!definition_read(tool, set, made, problem)) {
		if (!*problem->tool)
			tool_problem_within(problem, place);
		definitions_add_problem(ret, problem);
	} else if (is_taken(ret, made->name)) {
		tool_problem_set(problem, "name", "There is a tool of this name already.");
		definitions_add_problem(ret, problem);
		definition_done(made);
	} else {
		made->file = xstrdup(problem->file);
		ret->count++;
	}
}

static void add_tools(
	struct definitions *ret, const cJSON *tools, const char *set, const char *file)
{
	const cJSON *tool;
	size_t i = 0;

	cJSON_ArrayForEach(tool, tools)
	{
		struct tool_problem problem = {.text = ""};
		char place[32];

		if (ret->count + ret->problem_count >= TOOLS_MAX) {
			add_file_problem(ret, file, "tools",
				"There are more tools than can be; the rest of this file is left "
				"out.");
			return;
		}
		snprintf(problem.file, sizeof(problem.file), "%s", file);
		snprintf(place, sizeof(place), "tools[%zu]", i++);
		add_tool(ret, tool, set, place, &problem);
	}
}

static void add_tree(struct definitions *ret, const cJSON *tree, const char *file)
{
	struct tool_problem problem = {.text = ""};
	const char *set = json_string(tree, "set");
	const cJSON *tools = cJSON_GetObjectItemCaseSensitive(tree, "tools");

	if (!tool_problem_free_of_others(tree, "$schema set tools", &problem))
		add_file_problem(ret, file, problem.place, problem.text);
	else if (!set || !text_is_name(set, SET_LENGTH_MAX) || text_is(set, DEFINITION_SHARED))
		add_file_problem(ret, file, "set",
			"A set's name is of a-z, 0-9 and _, begins with a letter, is no longer "
			"than "
			"32, and is not " DEFINITION_SHARED ".");
	else if (!cJSON_IsArray(tools))
		add_file_problem(ret, file, "tools", "This must be an array of tools.");
	else
		add_tools(ret, tools, set, file);
}

static bool is_regular(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* NULL when all that is left of the file is in *ret, else what is wrong. */
static const char *read_rest(FILE *file, struct buf *ret)
{
	const char *flaw = NULL;
	char piece[4096];
	size_t n;

	while (!flaw && (n = fread(piece, 1, sizeof(piece), file)) > 0) {
		if (!buf_add_within(ret, piece, n, FILE_BYTES_MAX))
			flaw = "The file is longer than 1 MiB.";
	}
	return !flaw && ferror(file) ? "The file cannot be read." : flaw;
}

/* The same of a path.  Opening a pipe would wait for its other end, and reading a device need not
 * come to one. */
static const char *read_file(const char *path, struct buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	const char *flaw;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return "The file cannot be opened.";
	}
	flaw = is_regular(fd) ? read_rest(file, ret) : "This is no regular file.";
	fclose(file);
	return flaw;
}

static void add_file(struct definitions *ret, const char *folder, const char *name)
{
	autofree_json cJSON *tree = NULL;
	struct buf path, text;
	struct json_span span;
	const char *flaw;
	autoerr(err);

	buf_init(&path);
	buf_init(&text);
	buf_addf(&path, "%s/%s", folder, name);
	flaw = read_file(path.data, &text);
	span = json_trim((struct json_span){buf_text(&text), text.len});
	if (!flaw && !json_parse(span.text, span.len, &tree, &err))
		flaw = err_message(&err);
	if (flaw)
		add_file_problem(ret, name, "", flaw);
	else
		add_tree(ret, tree, name);
	buf_done(&text);
	buf_done(&path);
}

static int is_definition(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return *entry->d_name != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".json");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void definitions_load(const char *folder, struct definitions *ret)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_definition, by_name);

	*ret = (struct definitions){.tools = xcalloc(TOOLS_MAX, sizeof(*ret->tools))};
	if (count < 0)
		add_file_problem(ret, "", "", "The folder of Graph tools cannot be read.");
	for (int i = 0; i < count; i++) {
		add_file(ret, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

void definitions_refuse(
	struct definitions *definitions, size_t i, const struct tool_problem *problem)
{
	struct graph_tool *tool = &definitions->tools[i];
	struct tool_problem whole = *problem;

	snprintf(whole.file, sizeof(whole.file), "%s", tool->file);
	snprintf(whole.tool, sizeof(whole.tool), "%s", tool->name);
	definitions_add_problem(definitions, &whole);
	definition_done(tool);
	definitions->count--;
	memmove(tool, tool + 1, (definitions->count - i) * sizeof(*tool));
}

void definitions_done(struct definitions *definitions)
{
	for (size_t i = 0; i < definitions->count; i++)
		definition_done(&definitions->tools[i]);
	free(definitions->tools);
	free(definitions->problems);
	*definitions = (struct definitions){.count = 0};
}
