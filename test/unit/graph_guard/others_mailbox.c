/* What stands before a write in another's mailbox: the look goes there, by the permission for it,
 * and the person is told whose it is. */
#include <stdlib.h>
#include <string.h>

#include "../graph/read_definition.h"
#include "graph/mailbox.h"
#include "graph/write_guard.h"
#include "stage/engine.h"

#define GRAPH "https://graph.microsoft.com/v1.0"
#define SEND_DRAFT                                                                                 \
	"{\"name\":\"send_draft\",\"title\":\"T\",\"description\":\"D\",\"permissions\":["         \
	"\"Mail.Send\"],\"shared\":[\"Mail.Send.Shared\"],\"writes\":{\"destructive\":false,"      \
	"\"idempotent\":false},\"unsure\":\"Look.\",\"result\":{\"say\":\"Sent.\"},\"confirm\":"   \
	"\"Send {subject}?\",\"recipients\":[\"to\"],\"look\":{\"path\":\"/me/messages/{id}\","    \
	"\"permissions\":[\"Mail.Read\"],\"shared\":[\"Mail.Read.Shared\"],\"pick\":{\"subject\":" \
	"\"subject\",\"to\":\"toRecipients[].emailAddress.address\"}},\"arguments\":{\"id\":{"     \
	"\"type\":\"string\"}},\"required\":[\"id\"],\"request\":{\"method\":\"POST\",\"path\":"   \
	"\"/me/messages/{id}/send\"}}"
#define DRAFT                                                                                      \
	"{\"subject\":\"Hi\",\"toRecipients\":[{\"emailAddress\":{\"address\":\"a@inside.org\"}}]" \
	"}"

static struct graph_tool definition;
static struct enabled_tool tool = {.definition = &definition,
	.scope = (char *)"Mail.Send",
	.shared_scope = (char *)"Mail.Send.Shared",
	.look_scope = (char *)"Mail.Read",
	.look_shared_scope = (char *)"Mail.Read.Shared"};
static struct question question;
static struct person person;
static struct err err;

static int set_up(void **state)
{
	int done = engine_set_up(state);

	read(SEND_DRAFT, &definition);
	engine.config.confirm_writes = true;
	person = (struct person){.can_be_asked = true};
	return done;
}

static int tear_down(void **state)
{
	definition_done(&definition);
	free(question.text);
	question = (struct question){.text = NULL};
	err_done(&err);
	return engine_tear_down(state);
}

/* "runs", the question, or the error's code. */
static const char *pass(const char *arguments)
{
	autofree_json cJSON *tree = cJSON_Parse(arguments);
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_errand errand = engine_errand(&caller);
	struct graph_tool_call call = {.tool = &tool, .arguments = tree, .person = person};
	bool good;

	free(question.text);
	question.text = NULL;
	good = write_guard_pass(&engine.graph, &call, &errand, &question, &err);
	secret_done(&caller.token);
	return !good ? err_info(err.code)->slug : question.text ? question.text : "runs";
}

static void the_look_goes_to_that_mailbox_by_its_own_permission(void **state)
{
	autofree char *scope = NULL;

	engine_will_grant("g1");
	upstream_answers(200, "", DRAFT);
	assert_string_equal(pass("{\"id\":\"7\",\"mailbox\":\"team@contoso.com\"}"),
		"In the mailbox of team@contoso.com:\nSend Hi?");
	assert_string_equal(upstream.calls[1].url, GRAPH "/users/team%40contoso.com/messages/7");
	scope = upstream_field(0, "scope");
	assert_string_equal(scope, "Mail.Read.Shared");
}

static void without_a_mailbox_it_goes_to_the_users_own(void **state)
{
	autofree char *scope = NULL;

	engine_will_grant("g1");
	upstream_answers(200, "", DRAFT);
	assert_string_equal(pass("{\"id\":\"7\"}"), "Send Hi?");
	assert_string_equal(upstream.calls[1].url, GRAPH "/me/messages/7");
	scope = upstream_field(0, "scope");
	assert_string_equal(scope, "Mail.Read");
}

static void who_agreed_for_one_mailbox_is_asked_again_for_another(void **state)
{
	char given[QUESTION_STATE_SIZE];

	engine_will_grant("g1");
	upstream_answers(200, "", DRAFT);
	pass("{\"id\":\"7\",\"mailbox\":\"team@contoso.com\"}");
	memcpy(given, question.state, sizeof(given));
	person.answer = PERSON_AGREES;
	person.state = given;
	upstream_answers(200, "", DRAFT);
	assert_string_equal(pass("{\"id\":\"7\",\"mailbox\":\"team@contoso.com\"}"), "runs");
	upstream_answers(200, "", DRAFT);
	assert_string_equal(pass("{\"id\":\"7\",\"mailbox\":\"board@contoso.com\"}"),
		"In the mailbox of board@contoso.com:\nSend Hi?");
}

static void a_mailbox_that_is_not_opened_stops_the_write(void **state)
{
	engine_will_grant("g1");
	upstream_answers(403, "", "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	assert_string_equal(
		pass("{\"id\":\"7\",\"mailbox\":\"team@contoso.com\"}"), "graph_forbidden");
	assert_string_equal(err_message(&err), MAILBOX_NOT_OPEN);
	assert_string_equal(pass("{\"id\":\"7\",\"mailbox\":\"me\"}"), "bad_request");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_look_goes_to_that_mailbox_by_its_own_permission),
		TEST(without_a_mailbox_it_goes_to_the_users_own),
		TEST(who_agreed_for_one_mailbox_is_asked_again_for_another),
		TEST(a_mailbox_that_is_not_opened_stops_the_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
