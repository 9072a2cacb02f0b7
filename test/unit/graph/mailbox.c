/* A call about another's mailbox: its path, its permissions, its refusals. */
#include "graph/mailbox.h"

#include <string.h>

#include "asked.h"
#include "graph/tool_run.h"
#include "stage/engine.h"

#define GRAPH "https://graph.microsoft.com/v1.0"
#define TOOL(path)                                                                                 \
	"{`name`:`x`,`title`:`t`,`description`:`d`,`permissions`:[`Mail.Read`],`shared`:["         \
	"`Mail.Read.Shared`],`arguments`:{`folder`:{`type`:`string`,`default`:`inbox`},`all`:{"    \
	"`type`:`boolean`,`default`:false}},`notFound`:`No such folder.`,`request`:{`path`:" path  \
	"},`result`:{`list`:`value`,`as`:`mails`,`pick`:{`id`:`id`},`page`:{`size`:`$top`,"        \
	"`default`:2,`max`:50}}}"
#define LIST_MAIL TOOL("`/me/mailFolders/{folder}/messages`")
#define NONE "{\"value\":[]}"
#define MAY_NOT                                                                                    \
	"Perhaps the user may not open this mailbox, or not do this in it, or there is none of "   \
	"this name."

static struct graph_tool definition;
static struct enabled_tool tool = {
	.definition = &definition, .scope = (char *)"https://graph.microsoft.com/Mail.Read"};
static struct err err;

static void use(const char *text)
{
	autofree_json cJSON *tree = asked_json(text);
	struct tool_problem problem = {.text = ""};

	definition_done(&definition);
	check(definition_read(tree, "mail", &definition, &problem), "%s: %s", problem.place,
		problem.text);
}

static int set_up(void **state)
{
	tool.shared_scope = (char *)"https://graph.microsoft.com/Mail.Read.Shared";
	use(LIST_MAIL);
	return engine_set_up(state);
}

static int tear_down(void **state)
{
	definition_done(&definition);
	err_done(&err);
	return engine_tear_down(state);
}

/* The result, or the error's slug; the caller frees it. */
static char *run(const char *arguments)
{
	autofree_json cJSON *tree = asked_json(arguments);
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_errand errand = engine_errand(&caller);
	struct graph_tool_call call = {.tool = &tool, .arguments = tree};
	struct buf result;
	bool good = graph_run_tool(&engine.graph, &call, &errand, &result, &err);

	secret_done(&caller.token);
	return good ? result.data : xstrdup(err_info(err.code)->slug);
}

static void assert_run(const char *arguments, const char *expected)
{
	autofree char *outcome = run(arguments);

	check(!strcmp(outcome, expected), "%s: %s %s", arguments, outcome, err.message);
}

static void assert_asks(const char *arguments, const char *path)
{
	size_t before = upstream.call_count;
	const char *url;

	upstream_answers(200, "", NONE);
	assert_run(arguments, "{\"mails\":[]}");
	assert_int_equal(upstream.call_count, before + 1);
	url = upstream.calls[before].url;
	check(!strncmp(url, GRAPH, strlen(GRAPH)) &&
			!strncmp(url + strlen(GRAPH), path, strlen(path)) &&
			url[strlen(GRAPH) + strlen(path)] == '?',
		"%s: %s", arguments, url);
}

static void its_path_stands_below_users_in_place_of_me(void **state)
{
	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_run("{`mailbox`:`team@contoso.com`}", "{\"mails\":[]}");
	assert_string_equal(upstream.calls[1].url,
		GRAPH "/users/team%40contoso.com/mailFolders/inbox/messages?$top=2");
	assert_asks("{`mailbox`:`4c0f9a52-1B2c-4d3e-8f90-a1b2c3d4e5f6`,`folder`:`x`}",
		"/users/4c0f9a52-1B2c-4d3e-8f90-a1b2c3d4e5f6/mailFolders/x/messages");
	assert_asks("{`mailbox`:`o'neil_x.com#EXT#@contoso.com`}",
		"/users/o%27neil_x.com%23EXT%23%40contoso.com/mailFolders/inbox/messages");
}

static void without_it_the_path_is_the_users_own(void **state)
{
	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_run("{}", "{\"mails\":[]}");
	assert_string_equal(upstream.calls[1].url, GRAPH "/me/mailFolders/inbox/messages?$top=2");
	assert_asks("{`mailbox`:null}", "/me/mailFolders/inbox/messages");
	tool.shared_scope = NULL;
	use("{`name`:`x`,`title`:`t`,`description`:`d`,`permissions`:[`Mail.Read`],`arguments`:{"
	    "`mailbox`:{`type`:`string`}},`request`:{`path`:`/me/"
	    "messages`,`query`:{`q`:`{mailbox}`}},`result`:{`list`:`value`,`as`:`mails`,`pick`:{`"
	    "id`:`id`}}}");
	assert_asks("{`mailbox`:`x`}", "/me/messages"); /* an argument of its own */
	upstream_answers(403, "", "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	assert_run("{`mailbox`:`x`}", "graph_forbidden");
	assert_string_not_equal(err_message(&err), MAY_NOT);
}

static void every_path_of_a_choice_becomes_the_mailboxs(void **state)
{
	use(TOOL("{`choose`:`all`,`of`:{`true`:`/me/messages`,`false`:`/me/mailFolders/{folder}/"
		 "messages`}}"));
	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_run("{`mailbox`:`a@b`,`all`:true}", "{\"mails\":[]}");
	assert_string_equal(upstream.calls[1].url, GRAPH "/users/a%40b/messages?$top=2");
	assert_asks("{`mailbox`:`a@b`,`all`:false}", "/users/a%40b/mailFolders/inbox/messages");
}

static void what_is_no_address_and_no_id_is_refused_by_its_name(void **state)
{
	static const char *const WRONG[] = {"``", "` `", "`me`", "`ME`", "`.`", "`..`", "`/`",
		"`a@b/messages`", "`../me`", "`a@b\\\\c`", "`%2e%2e`", "`a%2fb@c`", "`a@b%00`",
		"`a@b?x`", "`a@b@c`", "`@b`", "`a@`", "`a b@c`", "`$count`", "`$x@b`", "`delta`",
		"`delta()`", "`a@b\\n`", "`ä@b`", "`a@b;c`", "`a@b:c`", "`(a@b)`", "7", "true",
		"[`a@b`]", "`4c0f9a52-1b2c-4d3e-8f90-a1b2c3d4e5f`",
		"`4c0f9a52-1b2c-4d3e-8f90-a1b2c3d4e5f6a`"};

	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		char arguments[128];

		snprintf(arguments, sizeof(arguments), "{`mailbox`:%s}", WRONG[i]);
		assert_run(arguments, "bad_request");
		assert_string_equal(err.message,
			"mailbox must be the address or the id of a user or a shared mailbox; "
			"without it, it is the user's own.");
	}
	assert_int_equal(upstream.call_count, 0);
}

static void an_address_is_no_longer_than_addresses_are(void **state)
{
	char arguments[400] = "{`mailbox`:`";
	size_t begin = strlen(arguments);

	memset(arguments + begin, 'a', 318);
	strcpy(arguments + begin + 318, "@b`}");
	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_run(arguments, "{\"mails\":[]}");
	strcpy(arguments + begin + 318, "a@b`}");
	assert_run(arguments, "bad_request");
}

static void the_token_is_got_for_the_shared_permissions_alone(void **state)
{
	autofree char *scope = NULL, *own = NULL;

	engine_will_grant("g1");
	upstream_answers(200, "", NONE);
	assert_run("{`mailbox`:`a@b`}", "{\"mails\":[]}");
	scope = upstream_field(0, "scope");
	assert_string_equal(scope, "https://graph.microsoft.com/Mail.Read.Shared");
	engine_will_grant("g2");
	upstream_answers(200, "", NONE);
	assert_run("{}", "{\"mails\":[]}");
	own = upstream_field(2, "scope");
	assert_string_equal(own, "https://graph.microsoft.com/Mail.Read");
}

static void a_cursor_goes_on_in_the_mailbox_that_is_named_with_it(void **state)
{
	autofree char *first = NULL;
	const char *cursor;
	char arguments[256];

	engine_will_grant("g1");
	upstream_answers(200, "",
		"{\"value\":[{\"id\":\"1\"}],\"@odata.nextLink\":"
		"\"https://elsewhere.example/users/other/messages?$skip=5\"}");
	first = run("{`mailbox`:`a@b`}");
	cursor = strstr(first, "\"cursor\":\"");
	assert_non_null(cursor);
	cursor += strlen("\"cursor\":\"");
	snprintf(arguments, sizeof(arguments), "{`mailbox`:`a@b`,`cursor`:`%.*s`}",
		(int)strcspn(cursor, "\""), cursor);
	upstream_answers(200, "", NONE);
	assert_run(arguments, "{\"mails\":[]}");
	assert_string_equal(upstream.calls[2].url,
		GRAPH "/users/a%40b/mailFolders/inbox/messages?$top=2&$skip=5");
}

static void a_mailbox_that_is_not_opened_is_told_of_in_words(void **state)
{
	static const struct {
		int status;
		const char *code, *slug, *message;
	} CASES[] = {
		{403, "ErrorAccessDenied", "graph_forbidden", MAY_NOT},
		{404, "ErrorInvalidUser", "not_found", "No such folder. " MAY_NOT},
		{404, "ErrorItemNotFound", "not_found", "No such folder. " MAY_NOT},
		{404, "MailboxNotEnabledForRESTAPI", "not_found", MAY_NOT},
	};

	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char body[128];

		snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\"}}", CASES[i].code);
		upstream_answers(CASES[i].status, "", body);
		assert_run("{`mailbox`:`a@b`}", CASES[i].slug);
		assert_string_equal(err_message(&err), CASES[i].message);
	}
	engine_will_grant("g2");
	upstream_answers(403, "", "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	assert_run("{}", "graph_forbidden");
	assert_null(strstr(err_message(&err), "mailbox"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_path_stands_below_users_in_place_of_me),
		TEST(without_it_the_path_is_the_users_own),
		TEST(every_path_of_a_choice_becomes_the_mailboxs),
		TEST(what_is_no_address_and_no_id_is_refused_by_its_name),
		TEST(an_address_is_no_longer_than_addresses_are),
		TEST(the_token_is_got_for_the_shared_permissions_alone),
		TEST(a_cursor_goes_on_in_the_mailbox_that_is_named_with_it),
		TEST(a_mailbox_that_is_not_opened_is_told_of_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
