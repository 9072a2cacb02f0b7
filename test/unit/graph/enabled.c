/* Which tools are on. */
#include "graph/enabled.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

static struct graph_tool tools[] = {
	{.name = (char *)"send_mail",
		.set = (char *)"mail",
		.writes = true,
		.permissions = {(char *)"Mail.Send"}},
	{.name = (char *)"list_mail",
		.set = (char *)"mail",
		.permissions = {(char *)"Mail.Read", (char *)"User.Read"},
		.shared = {(char *)"Mail.Read.Shared", (char *)"User.Read"},
		.input_schema = (char *)"own",
		.shared_schema = (char *)"shared"},
	{.name = (char *)"get_mail", .set = (char *)"mail", .permissions = {(char *)"Mail.Read"}},
	{.name = (char *)"list_chats",
		.set = (char *)"teams",
		.permissions = {(char *)"Chat.Read"}},
};
static struct definitions definitions;
static struct config config;

static int set_up(void **state)
{
	static const struct tool_problem BROKEN = {
		.file = "tasks.json", .tool = "list_tasks", .text = "x"};

	definitions = (struct definitions){.tools = tools, .count = COUNT_OF(tools)};
	definitions_add_problem(&definitions, &BROKEN);
	return 0;
}

static int tear_down(void **state)
{
	definitions.tools = NULL; /* not on the heap */
	definitions.count = 0;
	definitions_done(&definitions);
	return 0;
}

/* The names of those that are on, as "a b ". */
static const char *on(const char *names, const char *write)
{
	static char list[256];
	const struct setting_change changes[] = {
		{"GRAPH_TOOLS", names}, {"GRAPH_TOOLS_WRITE", write}};
	struct enabled_tools enabled;

	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0); /* whatever is named */
	enabled_read(&config, &definitions, &enabled);
	*list = '\0';
	for (size_t i = 0; i < enabled.count; i++) {
		strcat(list, enabled.list[i].definition->name);
		strcat(list, " ");
	}
	enabled_done(&enabled);
	config_done(&config);
	return list;
}

static void tools_are_on_by_name_or_set_in_order_of_their_names(void **state)
{
	static const struct {
		const char *names, *write, *on;
	} CASES[] = {
		{NULL, NULL, ""},
		{"", NULL, ""},
		{" , ", NULL, ""},
		{"list_mail", NULL, "list_mail "},
		{" list_mail ,,list_chats ", NULL, "list_chats list_mail "},
		{"mail", NULL, "get_mail list_mail "},
		{"mail,list_mail", NULL, "get_mail list_mail "},
		{"mail", "true", "get_mail list_mail send_mail "},
		{"*", NULL, "get_mail list_chats list_mail "},
		{"*", "true", "get_mail list_chats list_mail "}, /* all that read */
		{"*,send_mail", "true", "get_mail list_chats list_mail send_mail "},
		{"teams,get_mail", NULL, "get_mail list_chats "},
		{"list_mail,shared", NULL, "list_mail "},
		{"shared,*", "true", "get_mail list_chats list_mail "},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const char *list = on(CASES[i].names, CASES[i].write);

		check(!strcmp(list, CASES[i].on), "%s: %s", CASES[i].names, list);
	}
	assert_int_equal(definitions.problem_count, 1);
}

static const struct tool_problem *problem_of(const char *names)
{
	size_t before = definitions.problem_count;

	on(names, NULL);
	assert_int_equal(definitions.problem_count, before + 1);
	return &definitions.problems[before];
}

static void a_name_that_is_no_tool_and_no_set_is_a_problem_of_the_tools(void **state)
{
	const struct tool_problem *problem = problem_of("list_mail,list_male");

	assert_string_equal(problem->file, "");
	assert_string_equal(problem->tool, "list_male");
	assert_string_equal(problem->place, "GRAPH_TOOLS");
	assert_string_equal(problem->text, "This is no tool and no set of the definitions.");
	assert_string_equal(problem_of("LIST_MAIL")->tool, "LIST_MAIL");
	/* what may hold anything is not repeated */
	assert_string_equal(problem_of("list mail")->tool, "");
	assert_string_equal(problem_of("\xff")->tool, "");
}

static void a_tool_that_is_off_for_its_mistake_is_not_told_of_twice(void **state)
{
	assert_string_equal(on("list_tasks", NULL), "");
	assert_int_equal(definitions.problem_count, 1);
}

static void a_writing_tool_stays_off_though_named_and_that_is_told(void **state)
{
	const struct tool_problem *problem = problem_of("send_mail");

	assert_string_equal(problem->tool, "send_mail");
	assert_string_equal(problem->text, "This tool writes, and GRAPH_TOOLS_WRITE is not true.");
	assert_string_equal(on("mail,list_chats", NULL), "get_mail list_chats list_mail ");
}

static void a_tools_permissions_are_its_own_named_as_in_graph_scope(void **state)
{
	static const struct {
		const char *scope, *mail;
	} CASES[] = {
		{NULL, "https://graph.microsoft.com/Mail.Read "
		       "https://graph.microsoft.com/User.Read"},
		{"https://graph.microsoft.us/User.Read https://other/x",
			"https://graph.microsoft.us/Mail.Read "
			"https://graph.microsoft.us/User.Read"},
		{"https://graph.microsoft.us/.default", "https://graph.microsoft.us/Mail.Read "
							"https://graph.microsoft.us/User.Read"},
		{"User.Read", "Mail.Read User.Read"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct setting_change changes[] = {
			{"GRAPH_TOOLS", "list_mail"}, {"GRAPH_SCOPE", CASES[i].scope}};
		struct enabled_tools enabled;

		settings_load_changed(&config, changes, COUNT_OF(changes));
		enabled_read(&config, &definitions, &enabled);
		assert_string_equal(enabled.list[0].scope, CASES[i].mail);
		enabled_done(&enabled);
		config_done(&config);
	}
}

/* Of list_mail, where those are on: its schema, its scopes and all its permissions. */
static void read_list_mail(const char *names, char ret[256])
{
	const struct setting_change changes[] = {{"GRAPH_TOOLS", names}};
	const char *permissions[ENABLED_PERMISSIONS_MAX + 1];
	struct enabled_tools enabled;
	const struct enabled_tool *tool;

	settings_load_changed(&config, changes, COUNT_OF(changes));
	enabled_read(&config, &definitions, &enabled);
	tool = &enabled.list[enabled.count - 1];
	snprintf(ret, 256, "%s|%s", tool->input_schema,
		tool->shared_scope ? tool->shared_scope : "-");
	enabled_permissions(tool, permissions);
	for (size_t i = 0; permissions[i]; i++)
		snprintf(ret + strlen(ret), 256 - strlen(ret), "%c%s", i ? ' ' : '|',
			permissions[i]);
	enabled_done(&enabled);
	config_done(&config);
}

static void another_mailbox_is_offered_with_the_word_shared_alone(void **state)
{
	static const char *const WITHOUT[] = {"list_mail", "*", "mail"};
	static const char *const WITH[] = {"list_mail,shared", "shared,*", "mail, shared "};
	char is[256];

	for (size_t i = 0; i < COUNT_OF(WITHOUT); i++) {
		read_list_mail(WITHOUT[i], is);
		assert_string_equal(is, "own|-|Mail.Read User.Read");
		read_list_mail(WITH[i], is);
		assert_string_equal(is, "shared|https://graph.microsoft.com/Mail.Read.Shared "
					"https://graph.microsoft.com/User.Read|"
					"Mail.Read User.Read Mail.Read.Shared User.Read");
	}
	assert_int_equal(definitions.problem_count, 1);
}

static void the_word_shared_beside_no_tool_with_a_mailbox_is_a_problem(void **state)
{
	static const char *const CASES[] = {"shared", "shared,list_chats", "shared,get_mail"};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct tool_problem *problem = problem_of(CASES[i]);

		assert_string_equal(problem->tool, "shared");
		assert_string_equal(problem->text, "None of the tools that are on has a mailbox.");
	}
}

static void a_call_needs_the_shared_permissions_where_it_names_a_mailbox(void **state)
{
	struct enabled_tool tool = {.scope = (char *)"own", .shared_scope = (char *)"shared"};
	autofree_json cJSON *without = cJSON_Parse("{\"mailbox\":null}");
	autofree_json cJSON *with = cJSON_Parse("{\"mailbox\":\"a@b\"}");

	assert_string_equal(enabled_scope_of(&tool, with), "shared");
	assert_string_equal(enabled_scope_of(&tool, without), "own");
	tool.shared_scope = NULL;
	assert_string_equal(enabled_scope_of(&tool, with), "own");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tools_are_on_by_name_or_set_in_order_of_their_names),
		TEST(a_name_that_is_no_tool_and_no_set_is_a_problem_of_the_tools),
		TEST(a_tool_that_is_off_for_its_mistake_is_not_told_of_twice),
		TEST(a_writing_tool_stays_off_though_named_and_that_is_told),
		TEST(a_tools_permissions_are_its_own_named_as_in_graph_scope),
		TEST(another_mailbox_is_offered_with_the_word_shared_alone),
		TEST(the_word_shared_beside_no_tool_with_a_mailbox_is_a_problem),
		TEST(a_call_needs_the_shared_permissions_where_it_names_a_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
