#include "graph/compiled.h"

#include <string.h>

#include "base/text.h"

/* What ChatGPT reads of tools with these names ("Building MCP servers for ChatGPT"), and what
 * stands beside it. */
static const char SEARCH_OUTPUT[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"results\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
	"\"id\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
	"\"url\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"}},"
	"\"required\":[\"id\",\"title\",\"url\",\"text\"]}},"
	"\"notSearched\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
	"\"kind\":{\"type\":\"string\"},\"why\":{\"type\":\"string\"},"
	"\"consentUrl\":{\"type\":\"string\"}},\"required\":[\"kind\",\"why\"]}}},"
	"\"required\":[\"results\"]}";
static const char FETCH_OUTPUT[] = "{\"type\":\"object\",\"properties\":{"
				   "\"id\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
				   "\"text\":{\"type\":\"string\"},\"url\":{\"type\":\"string\"},"
				   "\"metadata\":{\"type\":\"object\",\"properties\":{}}},"
				   "\"required\":[\"id\",\"title\",\"text\",\"url\",\"metadata\"]}";

/* Messages of Teams are searched with both, even those of chats alone: Microsoft Search's 403 says
 * so. */
static const struct compiled ALL[] = {
	{.name = "search",
		.kind = COMPILED_SEARCH,
		.argument = "query",
		.needs = {"Mail.Read", "Calendars.Read", "Chat.Read ChannelMessage.Read.All",
			"Sites.Read.All"},
		.output_schema = SEARCH_OUTPUT},
	{.name = "fetch",
		.kind = COMPILED_FETCH,
		.argument = "id",
		.needs = {"Mail.Read", "Calendars.Read", "Chat.Read", "ChannelMessage.Read.All",
			"Sites.Read.All"},
		.output_schema = FETCH_OUTPUT},
};

static const struct compiled *find(const char *name)
{
	for (size_t i = 0; i < sizeof(ALL) / sizeof(ALL[0]); i++) {
		if (text_is(name, ALL[i].name))
			return &ALL[i];
	}
	return NULL;
}

/* What is code says nothing of. */
static bool check_members(const cJSON *tool, struct tool_problem *problem)
{
	static const char *const NOT[] = {
		"request", "result", "writes", "unsure", "shared", "larger", "notFound"};

	for (size_t i = 0; i < sizeof(NOT) / sizeof(NOT[0]); i++) {
		if (cJSON_HasObjectItem(tool, NOT[i]))
			return tool_problem_set(
				problem, NOT[i], "A tool that is compiled has none.");
	}
	return true;
}

static bool has_use(const struct compiled *compiled, const char *permission)
{
	for (size_t i = 0; compiled->needs[i]; i++) {
		if (list_has(compiled->needs[i], ' ', permission))
			return true;
	}
	return false;
}

static bool check_permissions(
	const struct compiled *compiled, const cJSON *names, struct tool_problem *problem)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, names)
	{
		if (!has_use(compiled, name->valuestring))
			return tool_problem_set(problem, "permissions",
				"This tool has no use for %s.", name->valuestring);
	}
	return true;
}

static bool check_arguments(const struct compiled *compiled, const struct tool_arguments *arguments,
	struct tool_problem *problem)
{
	const struct tool_argument *one = &arguments->at[0];

	return (arguments->count == 1 && !strcmp(one->name, compiled->argument) &&
		       one->kind == ARGUMENT_TEXT && one->always) ||
	       tool_problem_set(problem, "arguments",
		       "This tool takes one argument, a string that is required: %s.",
		       compiled->argument);
}

bool compiled_read(const cJSON *tool, const struct tool_arguments *arguments,
	const struct compiled **ret, struct tool_problem *problem)
{
	const struct compiled *compiled = find(json_string(tool, "compiled"));

	if (!compiled)
		return tool_problem_set(problem, "compiled", "This must be search or fetch.");
	if (!check_members(tool, problem) ||
		!check_permissions(
			compiled, cJSON_GetObjectItemCaseSensitive(tool, "permissions"), problem) ||
		!check_arguments(compiled, arguments, problem))
		return false;
	*ret = compiled;
	return true;
}
