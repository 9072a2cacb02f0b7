#include "graph/profile.h"

#include <stdio.h>
#include <string.h>

#include "graph/batch.h"
#include "stage/engine.h"

#define CHALLENGE "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMTcifX19"
#define CHALLENGE_HEAD                                                                             \
	"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE "\"\r\n"
#define ADA "{\"displayName\":\"Ada\",\"id\":\"" ADA_ID "\"}"
#define ADA_WITHOUT_ID "{\"displayName\":\"Ada\"}"

/* The profile as text, or the error's code; the caller frees it.  *ret_err: all of it. */
static char *me(const char *select, unsigned include, struct err *ret_err)
{
	struct caller caller = engine_caller("user.assertion.x");
	struct profile_query query = {.select = select, .include = include};
	struct graph_errand errand = engine_errand(&caller);
	struct buf profile;
	bool good;

	good = graph_me(&engine.graph, &query, &errand, &profile, ret_err);
	secret_done(&caller.token);
	return good ? profile.data : xstrdup(err_info(ret_err->code)->slug);
}

static void assert_me(const char *expected)
{
	autoerr(err);
	autofree char *outcome = me(NULL, 0, &err);

	assert_string_equal(outcome, expected);
}

static bool bears(int i, const char *token)
{
	char line[128];

	snprintf(line, sizeof(line), "Authorization: Bearer %s\n", token);
	return strstr(upstream.calls[i].headers, line) != NULL;
}

static void the_exchanged_token_and_the_select_go_to_graph(void **state)
{
	autofree char *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(200, "", ADA);
	outcome = me("displayName,mail", 0, &err);
	assert_string_equal(outcome, ADA_WITHOUT_ID);
	assert_string_equal(upstream.calls[1].url,
		"https://graph.microsoft.com/v1.0/me?$select=displayName,mail,id");
	assert_true(bears(1, "g1"));
	assert_null(upstream.calls[1].body);
}

static void a_refused_token_is_exchanged_anew_once(void **state)
{
	engine_will_grant("g1");
	upstream_answers(401, "", "{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}");
	engine_will_grant("g2");
	upstream_answers(200, "", ADA);
	assert_me(ADA);
	assert_true(bears(1, "g1") && bears(3, "g2"));
	upstream_answers(401, "", "");
	engine_will_grant("g3");
	upstream_answers(401, "", "");
	assert_me("invalid_token");
	assert_true(upstream_is_done());
}

static void a_challenge_is_answered_with_its_claims_once(void **state)
{
	static const int STATUSES[] = {401, 403};

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		autofree char *claims = NULL, *outcome = NULL;
		autoerr(err);

		engine_tear_down(state);
		engine_set_up(state);
		engine_will_grant("g1");
		upstream_answers(STATUSES[i], CHALLENGE_HEAD, "");
		engine_will_grant("g2");
		upstream_answers(200, "", ADA);
		assert_me(ADA);
		assert_true(bears(3, "g2"));
		claims = upstream_field(2, "claims");
		assert_non_null(strstr(claims, "\"nbf\":{\"value\":\"17\"}"));
		upstream_answers(STATUSES[i], CHALLENGE_HEAD, "");
		engine_will_grant("g3");
		upstream_answers(STATUSES[i], CHALLENGE_HEAD, "");
		outcome = me(NULL, 0, &err);
		assert_string_equal(outcome, "insufficient_claims");
		assert_string_equal(err_upstream(&err)->claims, CHALLENGE);
		assert_true(upstream_is_done());
	}
}

static void entras_own_challenge_goes_to_the_client(void **state)
{
	autofree char *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(401, CHALLENGE_HEAD, "");
	upstream_answers(400, "",
		"{\"error\":\"interaction_required\",\"error_codes\":[50076],\"claims\":\"{}\"}");
	outcome = me(NULL, 0, &err);
	assert_string_equal(outcome, "insufficient_claims");
	assert_string_equal(err_upstream(&err)->claims, "e30=");
	assert_true(upstream_is_done());
}

#define BO "{\"displayName\":\"Bo\",\"id\":\"aaaaaaaa-0002-4000-8000-0000000000b0\"}"

static void anothers_profile_is_refused_and_nothing_of_it_kept(void **state)
{
	static const char *const OTHERS[] = {BO, ADA_WITHOUT_ID, "{\"id\":null}", "{\"id\":7}"};

	for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
		engine_tear_down(state);
		engine_set_up(state);
		engine_will_grant("g1");
		upstream_answers(200, "", OTHERS[i]);
		engine_will_grant("g2"); /* the token may be another's too */
		upstream_answers(200, "", OTHERS[i]);
		assert_me("graph_error");
		assert_int_equal(upstream.distrust_count, 2);
		engine_will_grant("g3");
		upstream_answers(200, "", ADA);
		assert_me(ADA);
		assert_true(bears(5, "g3") && upstream_is_done());
	}
}

static void anothers_profile_is_made_good_by_one_more_try(void **state)
{
	engine_will_grant("g1");
	upstream_answers(200, "", BO);
	engine_will_grant("g2");
	upstream_answers(200, "", ADA);
	assert_me(ADA);
	assert_true(bears(3, "g2"));
	assert_int_equal(upstream.distrust_count, 1);
}

static void an_id_that_was_selected_stays(void **state)
{
	static const char *const SELECTS[] = {"id", "displayName,id", "ID,displayName"};

	for (size_t i = 0; i < COUNT_OF(SELECTS); i++) {
		autofree char *outcome = NULL;
		autoerr(err);

		if (i == 0)
			engine_will_grant("g1");
		upstream_answers(200, "", ADA);
		outcome = me(SELECTS[i], 0, &err);
		assert_string_equal(outcome, ADA);
		assert_string_equal(strchr(upstream.calls[i + 1].url, '=') + 1, SELECTS[i]);
	}
}

#define BATCH(parts) "{\"responses\":[" parts "]}"
#define PART_ADA "{\"id\":\"me\",\"status\":200,\"body\":" ADA "}"
#define PART_BOSS "{\"id\":\"manager\",\"status\":200,\"body\":{\"displayName\":\"Bo\"}}"

static void what_is_included_comes_in_one_batch(void **state)
{
	autofree char *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(200, "", BATCH(PART_BOSS "," PART_ADA));
	outcome = me("displayName", GRAPH_INCLUDE_MANAGER, &err);
	assert_string_equal(
		outcome, "{\"displayName\":\"Ada\",\"manager\":{\"displayName\":\"Bo\"}}");
	assert_string_equal(upstream.calls[1].url, "https://graph.microsoft.com/v1.0/$batch");
	assert_non_null(strstr(upstream.calls[1].body, "\"url\":\"/me?$select=displayName,id\""));
}

static void a_challenge_inside_a_batch_is_answered_as_one_outside(void **state)
{
	autofree char *claims = NULL, *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(200, "",
		BATCH("{\"id\":\"me\",\"status\":401,\"headers\":{\"WWW-Authenticate\":"
		      "\"Bearer error=\\\"insufficient_claims\\\", claims=\\\"" CHALLENGE
		      "\\\"\"},\"body\":{\"error\":{\"code\":\"x\"}}}"));
	engine_will_grant("g2");
	upstream_answers(200, "", BATCH(PART_ADA "," PART_BOSS));
	outcome = me(NULL, GRAPH_INCLUDE_MANAGER, &err);
	assert_non_null(strstr(outcome, "\"Bo\""));
	assert_true(bears(3, "g2"));
	claims = upstream_field(2, "claims");
	assert_non_null(strstr(claims, "\"nbf\":{\"value\":\"17\"}"));
}

static void a_batch_without_the_user_cannot_be_used(void **state)
{
	static const char *const BODIES[] = {BATCH(""), BATCH(PART_BOSS), "{}", "[]", "",
		BATCH("{\"id\":\"me\",\"status\":200}"),
		BATCH("{\"id\":\"me\",\"status\":200,\"body\":\"text\"}")};

	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		autofree char *outcome = NULL;
		autoerr(err);

		upstream_answers(200, "", BODIES[i]);
		outcome = me(NULL, GRAPH_INCLUDE_MANAGER, &err);
		check(!strcmp(outcome, "graph_error"), "%s", BODIES[i]);
	}
	assert_true(upstream_is_done());
}

static void a_503_is_tried_again_on_a_fresh_connection_after_its_wait(void **state)
{
	engine_will_grant("g1");
	upstream_answers(503, "Retry-After: 2\r\n", "");
	upstream_answers(429, "Retry-After: 3\r\n", "");
	upstream_answers(200, "", ADA);
	assert_me(ADA);
	assert_int_equal(upstream.wait_count, 2);
	assert_int_equal(upstream.waits_ms[0], 2000);
	assert_int_equal(upstream.waits_ms[1], 3000);
	assert_false(upstream.calls[1].fresh);
	assert_true(upstream.calls[2].fresh);
	assert_false(upstream.calls[3].fresh);
}

/* What Graph's own clients do, so that its operators can tell repeats from calls. */
static void a_repeat_says_which_it_is(void **state)
{
	engine_will_grant("g1");
	upstream_answers(503, "", "");
	upstream_answers(503, "", "");
	upstream_answers(200, "", ADA);
	assert_me(ADA);
	assert_null(strstr(upstream.calls[1].headers, "Retry-Attempt"));
	assert_non_null(strstr(upstream.calls[2].headers, "Retry-Attempt: 1\n"));
	assert_non_null(strstr(upstream.calls[3].headers, "Retry-Attempt: 2\n"));
}

static void a_throttled_part_about_the_user_is_tried_again(void **state)
{
	autofree char *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(200, "",
		BATCH("{\"id\":\"me\",\"status\":429,\"headers\":{\"retry-after\":\"2\"}}"));
	upstream_answers(200, "", BATCH(PART_ADA "," PART_BOSS));
	outcome = me(NULL, GRAPH_INCLUDE_MANAGER, &err);
	assert_non_null(strstr(outcome, "\"Bo\""));
	assert_int_equal(upstream.waits_ms[0], 2000);
}

static void a_wait_past_the_deadline_is_given_up_at_once(void **state)
{
	autofree char *outcome = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(429, "Retry-After: 26\r\n", ""); /* the deadline is 25 s */
	outcome = me(NULL, 0, &err);
	assert_string_equal(outcome, "throttled");
	assert_int_equal(err.retry_after_s, 26);
	assert_int_equal(upstream.wait_count, 0);
	assert_true(upstream_is_done());
}

static void three_tries_are_all_and_their_pauses_grow(void **state)
{
	engine_will_grant("g1");
	for (int i = 0; i < 3; i++)
		upstream_answers(504, "", "");
	assert_me("upstream_timeout");
	assert_true(upstream_is_done());
	assert_int_equal(upstream.wait_count, 2);
	assert_in_range(upstream.waits_ms[0], 500, 749);
	assert_in_range(upstream.waits_ms[1], 1000, 1249);
}

static void other_failures_are_not_tried_again(void **state)
{
	static const int STATUSES[] = {400, 403, 404, 500, 502, 302};

	engine_will_grant("g1");
	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		autofree char *outcome = NULL;
		autoerr(err);

		upstream_answers(STATUSES[i], "", "");
		outcome = me(NULL, 0, &err);
		check(upstream_is_done() && !upstream.wait_count, "%d", STATUSES[i]);
	}
}

static void what_graph_does_not_know_is_told_as_the_property_or_the_user(void **state)
{
	autofree char *property = NULL, *user = NULL;
	autoerr(err);

	engine_will_grant("g1");
	upstream_answers(400, "", "");
	property = me("nonsense", 0, &err);
	assert_string_equal(property, "bad_request");
	assert_non_null(strstr(err.message, "$select"));
	upstream_answers(404, "", "");
	user = me(NULL, 0, &err);
	assert_string_equal(user, "not_found");
	assert_non_null(strstr(err.message, "this user"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_set_up, engine_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(anothers_profile_is_refused_and_nothing_of_it_kept),
		TEST(anothers_profile_is_made_good_by_one_more_try),
		TEST(an_id_that_was_selected_stays),
		TEST(the_exchanged_token_and_the_select_go_to_graph),
		TEST(a_refused_token_is_exchanged_anew_once),
		TEST(a_challenge_is_answered_with_its_claims_once),
		TEST(entras_own_challenge_goes_to_the_client),
		TEST(what_is_included_comes_in_one_batch),
		TEST(a_challenge_inside_a_batch_is_answered_as_one_outside),
		TEST(a_batch_without_the_user_cannot_be_used),
		TEST(a_repeat_says_which_it_is),
		TEST(a_503_is_tried_again_on_a_fresh_connection_after_its_wait),
		TEST(a_throttled_part_about_the_user_is_tried_again),
		TEST(a_wait_past_the_deadline_is_given_up_at_once),
		TEST(three_tries_are_all_and_their_pauses_grow),
		TEST(other_failures_are_not_tried_again),
		TEST(what_graph_does_not_know_is_told_as_the_property_or_the_user),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
