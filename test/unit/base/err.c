#include "base/err.h"

#include <ctype.h>
#include <string.h>

#include "stage/support.h"

static void every_code_has_a_row_of_its_own(void **state)
{
	for (int code = ERR_NONE + 1; code < ERR__COUNT; code++) {
		const struct err_info *info = err_info((enum err_code)code);

		assert_int_equal(info->code, code);
		check(info->status >= 400 && info->status <= 599, "%s", info->slug);
		check(strlen(info->text) > 20, "%s has a sentence", info->slug);
		for (const char *p = info->slug; *p; p++)
			check(islower(*p) || *p == '_', "%s", info->slug);
		for (int other = 0; other < code; other++)
			assert_string_not_equal(info->slug, err_info((enum err_code)other)->slug);
	}
}

static void statuses_are_those_documented(void **state)
{
	static const struct {
		enum err_code code;
		int status;
		const char *slug;
	} CASES[] = {
		{ERR_BAD_REQUEST, 400, "bad_request"},
		{ERR_INVALID_REQUEST, 400, "invalid_request"},
		{ERR_MISSING_TOKEN, 401, "missing_token"},
		{ERR_INVALID_TOKEN, 401, "invalid_token"},
		{ERR_INTERACTION_REQUIRED, 401, "interaction_required"},
		{ERR_INSUFFICIENT_CLAIMS, 401, "insufficient_claims"},
		{ERR_INSUFFICIENT_SCOPE, 403, "insufficient_scope"},
		{ERR_APP_ONLY_TOKEN, 403, "app_only_token"},
		{ERR_CONSENT_REQUIRED, 403, "consent_required"},
		{ERR_ACCESS_BLOCKED, 403, "access_blocked"},
		{ERR_GRAPH_FORBIDDEN, 403, "graph_forbidden"},
		{ERR_NOT_FOUND, 404, "not_found"},
		{ERR_METHOD_NOT_ALLOWED, 405, "method_not_allowed"},
		{ERR_BODY_TOO_LARGE, 413, "body_too_large"},
		{ERR_THROTTLED, 429, "throttled"},
		{ERR_TOO_MANY_REQUESTS, 429, "too_many_requests"},
		{ERR_SERVER_CONFIGURATION, 500, "server_configuration"},
		{ERR_GRAPH_ERROR, 502, "graph_error"},
		{ERR_NOT_CONFIGURED, 503, "not_configured"},
		{ERR_OVERLOADED, 503, "overloaded"},
		{ERR_UPSTREAM_UNAVAILABLE, 503, "upstream_unavailable"},
		{ERR_UPSTREAM_TIMEOUT, 504, "upstream_timeout"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		assert_string_equal(err_info(CASES[i].code)->slug, CASES[i].slug);
		check(err_info(CASES[i].code)->status == CASES[i].status, "%s", CASES[i].slug);
	}
}

static void a_detail_is_for_the_log_and_the_table_speaks(void **state)
{
	autoerr(err);

	assert_false(err_set(&err, ERR_NOT_FOUND, "no %s", "route"));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_string_equal(err.detail, "no route");
	assert_string_equal(err_message(&err), err_info(ERR_NOT_FOUND)->text);
}

static void what_is_said_is_public(void **state)
{
	autoerr(err);

	assert_false(err_say(&err, ERR_BAD_REQUEST, "name is %d.", 7));
	assert_string_equal(err_message(&err), "name is 7.");
	assert_string_equal(err.detail, "name is 7.");
}

static void a_new_error_keeps_nothing_of_the_old_one(void **state)
{
	autoerr(err);

	err_say(&err, ERR_THROTTLED, "words");
	err.retry_after_s = 9;
	assert_true(err_ask_claims(&err, "claims"));
	assert_true(err_ask_consent(&err, "https://consent"));
	err_service(&err, "graph", "code", "id");
	err_set(&err, ERR_INTERNAL, "fresh");
	assert_int_equal(err.retry_after_s, 0);
	assert_string_equal(err.message, "");
	assert_string_equal(err_upstream(&err)->claims, "");
	assert_string_equal(err_upstream(&err)->consent, "");
	assert_string_equal(err_upstream(&err)->service, "");
	assert_string_equal(err_upstream(&err)->code, "");
	assert_string_equal(err_upstream(&err)->id, "");
}

static void a_throttle_always_says_when_to_come_back(void **state)
{
	autoerr(err);

	err_set(&err, ERR_THROTTLED, "429");
	err_wait(&err, 0);
	assert_int_equal(err.retry_after_s, 60);
	err_wait(&err, 7);
	err_wrap(&err, "graph");
	assert_int_equal(err.retry_after_s, 7);
	err_say(&err, ERR_THROTTLED, "Wait.");
	assert_int_equal(err.retry_after_s, 60);
	err_set(&err, ERR_UPSTREAM_UNAVAILABLE, "503");
	err_wait(&err, 0);
	assert_int_equal(err.retry_after_s, 0);
}

static void a_service_is_noted_and_what_it_did_not_say_left_empty(void **state)
{
	char text[200];
	autoerr(err);

	err_set(&err, ERR_THROTTLED, "detail");
	err_service(&err, "entra", "AADSTS50196", "trace");
	assert_string_equal(err_upstream(&err)->service, "entra");
	assert_string_equal(err_upstream(&err)->code, "AADSTS50196");
	assert_string_equal(err_upstream(&err)->id, "trace");
	assert_string_equal(err.detail, "detail");
	err_service(&err, "graph", NULL, NULL);
	assert_string_equal(err_upstream(&err)->service, "graph");
	assert_string_equal(err_upstream(&err)->code, "");
	assert_string_equal(err_upstream(&err)->id, "");
	memset(text, 'x', sizeof(text));
	text[199] = '\0';
	err_service(&err, "graph", text, text);
	assert_string_equal(err_upstream(&err)->code, ""); /* no identifier is that long */
	assert_string_equal(err_upstream(&err)->id, "");
	err_service(&err, "graph", "a b", "x\xc3\xa9");
	assert_string_equal(err_upstream(&err)->code, "");
	assert_string_equal(err_upstream(&err)->id, "");
	text[63] = '\0';
	err_service(&err, "graph", text, "a-B.9_");
	assert_string_equal(err_upstream(&err)->code, text);
	assert_string_equal(err_upstream(&err)->id, "a-B.9_");
}

static void wrapping_puts_the_context_in_front_and_keeps_the_rest(void **state)
{
	autoerr(err);

	err_set(&err, ERR_THROTTLED, "HTTP status 429");
	err.retry_after_s = 9;
	assert_false(err_wrap(&err, "entra"));
	assert_false(err_wrap(&err, "me"));
	assert_string_equal(err.detail, "me: entra: HTTP status 429");
	assert_int_equal(err.code, ERR_THROTTLED);
	assert_int_equal(err.retry_after_s, 9);
}

static void texts_too_long_are_cut(void **state)
{
	autoerr(err);

	err_set(&err, ERR_INTERNAL, "%01000d", 0);
	assert_int_equal(strlen(err.detail), sizeof(err.detail) - 1);
	for (int i = 0; i < 9; i++)
		err_wrap(&err, "a context that goes on and on and on and on and on and on and on");
	assert_true(strlen(err.detail) < sizeof(err.detail));
	err_say(&err, ERR_INTERNAL, "%01000d", 0);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void an_error_is_small_and_what_is_large_and_rare_lies_behind_it(void **state)
{
	assert_in_range(sizeof(struct err), 1, 700);
}

/* An error with all that a service upstream can say. */
static void refuse(struct err *err)
{
	err_say(err, ERR_INSUFFICIENT_CLAIMS, "words");
	err_service(err, "graph", "code", "id");
	assert_true(err_ask_claims(err, "claims"));
	assert_true(err_ask_consent(err, "https://consent"));
}

static void a_copy_is_its_own_and_outlives_what_it_was_made_of(void **state)
{
	autoerr(err);
	autoerr(copy);

	refuse(&err);
	refuse(&copy); /* what it held is released */
	err_copy(&err, &copy);
	err_done(&err);
	assert_int_equal(copy.code, ERR_INSUFFICIENT_CLAIMS);
	assert_string_equal(err_message(&copy), "words");
	assert_string_equal(err_upstream(&copy)->service, "graph");
	assert_string_equal(err_upstream(&copy)->claims, "claims");
	assert_string_equal(err_upstream(&copy)->consent, "https://consent");
	err_set(&err, ERR_INTERNAL, "plain");
	err_copy(&err, &copy);
	assert_string_equal(err_upstream(&copy)->claims, "");
}

static void a_move_leaves_nothing_behind(void **state)
{
	autoerr(err);
	autoerr(taken);

	refuse(&err);
	refuse(&taken);
	err_move(&err, &taken);
	assert_int_equal(err.code, ERR_NONE);
	assert_string_equal(err_upstream(&err)->claims, "");
	assert_string_equal(err_upstream(&taken)->claims, "claims");
}

static void a_challenge_too_long_is_not_passed_on_in_part(void **state)
{
	char text[sizeof(err_upstream(NULL)->claims) + 1];
	autoerr(err);

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 2] = '\0';
	assert_true(err_ask_claims(&err, text));
	assert_int_equal(strlen(err_upstream(&err)->claims), sizeof(text) - 2);
	text[sizeof(text) - 2] = 'a';
	text[sizeof(text) - 1] = '\0';
	assert_false(err_ask_claims(&err, text));
	assert_false(err_ask_claims(&err, ""));
	assert_false(err_ask_consent(&err, text));
	assert_string_equal(err_upstream(&err)->consent, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_row_of_its_own),
		cmocka_unit_test(statuses_are_those_documented),
		cmocka_unit_test(a_detail_is_for_the_log_and_the_table_speaks),
		cmocka_unit_test(what_is_said_is_public),
		cmocka_unit_test(a_new_error_keeps_nothing_of_the_old_one),
		cmocka_unit_test(a_throttle_always_says_when_to_come_back),
		cmocka_unit_test(a_service_is_noted_and_what_it_did_not_say_left_empty),
		cmocka_unit_test(wrapping_puts_the_context_in_front_and_keeps_the_rest),
		cmocka_unit_test(texts_too_long_are_cut),
		cmocka_unit_test(an_error_is_small_and_what_is_large_and_rare_lies_behind_it),
		cmocka_unit_test(a_copy_is_its_own_and_outlives_what_it_was_made_of),
		cmocka_unit_test(a_move_leaves_nothing_behind),
		cmocka_unit_test(a_challenge_too_long_is_not_passed_on_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
