/* What stands before a write: whom it reaches, and that the person agrees. */
#include "graph/write_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/question_state.h"
#include "stage/engine.h"

#define WRITES                                                                                     \
	"\"title\":\"T\",\"description\":\"D\",\"permissions\":[\"Mail.Send\"],"                   \
	"\"writes\":{\"destructive\":false,\"idempotent\":false},\"unsure\":\"Look.\","            \
	"\"result\":{\"say\":\"Sent.\"},"
#define SEND                                                                                       \
	"{\"name\":\"send\"," WRITES "\"confirm\":\"Send to {to}?\\n{body}\","                     \
	"\"recipients\":[\"to\",\"cc\"],\"arguments\":{\"to\":{\"type\":\"array\",\"items\":{"     \
	"\"type\":\"string\"}},\"cc\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"       \
	"\"body\":{\"type\":\"string\"}},\"request\":{\"method\":\"POST\",\"path\":\"/me/x\"}}"
#define DRAFT                                                                                      \
	"{\"name\":\"draft\"," WRITES "\"confirm\":\"Draft?\",\"request\":{"                       \
	"\"method\":\"POST\",\"path\":\"/me/x\"}}"
#define SEND_DRAFT                                                                                 \
	"{\"name\":\"send_draft\"," WRITES "\"confirm\":\"Send {subject} to {to}?\","              \
	"\"recipients\":[\"to\",{\"choose\":\"all\",\"of\":{\"true\":\"cc\"}}],\"look\":{"         \
	"\"path\":"                                                                                \
	"\"/me/messages/{id}\",\"query\":{\"$select\":true},\"permissions\":[\"Mail.Read\"],"      \
	"\"pick\":{\"subject\":\"subject\",\"to\":{\"at\":\"toRecipients[]\",\"pick\":{"           \
	"\"address\":\"emailAddress.address\"}},\"cc\":\"ccRecipients[].emailAddress.address\"}}," \
	"\"arguments\":{\"id\":{\"type\":\"string\"},\"all\":{\"type\":\"boolean\"}},"             \
	"\"required\":"                                                                            \
	"[\"id\"],\"request\":{\"method\":\"POST\",\"path\":\"/me/messages/{id}/send\"}}"
#define TO(address) "{\"emailAddress\":{\"address\":\"" address "\"}}"
#define LOOKED(subject, to) "{\"subject\":\"" subject "\",\"toRecipients\":[" to "]}"

static struct graph_tool definition;
static struct enabled_tool tool = {
	.definition = &definition, .scope = (char *)"https://graph.microsoft.com/Mail.Send"};
static struct question question;
static struct person person;
static char last_state[QUESTION_STATE_SIZE];
static const char *user = ADA_ID;
static struct err err;

static void use(const char *text)
{
	autofree_json cJSON *tree = NULL;
	struct tool_problem problem = {.text = ""};

	definition_done(&definition);
	assert_true(json_parse(text, strlen(text), &tree, &err));
	check(definition_read(tree, "mail", &definition, &problem), "%s: %s", problem.place,
		problem.text);
	tool.look_scope = *definition.look_permissions
				  ? (char *)"https://graph.microsoft.com/Mail.Read"
				  : NULL;
}

static int set_up(void **state)
{
	int done = engine_set_up(state);

	engine.config.confirm_writes = false;
	free(engine.config.write_recipient_domains);
	engine.config.write_recipient_domains = xstrdup("");
	person = (struct person){.can_be_asked = true};
	user = ADA_ID;
	return done;
}

static int tear_down(void **state)
{
	definition_done(&definition);
	free(question.text);
	question.text = NULL;
	err_done(&err);
	return engine_tear_down(state);
}

static void allow(const char *domains)
{
	free(engine.config.write_recipient_domains);
	engine.config.write_recipient_domains = xstrdup(domains);
}

/* "runs", the question, or the error's code. */
static const char *pass(const char *arguments)
{
	autofree_json cJSON *tree = NULL;
	struct caller caller = engine_caller("user.assertion.x");
	struct graph_errand errand = engine_errand(&caller);
	struct graph_tool_call call = {.tool = &tool, .person = person};
	autofree char *oid = xstrdup(user), *own = caller.object_id;
	bool good;

	assert_true(json_parse(arguments, strlen(arguments), &tree, &err));
	call.arguments = tree;
	caller.object_id = oid;
	free(question.text);
	question.text = NULL;
	good = write_guard_pass(&engine.graph, &call, &errand, &question, &err);
	caller.object_id = own;
	own = NULL;
	secret_done(&caller.token);
	if (!good)
		return err_info(err.code)->slug;
	if (question.text)
		memcpy(last_state, question.state, sizeof(last_state));
	return question.text ? question.text : "runs";
}

#define assert_pass(arguments, expected) assert_string_equal(pass(arguments), expected)

/* The person agrees to the last question. */
static void agree(void)
{
	person.answer = PERSON_AGREES;
	person.state = last_state;
}

static void without_a_setting_a_write_runs(void **state)
{
	use(SEND);
	person.can_be_asked = false;
	assert_pass("{\"to\":[\"x@evil.example\"]}", "runs");
	assert_int_equal(upstream.call_count, 0);
}

static void a_write_runs_once_the_person_agreed_to_what_was_shown(void **state)
{
	use(SEND);
	engine.config.confirm_writes = true;
	assert_pass("{\"to\":[\"a@b.example\"],\"body\":\"hi\"}", "Send to a@b.example?\nhi");
	agree();
	assert_pass("{\"to\":[\"a@b.example\"],\"body\":\"hi\"}", "runs");
	/* the order of arguments and what is null change nothing */
	assert_pass("{\"body\":\"hi\",\"cc\":null,\"to\":[\"a@b.example\"]}", "runs");
}

static void an_answer_does_not_count_for_other_arguments(void **state)
{
	static const char *const OTHERS[] = {"{\"to\":[\"x@b.example\"],\"body\":\"hi\"}",
		"{\"to\":[\"a@b.example\",\"x@b.example\"],\"body\":\"hi\"}",
		"{\"to\":[\"a@b.example\"],\"body\":\"hi \"}", "{\"to\":[\"a@b.example\"]}",
		"{\"to\":[\"a@b.example\"],\"body\":\"hi\",\"cc\":[\"x@b.example\"]}",
		"{\"to\":[\"a@b.example\"],\"body\":\"hi\",\"cc\":[]}"};

	use(SEND);
	engine.config.confirm_writes = true;
	for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
		person.answer = PERSON_SILENT;
		pass("{\"to\":[\"a@b.example\"],\"body\":\"hi\"}");
		agree();
		check(!strncmp(pass(OTHERS[i]), "Send to ", 8), "%s", OTHERS[i]);
	}
}

static void an_answer_does_not_count_for_another_tool_or_user(void **state)
{
	use(SEND);
	engine.config.confirm_writes = true;
	pass("{}");
	agree();
	user = "aaaaaaaa-0002-4000-8000-00000000b0b0";
	assert_pass("{}", "T?");
	person.answer = PERSON_SILENT;
	user = ADA_ID;
	pass("{}");
	agree();
	use(DRAFT);
	assert_pass("{}", "Draft?");
}

static void an_answer_counts_for_ten_minutes(void **state)
{
	use(SEND);
	engine.config.confirm_writes = true;
	pass("{}");
	agree();
	atomic_fetch_add(&upstream.now_s, QUESTION_VALID_S);
	assert_pass("{}", "runs");
	atomic_fetch_add(&upstream.now_s, 1);
	assert_pass("{}", "confirmation_required");
	assert_non_null(strstr(err_message(&err), "more than ten minutes after"));
}

static void a_state_of_a_time_that_has_not_come_is_none_of_ours(void **state)
{
	use(SEND);
	engine.config.confirm_writes = true;
	pass("{}");
	agree();
	atomic_fetch_sub(&upstream.now_s, 10);
	assert_pass("{}", "T?");
}

static void a_state_that_is_none_has_the_question_put_again(void **state)
{
	static const char *const STATES[] = {"", "v1.", "v1.0.", "v2.1800000600.x",
		"v1.99999999999999999999999999.x", "v1.-5.x", "v1.1800000600.",
		"v1.1800000600.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};

	use(SEND);
	engine.config.confirm_writes = true;
	person.answer = PERSON_AGREES;
	assert_pass("{}", "T?");
	for (size_t i = 0; i < COUNT_OF(STATES); i++) {
		person.state = STATES[i];
		assert_pass("{}", "T?");
	}
}

static void what_the_person_does_not_want_is_not_done(void **state)
{
	use(SEND_DRAFT);
	engine.config.confirm_writes = true;
	person.answer = PERSON_DECLINES;
	assert_pass("{\"id\":\"7\"}", "declined");
	person.answer = PERSON_CANCELS;
	assert_pass("{\"id\":\"7\"}", "declined");
	assert_int_equal(upstream.call_count, 0);
}

static void where_nobody_can_be_asked_nothing_is_written_be_it_a_draft(void **state)
{
	engine.config.confirm_writes = true;
	person.can_be_asked = false;
	use(SEND_DRAFT);
	assert_pass("{\"id\":\"7\"}", "confirmation_required");
	assert_int_equal(upstream.call_count, 0);
	use(DRAFT);
	assert_pass("{}", "confirmation_required");
	assert_string_equal(err_message(&err),
		"The person has to confirm this, and cannot be asked here. Use a client that can "
		"ask (MCP elicitation over stdio, or MCP 2026-07-28 over HTTP), do it by hand in "
		"Outlook or Teams, or have the operator leave CONFIRM_WRITES off. Nothing was "
		"done.");
	person.can_be_asked = true;
	assert_pass("{}", "Draft?");
}

static void arguments_that_the_tool_does_not_take_are_told_before_anybody_is_asked(void **state)
{
	use(SEND_DRAFT);
	engine.config.confirm_writes = true;
	assert_pass("{\"id\":\"..\"}", "bad_request");
	assert_int_equal(upstream.call_count, 0);
}

static void who_is_outside_is_refused_and_named(void **state)
{
	use(SEND);
	allow("example.com,b.example");
	assert_pass("{\"to\":[\"a@b.example\"],\"cc\":[\"c@EXAMPLE.com\"]}", "runs");
	assert_pass("{\"to\":[\"a@b.example\",\"x@evil.example\"]}", "recipient_not_allowed");
	assert_string_equal(err_message(&err),
		"WRITE_RECIPIENT_DOMAINS does not allow this to reach x@evil.example. Nothing was "
		"done.");
	assert_pass(
		"{\"to\":[\"a@b.example\"],\"cc\":[\"x@evil.example\"]}", "recipient_not_allowed");
	engine.config.confirm_writes = true; /* whatever the person says */
	assert_pass("{\"to\":[\"x@evil.example\"]}", "recipient_not_allowed");
}

static void what_the_arguments_do_not_say_is_looked_at_first(void **state)
{
	autofree char *scope = NULL;

	use(SEND_DRAFT);
	engine.config.confirm_writes = true;
	allow("example.com");
	engine_will_grant("g1");
	upstream_answers(200, "", LOOKED("Hi", TO("a@example.com")));
	assert_pass("{\"id\":\"7\"}", "Send Hi to <a@example.com>?");
	scope = upstream_field(0, "scope");
	assert_string_equal(scope, "https://graph.microsoft.com/Mail.Read");
	assert_string_equal(upstream.calls[1].method ? upstream.calls[1].method : "GET", "GET");
	assert_string_equal(upstream.calls[1].url,
		"https://graph.microsoft.com/v1.0/me/messages/7?$select=subject%2CtoRecipients%"
		"2CccRecipients");
}

static void a_draft_that_was_changed_meanwhile_is_asked_about_again(void **state)
{
	use(SEND_DRAFT);
	engine.config.confirm_writes = true;
	engine_will_grant("g1");
	upstream_answers(200, "", LOOKED("Hi", TO("a@example.com")));
	pass("{\"id\":\"7\"}");
	agree();
	upstream_answers(200, "", LOOKED("Hi", TO("a@example.com") "," TO("x@example.com")));
	assert_pass("{\"id\":\"7\"}", "Send Hi to <a@example.com>, <x@example.com>?");
	upstream_answers(200, "", LOOKED("Hi", TO("a@example.com") "," TO("x@example.com")));
	assert_pass("{\"id\":\"7\"}", "runs");
}

static void whom_the_look_does_not_tell_is_outside(void **state)
{
	static const struct {
		const char *arguments, *looked, *outcome;
	} CASES[] = {
		{"{\"id\":\"7\"}", LOOKED("", TO("a@example.com")), "runs"},
		{"{\"id\":\"7\"}", LOOKED("", TO("a@example.com") "," TO("x@evil.example")),
			"recipient_not_allowed"},
		{"{\"id\":\"7\"}", LOOKED("", TO("a@example.com") ",{}"), "recipient_not_allowed"},
		{"{\"id\":\"7\"}", LOOKED("", "{\"emailAddress\":{\"name\":\"N\"}}"),
			"recipient_not_allowed"},
		{"{\"id\":\"7\"}", LOOKED("", ""), "recipient_not_allowed"},
		{"{\"id\":\"7\",\"all\":true}",
			"{\"toRecipients\":[" TO("a@example.com") "],\"ccRecipients\":[{}]}",
			"recipient_not_allowed"},
		{"{\"id\":\"7\",\"all\":true}",
			"{\"toRecipients\":[" TO(
				"a@example.com") "],\"ccRecipients\":[{"
						 "\"emailAddress\":{\"address\":null}}]}",
			"recipient_not_allowed"},
		{"{\"id\":\"7\"}", "{}", "recipient_not_allowed"},
		{"{\"id\":\"7\"}", "[]", "graph_error"},
		{"{\"id\":\"7\"}",
			"{\"toRecipients\":[" TO("a@example.com") "],\"@odata.nextLink\":\"x\"}",
			"recipient_not_allowed"},
		{"{\"id\":\"7\",\"all\":false}",
			"{\"toRecipients\":[" TO("a@example.com") "],\"ccRecipients\":[" TO(
				"x@evil.example") "]}",
			"runs"},
		{"{\"id\":\"7\",\"all\":true}",
			"{\"toRecipients\":[" TO("a@example.com") "],\"ccRecipients\":[" TO(
				"x@evil.example") "]}",
			"recipient_not_allowed"},
	};

	use(SEND_DRAFT);
	allow("example.com");
	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const char *outcome;

		upstream_answers(200, "", CASES[i].looked);
		outcome = pass(CASES[i].arguments);
		check(!strcmp(outcome, CASES[i].outcome), "%s: %s", CASES[i].looked, outcome);
	}
}

static void a_look_that_is_not_whole_is_said_to_be_so(void **state)
{
	use(SEND_DRAFT);
	engine.config.confirm_writes = true;
	engine_will_grant("g1");
	upstream_answers(200, "",
		"{\"subject\":\"Hi\",\"toRecipients\":[" TO(
			"a@example.com") "],\"@odata.nextLink\":\"x\"}");
	assert_pass("{\"id\":\"7\"}",
		"There is more to it than can be shown here.\nSend Hi to <a@example.com>?");
}

static void a_look_that_fails_lets_nothing_through(void **state)
{
	use(SEND_DRAFT);
	allow("example.com");
	engine_will_grant("g1");
	upstream_answers(404, "", "{\"error\":{\"code\":\"ErrorItemNotFound\"}}");
	assert_pass("{\"id\":\"7\"}", "not_found");
	upstream_answers(403, "", "{\"error\":{\"code\":\"ErrorAccessDenied\"}}");
	assert_pass("{\"id\":\"7\"}", "graph_forbidden");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_setting_a_write_runs),
		TEST(a_write_runs_once_the_person_agreed_to_what_was_shown),
		TEST(an_answer_does_not_count_for_other_arguments),
		TEST(an_answer_does_not_count_for_another_tool_or_user),
		TEST(an_answer_counts_for_ten_minutes),
		TEST(a_state_of_a_time_that_has_not_come_is_none_of_ours),
		TEST(a_state_that_is_none_has_the_question_put_again),
		TEST(what_the_person_does_not_want_is_not_done),
		TEST(where_nobody_can_be_asked_nothing_is_written_be_it_a_draft),
		TEST(arguments_that_the_tool_does_not_take_are_told_before_anybody_is_asked),
		TEST(who_is_outside_is_refused_and_named),
		TEST(what_the_arguments_do_not_say_is_looked_at_first),
		TEST(a_draft_that_was_changed_meanwhile_is_asked_about_again),
		TEST(whom_the_look_does_not_tell_is_outside),
		TEST(a_look_that_is_not_whole_is_said_to_be_so),
		TEST(a_look_that_fails_lets_nothing_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
