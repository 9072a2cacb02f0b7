/* What stands before a write where nothing can be looked at: the arguments alone are judged, and
 * what only a look would tell is taken for outside. */
#include <stdlib.h>
#include <string.h>

#include "../graph/read_definition.h"
#include "graph/write_guard.h"
#include "stage/engine.h"

#define SEND_DRAFT                                                                                 \
	"{\"name\":\"send_draft\",\"title\":\"T\",\"description\":\"D\",\"permissions\":["         \
	"\"Mail.Send\"],\"shared\":[\"Mail.Send.Shared\"],\"writes\":{\"destructive\":false,"      \
	"\"idempotent\":false},\"unsure\":\"Look.\",\"result\":{\"say\":\"Sent.\"},\"confirm\":"   \
	"\"Send {subject}?\",\"recipients\":[\"to\"],\"look\":{\"path\":\"/me/messages/{id}\","    \
	"\"permissions\":[\"Mail.Read\"],\"shared\":[\"Mail.Read.Shared\"],\"pick\":{\"subject\":" \
	"\"subject\",\"to\":\"toRecipients[].emailAddress.address\"}},\"arguments\":{\"id\":{"     \
	"\"type\":\"string\"}},\"required\":[\"id\"],\"request\":{\"method\":\"POST\",\"path\":"   \
	"\"/me/messages/{id}/send\"}}"

static struct graph_tool definition;
static struct enabled_tool tool = {.definition = &definition};
static struct question question;
static struct err err;

static int set_up(void **state)
{
	int done = engine_set_up(state);

	read(SEND_DRAFT, &definition);
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

static void allow(const char *domains)
{
	free(engine.config.write_recipient_domains);
	engine.config.write_recipient_domains = xstrdup(domains);
}

/* "runs", the question, or the error's sentence. */
static const char *pass(void)
{
	autofree_json cJSON *arguments = cJSON_Parse("{\"id\":\"7\"}");
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_tool_call call = {
		.tool = &tool, .arguments = arguments, .person = {.can_be_asked = true}};
	bool good = write_guard_pass_blind(&engine.config, &call, &caller, &question, &err);

	secret_done(&caller.token);
	return !good ? err_message(&err) : question.text ? question.text : "runs";
}

static void the_question_says_that_there_is_more(void **state)
{
	engine.config.confirm_writes = true;
	allow("");
	assert_string_equal(pass(), "There is more to it than can be shown here.\nT?");
}

static void nobody_is_let_through_whom_the_arguments_do_not_name(void **state)
{
	engine.config.confirm_writes = false;
	allow("example.com");
	assert_string_equal(pass(),
		"WRITE_RECIPIENT_DOMAINS does not allow this to reach somebody whom only the "
		"other instance sees. Nothing was done.");
	assert_int_equal(err.code, ERR_RECIPIENT_NOT_ALLOWED);
	allow("");
	assert_string_equal(pass(), "runs");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_question_says_that_there_is_more),
		TEST(nobody_is_let_through_whom_the_arguments_do_not_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
