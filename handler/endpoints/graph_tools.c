#include "endpoints/graph_tools.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/program.h"
#include "endpoints/blocks.h"
#include "mcp/tool_list.h"
#include "token/cloud.h"

static struct tool tool_of(const struct graph_tool *definition, const char *input_schema)
{
	return (struct tool){.name = definition->name,
		.title = definition->title,
		.description = definition->description,
		.input_schema = input_schema,
		.output_schema = "{\"type\":\"object\",\"properties\":{}}",
		.open_world = true,
		.writes = definition->writes,
		.destroys = definition->destructive,
		.repeats = definition->idempotent};
}

static bool is_taken(const struct graph_tools_beside *beside, const char *name)
{
	for (size_t i = 0; i < beside->table_count; i++) {
		if (!strcmp(beside->table[i].name, name))
			return true;
	}
	return false;
}

/* What only who lists the tools can tell. */
static bool check(const struct graph_tool *definition, const struct graph_tools_beside *beside,
	struct tool_problem *problem)
{
	struct tool tool = tool_of(definition, definition->input_schema);
	autoerr(err);

	if (is_taken(beside, definition->name))
		return tool_problem_set(
			problem, "name", "This is the name of one of the program's own.");
	return tool_check(&tool, &err) ||
	       tool_problem_set(problem, "arguments", "A schema is wrong: %s.", err.detail);
}

static void check_all(struct graph_tools *tools, const struct graph_tools_beside *beside)
{
	struct definitions *definitions = &tools->definitions;

	for (size_t i = 0; i < definitions->count;) {
		struct tool_problem problem = {.tool = ""};

		if (check(&definitions->tools[i], beside, &problem))
			i++;
		else
			definitions_refuse(definitions, i, &problem);
	}
}

static void load(struct graph_tools *tools, const struct config *config)
{
	struct buf folder;

	buf_init(&folder);
	if (*config->graph_tools_dir)
		buf_adds(&folder, config->graph_tools_dir);
	else if (program_folder_with("host.json", &folder))
		buf_adds(&folder, "/graph-tools");
	definitions_load(buf_text(&folder), &tools->definitions);
	buf_done(&folder);
}

void graph_tools_init(struct graph_tools *tools, const struct config *config,
	const struct graph_tools_beside *beside)
{
	size_t count;

	*tools = (struct graph_tools){0};
	if (!*config->graph_tools)
		return;
	load(tools, config);
	check_all(tools, beside);
	enabled_read(config, &tools->definitions, &tools->enabled);
	count = tools->enabled.count;
	tools->tools = xcalloc(count + 1, sizeof(*tools->tools));
	tools->rows = xcalloc(count + 1, sizeof(*tools->rows));
	for (size_t i = 0; i < count; i++) {
		const struct enabled_tool *enabled = &tools->enabled.list[i];

		tools->tools[i] = tool_of(enabled->definition, enabled->input_schema);
		tools->rows[i] = *beside->model;
		tools->rows[i].name = enabled->definition->name;
		tools->rows[i].tool = &tools->tools[i];
		tools->rows[i].graph = enabled;
		if (tool_result_file(enabled->definition->result))
			tools->rows[i].to_blocks = file_to_blocks;
	}
}

void graph_tools_done(struct graph_tools *tools)
{
	enabled_done(&tools->enabled);
	definitions_done(&tools->definitions);
	free(tools->tools);
	free(tools->rows);
	*tools = (struct graph_tools){0};
}

void graph_tools_report(const struct graph_tools *tools)
{
	for (size_t i = 0; i < tools->definitions.problem_count; i++) {
		const struct tool_problem *problem = &tools->definitions.problems[i];
		struct log_line line;

		log_begin(&line, LOG_WARN, "graph_tool");
		log_str(&line, "file", *problem->file ? problem->file : NULL);
		log_str(&line, "tool", *problem->tool ? problem->tool : NULL);
		log_str(&line, "place", *problem->place ? problem->place : NULL);
		log_str(&line, "detail", problem->text);
		log_end(&line);
	}
	if (tools->enabled.count)
		log_event(LOG_INFO, "graph_tools", "%zu are on", tools->enabled.count);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts them and keeps each once; NULL ends them. */
static const char **each_once(const char **all, size_t count)
{
	size_t kept = 0;

	qsort(all, count, sizeof(*all), compare);
	for (size_t i = 0; i < count; i++) {
		if (!kept || strcmp(all[kept - 1], all[i]) != 0)
			all[kept++] = all[i];
	}
	all[kept] = NULL;
	return all;
}

/* All that calls of count tools need. */
static const char **union_of(const struct enabled_tool *tools, size_t count)
{
	const char **all = xcalloc(count * ENABLED_PERMISSIONS_MAX + 1, sizeof(const char *));
	size_t names = 0;

	for (size_t i = 0; i < count; i++) {
		enabled_permissions(&tools[i], all + names);
		while (all[names])
			names++;
	}
	return each_once(all, names);
}

static void print_list(const char *const *list, FILE *out)
{
	for (size_t i = 0; list[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", list[i]);
	fputc('\n', out);
}

/* A permission's id is looked up: Graph's own registration in the tenant has it. */
static void print_commands(const char *const *permissions, const char *client_id, FILE *out)
{
	for (size_t i = 0; permissions[i]; i++)
		fprintf(out,
			"az ad app permission add --id %s --api " CLOUD_GRAPH_APP_ID
			" --api-permissions \"$(az ad sp show --id " CLOUD_GRAPH_APP_ID
			" --query \"oauth2PermissionScopes[?value=='%s'].id\" -o tsv)=Scope\"\n",
			client_id, permissions[i]);
	if (*permissions)
		fprintf(out, "az ad app permission admin-consent --id %s\n", client_id);
}

void graph_tools_print_permissions(
	const struct graph_tools *tools, const struct config *config, FILE *out)
{
	const struct enabled_tools *enabled = &tools->enabled;
	autofree const char **all = union_of(enabled->list, enabled->count);

	for (size_t i = 0; i < enabled->count; i++) {
		autofree const char **its = union_of(&enabled->list[i], 1);

		fprintf(out, "%s\t", enabled->list[i].definition->name);
		print_list(its, out);
	}
	fputc('\n', out);
	print_list(all, out);
	fputc('\n', out);
	print_commands(all, config->client_id ? config->client_id : "\"$CLIENT_ID\"", out);
}
