/* A managed identity's token as credential. */
#include "token/credential.h"

#include <stdio.h>
#include <string.h>

#include "stage/upstream.h"

#define ENDPOINT "http://127.0.0.1:41/msi/token"
#define RESOURCE "?api-version=2019-08-01&resource=api%3A%2F%2FAzureADTokenExchange"
#define USER_ASSIGNED "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

static struct config config;
static struct credential *credential;
static struct deadline deadline;

static void start(const char *identity, const char *authority)
{
	const struct setting_change changes[] = {{"CLIENT_SECRET", NULL},
		{"MANAGED_IDENTITY", identity}, {"IDENTITY_ENDPOINT", ENDPOINT},
		{"IDENTITY_HEADER", "h34der"}, {"AUTHORITY_HOST", authority}};
	autoerr(err);

	credential_free(credential);
	config_done(&config);
	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0);
	assert_true(credential_new(&config, NULL, &credential, &err));
}

static int set_up(void **state)
{
	upstream_reset();
	deadline = deadline_after(600000);
	start("system", NULL);
	return 0;
}

static int tear_down(void **state)
{
	upstream_reset();
	credential_free(credential);
	credential = NULL;
	config_done(&config);
	return 0;
}

/* The assertion that is added, or the error's code as "!code". */
static void assert_adds(const char *expected)
{
	struct buf form;
	autoerr(err);
	const char *at;

	buf_init(&form);
	if (credential_add(credential, "https://login.example/token", deadline, &form, &err)) {
		at = strstr(buf_text(&form), "&client_assertion=");
		assert_non_null(at);
		assert_string_equal(at + strlen("&client_assertion="), expected);
	} else {
		assert_int_equal(*expected, '!');
		assert_string_equal(err_info(err.code)->slug, expected + 1);
	}
	buf_done(&form);
}

static void the_endpoint_is_asked_for_the_exchange_audience(void **state)
{
	assert_string_equal(credential_kind(credential), "managed_identity");
	upstream_answers(200, "", "{\"access_token\":\"mi.1\",\"expires_on\":\"1800086400\"}");
	assert_adds("mi.1");
	assert_string_equal(upstream.calls[0].url, ENDPOINT RESOURCE);
	assert_string_equal(upstream.calls[0].headers, "X-IDENTITY-HEADER: h34der\n");
	assert_null(upstream.calls[0].body);
}

static void a_user_assigned_identity_is_named(void **state)
{
	start(USER_ASSIGNED, NULL);
	upstream_answers(200, "", "{\"access_token\":\"mi.1\",\"expires_on\":\"1800086400\"}");
	assert_adds("mi.1");
	assert_string_equal(upstream.calls[0].url, ENDPOINT RESOURCE "&client_id=" USER_ASSIGNED);
}

static void each_cloud_has_its_audience(void **state)
{
	static const char *const CASES[][2] = {
		{"https://login.microsoftonline.us", "USGov"},
		{"https://login.partner.microsoftonline.cn", "China"},
		{"https://login.elsewhere.example", ""},
	};

	for (int i = 0; i < (int)COUNT_OF(CASES); i++) {
		char url[256];

		start("system", CASES[i][0]);
		upstream_answers(200, "", "{\"access_token\":\"mi\",\"expires_on\":1800086400}");
		assert_adds("mi");
		snprintf(url, sizeof(url), "%s%s", ENDPOINT RESOURCE, CASES[i][1]);
		assert_string_equal(upstream.calls[i].url, url);
	}
}

static void its_token_is_kept_until_five_minutes_before_it_expires(void **state)
{
	upstream_answers(200, "", "{\"access_token\":\"mi.1\",\"expires_on\":\"1800001000\"}");
	assert_adds("mi.1");
	upstream.now_s = NOW_S + 699;
	assert_adds("mi.1");
	assert_true(upstream_is_done());
	upstream_answers(200, "", "{\"access_token\":\"mi.2\",\"expires_on\":1800009000}");
	upstream.now_s = NOW_S + 700;
	assert_adds("mi.2");
	upstream.now_s = NOW_S + 8699;
	assert_adds("mi.2");
	assert_true(upstream_is_done());
}

static void a_passing_failure_is_repeated_three_times_a_second_apart(void **state)
{
	static const int STATUSES[] = {404, 408, 429, 500, 502, 503, 504};

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		upstream_reset();
		for (int j = 0; j < 3; j++)
			upstream_answers(STATUSES[i], "", "");
		upstream_answers(
			200, "", "{\"access_token\":\"mi.4\",\"expires_on\":\"1800000000\"}");
		assert_adds("mi.4"); /* expired on arrival, so the next asks again */
		check(upstream_is_done() && upstream.wait_count == 3, "%d", STATUSES[i]);
		for (int j = 0; j < 3; j++)
			assert_int_equal(upstream.waits_ms[j], 1000);
	}
}

static void an_endpoint_that_cannot_be_reached_is_tried_again(void **state)
{
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	upstream_answers(200, "", "{\"access_token\":\"mi.3\",\"expires_on\":\"1800086400\"}");
	assert_adds("mi.3");
	assert_int_equal(upstream.wait_count, 2);
	for (int i = 0; i < 4; i++)
		upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	upstream.now_s = NOW_S + 86400;
	assert_adds("!upstream_unavailable");
	assert_true(upstream_is_done());
}

static void after_four_tries_it_is_an_error_that_is_not_remembered(void **state)
{
	for (int i = 0; i < 4; i++)
		upstream_answers(503, "", "");
	assert_adds("!upstream_unavailable");
	assert_true(upstream_is_done());
	upstream_answers(200, "", "{\"access_token\":\"mi.1\",\"expires_on\":\"1800086400\"}");
	assert_adds("mi.1");
}

static void a_refusal_is_not_repeated(void **state)
{
	static const int STATUSES[] = {400, 401, 403};

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		upstream_answers(STATUSES[i], "", "{\"message\":\"No identity\"}");
		assert_adds("!server_configuration");
		check(upstream_is_done() && !upstream.wait_count, "%d", STATUSES[i]);
	}
}

static void an_answer_without_a_token_is_an_error(void **state)
{
	static const char *const BODIES[] = {"", "<html>", "{}", "{\"access_token\":7}",
		"{\"access_token\":\"\"}", "{\"access_token\":\"two words\"}",
		"{\"access_token\":null,\"expires_on\":1800086400}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		upstream_answers(200, "", BODIES[i]);
		assert_adds("!server_configuration");
		check(upstream_is_done(), "%s", BODIES[i]);
	}
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_adds("!upstream_timeout");
}

static void a_token_without_an_expiry_serves_one_call(void **state)
{
	upstream_answers(200, "", "{\"access_token\":\"mi.1\"}");
	upstream_answers(200, "", "{\"access_token\":\"mi.2\",\"expires_on\":\"soon\"}");
	assert_adds("mi.1");
	assert_adds("mi.2");
	assert_true(upstream_is_done());
}

static void the_tries_end_with_the_callers_time(void **state)
{
	upstream.takes_ms = 300;
	deadline = deadline_after(2500);
	for (int i = 0; i < 4; i++)
		upstream_answers(503, "", "");
	assert_adds("!upstream_unavailable");
	assert_int_equal(upstream.call_count, 2); /* the third would begin at 2,600 ms */
	assert_int_equal(upstream.wait_count, 1);
}

static void no_try_lasts_longer_than_the_caller_has(void **state)
{
	upstream.takes_ms = 60000;
	deadline = deadline_after(2000);
	upstream_answers(200, "", "{\"access_token\":\"mi.1\"}");
	assert_adds("!upstream_timeout");
	assert_in_range(upstream.calls[0].left_ms, 1, 2000);
	assert_true(deadline_passed(deadline));
}

static void a_token_with_little_time_left_is_kept_for_most_of_it(void **state)
{
	upstream_answers(200, "", "{\"access_token\":\"mi.1\",\"expires_on\":\"1800000200\"}");
	upstream_answers(200, "", "{\"access_token\":\"mi.2\",\"expires_on\":\"1800086400\"}");
	assert_adds("mi.1");
	upstream.now_s = NOW_S + 179;
	assert_adds("mi.1");
	upstream.now_s = NOW_S + 180;
	assert_adds("mi.2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_endpoint_is_asked_for_the_exchange_audience),
		TEST(a_user_assigned_identity_is_named),
		TEST(each_cloud_has_its_audience),
		TEST(its_token_is_kept_until_five_minutes_before_it_expires),
		TEST(a_passing_failure_is_repeated_three_times_a_second_apart),
		TEST(an_endpoint_that_cannot_be_reached_is_tried_again),
		TEST(after_four_tries_it_is_an_error_that_is_not_remembered),
		TEST(a_refusal_is_not_repeated),
		TEST(an_answer_without_a_token_is_an_error),
		TEST(a_token_without_an_expiry_serves_one_call),
		TEST(the_tries_end_with_the_callers_time),
		TEST(no_try_lasts_longer_than_the_caller_has),
		TEST(a_token_with_little_time_left_is_kept_for_most_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
