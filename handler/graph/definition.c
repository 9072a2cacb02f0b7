#include "graph/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "graph/mailbox.h"
#include "graph/tool_arguments.h"
#include "graph/tool_schema.h"

#define MEMBERS                                                                                    \
	"name title description permissions shared larger writes unsure confirm "                  \
	"recipients look arguments required excludes request result notFound "                     \
	"compiled"
#define NAME_BYTES_MAX 64
#define UNSURE_BYTES_MAX 200 /* beside what was done: both have room in an error */

static bool read_name(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	const char *name = json_string(tool, "name");

	if (!name || !text_is_name(name, NAME_BYTES_MAX) || text_is(name, DEFINITION_SHARED))
		return tool_problem_set(problem, "name",
			"A name is of a-z, 0-9 and _, begins with a letter, is no longer than 64, "
			"and is not " DEFINITION_SHARED ".");
	ret->name = xstrdup(name);
	snprintf(problem->tool, sizeof(problem->tool), "%s", name);
	return true;
}

static bool read_text(
	const cJSON *tool, const char *member, char **ret, struct tool_problem *problem)
{
	const char *text = json_string(tool, member);

	if (!text || !*text || utf8_has_control(text))
		return tool_problem_set(problem, member, "This must be a text of one line.");
	*ret = xstrdup(text);
	return true;
}

static bool read_texts(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	autofree char *larger = NULL; /* for who checks the catalogue */

	return read_text(tool, "title", &ret->title, problem) &&
	       read_text(tool, "description", &ret->description, problem) &&
	       (!cJSON_HasObjectItem(tool, "larger") ||
		       read_text(tool, "larger", &larger, problem)) &&
	       (!cJSON_HasObjectItem(tool, "notFound") ||
		       read_text(tool, "notFound", &ret->not_found, problem));
}

static bool permission_valid(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789.-");

	return n && n <= 128 && !name[n] && !strchr("0123456789.-", *name);
}

static bool read_names(
	const cJSON *tool, const char *member, char **ret, struct tool_problem *problem)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(tool, member), *name;
	int count = cJSON_GetArraySize(names), i = 0;

	if (!cJSON_IsArray(names) || !count || count > DEFINITION_PERMISSIONS_MAX)
		return tool_problem_set(problem, member,
			"This must name one to %d of Microsoft Graph's delegated permissions.",
			DEFINITION_PERMISSIONS_MAX);
	cJSON_ArrayForEach(name, names)
	{
		if (!cJSON_IsString(name) || !permission_valid(name->valuestring))
			return tool_problem_set(problem, member,
				"A permission is written as Microsoft Graph writes it: Mail.Read.");
		ret[i++] = xstrdup(name->valuestring);
	}
	return true;
}

/* Members of a tool that writes alone. */
static bool read_guard(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	static const char *const MEMBERS_OF_WRITES[] = {"confirm", "recipients", "look"};

	if (ret->writes)
		return guard_rules_read(tool, ret->arguments, &ret->guard, problem);
	for (size_t i = 0; i < sizeof(MEMBERS_OF_WRITES) / sizeof(MEMBERS_OF_WRITES[0]); i++) {
		if (cJSON_HasObjectItem(tool, MEMBERS_OF_WRITES[i]))
			return tool_problem_set(
				problem, MEMBERS_OF_WRITES[i], "This tool writes nothing.");
	}
	return true;
}

static bool read_permissions(
	const cJSON *from, char **ret, char **ret_shared, struct tool_problem *problem)
{
	return read_names(from, "permissions", ret, problem) &&
	       (!cJSON_HasObjectItem(from, "shared") ||
		       read_names(from, "shared", ret_shared, problem));
}

/* What is looked at before a write asks for the same, unless it says otherwise. */
static bool read_look_permissions(
	const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	const cJSON *look = cJSON_GetObjectItemCaseSensitive(tool, "look");
	bool own = cJSON_HasObjectItem(look, "permissions");

	if (!look)
		return true;
	if (cJSON_HasObjectItem(look, "shared") != (own && *ret->shared))
		return tool_problem_set(problem, "look.shared",
			"This stands where both the tool has it and the look has permissions.");
	return read_permissions(
		       own ? look : tool, ret->look_permissions, ret->look_shared, problem) ||
	       tool_problem_within(problem, "look");
}

static bool read_all_permissions(
	const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	return read_permissions(tool, ret->permissions, ret->shared, problem) &&
	       read_look_permissions(tool, ret, problem);
}

/* A tool reads unless it says that it writes; that a client is told so rests on this. */
static bool method_fits(
	const struct graph_tool *tool, const cJSON *request, struct tool_problem *problem)
{
	const char *method = json_string(request, "method");

	if (tool->writes)
		return (method && !text_is(method, "GET")) ||
		       tool_problem_set(problem, "writes", "A GET never writes.");
	return !method || text_is(method, "GET") || text_is(method, "POST") ||
	       tool_problem_set(problem, "writes",
		       "Say what this method writes: {\"destructive\", \"idempotent\"}.");
}

/* One, or an array of two. */
static bool requests_fit(
	const struct graph_tool *tool, const cJSON *all, struct tool_problem *problem)
{
	const cJSON *request;

	if (!cJSON_IsArray(all))
		return method_fits(tool, all, problem);
	if (!tool->writes || cJSON_GetArraySize(all) != DEFINITION_REQUESTS_MAX)
		return tool_problem_set(problem, "request",
			"This is one request, or an array of two where the tool writes.");
	cJSON_ArrayForEach(request, all)
	{
		if (!method_fits(tool, request, problem))
			return false;
	}
	return cJSON_HasObjectItem(all->child, "done") ||
	       tool_problem_set(problem, "request[0].done", "Say what is done after it.");
}

static bool read_unsure(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	const char *text = json_string(tool, "unsure");

	if (!ret->writes)
		return !cJSON_HasObjectItem(tool, "unsure") ||
		       tool_problem_set(problem, "unsure", "This tool writes nothing.");
	if (text && strlen(text) > UNSURE_BYTES_MAX)
		return tool_problem_set(
			problem, "unsure", "This must be at most %d bytes long.", UNSURE_BYTES_MAX);
	return read_text(tool, "unsure", &ret->unsure, problem);
}

static bool read_writes(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	const cJSON *writes = cJSON_GetObjectItemCaseSensitive(tool, "writes");
	const cJSON *destructive = cJSON_GetObjectItemCaseSensitive(writes, "destructive");
	const cJSON *idempotent = cJSON_GetObjectItemCaseSensitive(writes, "idempotent");

	ret->writes = writes != NULL;
	ret->destructive = cJSON_IsTrue(destructive);
	ret->idempotent = !writes || cJSON_IsTrue(idempotent);
	if (!requests_fit(ret, cJSON_GetObjectItemCaseSensitive(tool, "request"), problem))
		return false;
	if (writes && (!cJSON_IsBool(destructive) || !cJSON_IsBool(idempotent)))
		return tool_problem_set(problem, "writes",
			"This must be {\"destructive\": true or false, \"idempotent\": true or "
			"false}.");
	if (writes && !tool_problem_free_of_others(writes, "destructive idempotent", problem))
		return tool_problem_within(problem, "writes");
	return read_unsure(tool, ret, problem);
}

static bool names_argument(const struct tool_arguments *arguments, const cJSON *name)
{
	return cJSON_IsString(name) &&
	       tool_arguments_find(arguments, name->valuestring, strlen(name->valuestring)) >= 0;
}

static bool excludes_fit(const struct tool_arguments *arguments, const cJSON *excludes)
{
	const cJSON *one, *other;

	if (excludes && !cJSON_IsObject(excludes))
		return false;
	cJSON_ArrayForEach(one, excludes)
	{
		if (!cJSON_IsArray(one) || !one->child ||
			tool_arguments_find(arguments, one->string, strlen(one->string)) < 0)
			return false;
		cJSON_ArrayForEach(other, one)
		{
			if (!names_argument(arguments, other))
				return false;
		}
	}
	return true;
}

static bool read_excludes(const cJSON *tool, const struct tool_arguments *arguments,
	struct graph_tool *ret, struct tool_problem *problem)
{
	const cJSON *excludes = cJSON_GetObjectItemCaseSensitive(tool, "excludes");

	if (!excludes_fit(arguments, excludes))
		return tool_problem_set(problem, "excludes",
			"This must be {argument: [arguments that cannot be given with it]}.");
	if (excludes)
		ret->excludes = or_die(cJSON_Duplicate(excludes, true));
	return true;
}

static bool reads(const cJSON *tool)
{
	const char *method = json_string(
		cJSON_GetObjectItemCaseSensitive(tool, "request"), "method");

	return !method || text_is(method, "GET");
}

static bool read_request(const cJSON *request, const struct tool_request_facts *facts,
	struct graph_tool *ret, struct tool_problem *problem)
{
	if (!tool_request_read(request, facts, &ret->requests[ret->request_count], problem))
		return false;
	ret->request_count++;
	return true;
}

static bool read_requests(const cJSON *all, const struct tool_request_facts *facts,
	struct graph_tool *ret, struct tool_problem *problem)
{
	const cJSON *request;

	if (!cJSON_IsArray(all))
		return read_request(all, facts, ret, problem);
	cJSON_ArrayForEach(request, all)
	{
		if (!read_request(request, facts, ret, problem))
			return tool_problem_within_item(problem, ret->request_count);
	}
	return true;
}

static bool read_parts(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	struct tool_request_facts facts = {.arguments = ret->arguments};

	if (!tool_result_read(
		    cJSON_GetObjectItemCaseSensitive(tool, "result"), &ret->result, problem))
		return tool_problem_within(problem, "result");
	if (tool_result_file(ret->result) && !reads(tool))
		return tool_problem_set(problem, "result.content", "A file follows a GET alone.");
	facts.select = tool_result_select(ret->result);
	facts.pages = tool_result_pages(ret->result);
	if (!read_requests(cJSON_GetObjectItemCaseSensitive(tool, "request"), &facts, ret, problem))
		return tool_problem_within(problem, "request");
	ret->input_schema = tool_schema(tool, ret->result);
	if (*ret->shared)
		ret->shared_schema = tool_schema_with_mailbox(tool, ret->result);
	return true;
}

/* With a name of its own for it a definition would be read two ways. */
static bool let_name_mailbox(struct graph_tool *tool, struct tool_problem *problem)
{
	tool->arguments->mailbox = *tool->shared != NULL;
	return !*tool->shared ||
	       tool_arguments_find(tool->arguments, MAILBOX_ARGUMENT, strlen(MAILBOX_ARGUMENT)) <
		       0 ||
	       tool_problem_set(problem, "arguments." MAILBOX_ARGUMENT,
		       "With shared this argument is there already.");
}

/* Of a tool that is code the definition says the rest. */
static bool read_compiled(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	if (!compiled_read(tool, ret->arguments, &ret->compiled, problem))
		return false;
	ret->input_schema = tool_schema(tool, NULL);
	return true;
}

static bool read_what(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	return cJSON_HasObjectItem(tool, "compiled") ? read_compiled(tool, ret, problem)
						     : read_parts(tool, ret, problem);
}

static bool read_rest(const cJSON *tool, struct graph_tool *ret, struct tool_problem *problem)
{
	ret->arguments = xcalloc(1, sizeof(*ret->arguments));
	return tool_arguments_read(cJSON_GetObjectItemCaseSensitive(tool, "arguments"),
		       cJSON_GetObjectItemCaseSensitive(tool, "required"), ret->arguments,
		       problem) &&
	       let_name_mailbox(ret, problem) &&
	       read_excludes(tool, ret->arguments, ret, problem) && read_what(tool, ret, problem) &&
	       read_guard(tool, ret, problem);
}

bool definition_read(
	const cJSON *tool, const char *set, struct graph_tool *ret, struct tool_problem *problem)
{
	struct graph_tool made = {.set = xstrdup(set)};

	*problem->tool = '\0';
	if (read_name(tool, &made, problem) &&
		tool_problem_free_of_others(tool, MEMBERS, problem) &&
		read_texts(tool, &made, problem) && read_all_permissions(tool, &made, problem) &&
		read_writes(tool, &made, problem) && read_rest(tool, &made, problem)) {
		*ret = made;
		return true;
	}
	definition_done(&made);
	return false;
}

void definition_done(struct graph_tool *tool)
{
	free(tool->name);
	free(tool->title);
	free(tool->description);
	free(tool->set);
	free(tool->file);
	free(tool->not_found);
	free(tool->unsure);
	for (size_t i = 0; i < DEFINITION_PERMISSIONS_MAX; i++) {
		free(tool->permissions[i]);
		free(tool->shared[i]);
		free(tool->look_permissions[i]);
		free(tool->look_shared[i]);
	}
	free(tool->input_schema);
	free(tool->shared_schema);
	cJSON_Delete(tool->excludes);
	for (size_t i = 0; i < tool->request_count; i++)
		tool_request_free(tool->requests[i]);
	guard_rules_free(tool->guard);
	if (tool->arguments)
		tool_arguments_done(tool->arguments);
	free(tool->arguments);
	tool_result_free(tool->result);
	*tool = (struct graph_tool){.name = NULL};
}

bool definition_allows(const struct graph_tool *tool, const cJSON *arguments, struct err *err)
{
	const cJSON *one, *other;

	cJSON_ArrayForEach(one, tool->excludes)
	{
		if (!json_given(arguments, one->string))
			continue;
		cJSON_ArrayForEach(other, one)
		{
			if (json_given(arguments, other->valuestring))
				return err_say(err, ERR_BAD_REQUEST,
					"%s cannot be given together with %s.", other->valuestring,
					one->string);
		}
	}
	return true;
}

void definition_tell_unsure(const struct graph_tool *tool, struct err *err)
{
	if (err->code == ERR_OUTCOME_UNKNOWN && !*err->message && tool->unsure)
		snprintf(err->message, sizeof(err->message), "%s", tool->unsure);
}
