/* The exchange behind its cache, with a clock set by hand. */
#include "token/obo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/engine.h"

#define INVALID_GRANT "{\"error\":\"invalid_grant\",\"error_codes\":[50013]}"

/* Lets the background refreshes end. */
static void settle(void)
{
	struct token_cache *cache = engine.obo.cache;

	obo_done(&engine.obo);
	obo_init(&engine.obo, &engine.entra, cache);
}

/* As if threads that the test did not start were at work, or gone. */
static void all_refreshers_are(bool at_work)
{
	for (size_t i = 0; i < OBO_REFRESHES_MAX; i++)
		engine.obo.refreshers[i] = (struct worker){.started = at_work};
}

/* The token that comes, or the error's code; and from where. */
static void ask(const char *assertion, const char *claims, char ret[64])
{
	struct caller caller = engine_caller(assertion);
	struct entra_request request = engine_request(&caller);
	static const char *const SOURCES[] = {"hit", "hit, refresh", "minted"};
	enum token_source source;
	struct secret token = {0};
	autoerr(err);

	request.claims = claims;
	if (obo_token(&engine.obo, &request, &token, &source, &err))
		snprintf(ret, 64, "%s %s", token.data, SOURCES[source]);
	else
		snprintf(ret, 64, "%s %d", err_info(err.code)->slug, err.retry_after_s);
	secret_done(&token);
	secret_done(&caller.token);
}

static void assert_gets_at(int64_t after_s, const char *assertion, const char *expected)
{
	char outcome[64];

	upstream.now_s = NOW_S + after_s;
	ask(assertion, NULL, outcome);
	assert_string_equal(outcome, expected);
}

static void will_grant(const char *token, int expires_in_s, int refresh_in_s)
{
	char body[256];

	snprintf(body, sizeof(body),
		"{\"access_token\":\"%s\",\"expires_in\":%d,\"refresh_in\":%d}", token,
		expires_in_s, refresh_in_s);
	upstream_answers(200, "", body);
}

static void a_token_serves_until_its_margin(void **state)
{
	will_grant("g1", 1000, 0);
	will_grant("g2", 1000, 0);
	assert_gets_at(0, "a", "g1 minted");
	assert_gets_at(899, "a", "g1 hit");
	assert_gets_at(900, "a", "g2 minted");
}

static void a_token_serves_no_longer_than_the_assertion(void **state)
{
	will_grant("g1", 86400, 0);
	will_grant("g2", 86400, 0);
	assert_gets_at(0, "a", "g1 minted");
	assert_gets_at(3599, "a", "g1 hit");
	assert_gets_at(3600, "a", "g2 minted");
}

static void an_assertion_expired_within_the_skew_costs_no_exchange_a_call(void **state)
{
	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(3700, "a", "g1 minted");
	assert_gets_at(3701, "a", "g1 hit");
	assert_gets_at(3729, "a", "g1 hit");
	assert_gets_at(3730, "a", "g2 minted");
}

static void two_assertions_of_one_user_have_a_token_each(void **state)
{
	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	assert_gets_at(0, "b", "g2 minted");
	assert_gets_at(1, "a", "g1 hit");
	assert_gets_at(1, "b", "g2 hit");
}

static void an_assertion_in_another_tenant_is_another_key(void **state)
{
	static char other_tenant[] = "22222222-2222-3333-4444-555555555555";
	struct caller caller = engine_caller("a");
	struct entra_request request = engine_request(&caller);
	struct secret token = {0};
	enum token_source source;
	autoerr(err);

	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	caller.tenant_id = other_tenant;
	assert_true(obo_token(&engine.obo, &request, &token, &source, &err));
	assert_string_equal(token.data, "g2");
	secret_done(&token);
	secret_done(&caller.token);
}

static void a_refusal_is_remembered_for_its_assertion_alone(void **state)
{
	upstream_answers(400, "", INVALID_GRANT);
	will_grant("g2", 3600, 0);
	upstream_answers(400, "", INVALID_GRANT);
	assert_gets_at(0, "a", "invalid_token 0");
	assert_gets_at(1, "b", "g2 minted");
	assert_gets_at(29, "a", "invalid_token 0");
	assert_int_equal(upstream.call_count, 2);
	assert_gets_at(30, "a", "invalid_token 0");
	assert_true(upstream_is_done());
}

static void a_throttle_holds_one_assertion_as_long_as_entra_asks(void **state)
{
	will_grant("g1", 3600, 0);
	upstream_answers(429, "Retry-After: 60\r\n", "");
	will_grant("g3", 3600, 0);
	will_grant("g4", 3600, 0);
	assert_gets_at(0, "other", "g1 minted");
	assert_gets_at(0, "a", "throttled 60");
	assert_gets_at(1, "other", "g1 hit");
	assert_gets_at(1, "new", "g3 minted");
	assert_gets_at(59, "a", "throttled 1");
	assert_gets_at(60, "a", "g4 minted");
}

static void a_failure_of_the_service_is_not_remembered(void **state)
{
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	upstream_answers(401, "", "{\"error\":\"invalid_client\",\"error_codes\":[7000215]}");
	will_grant("g1", 3600, 0);
	assert_gets_at(0, "a", "upstream_timeout 0");
	assert_gets_at(0, "a", "server_configuration 0");
	assert_gets_at(0, "a", "g1 minted");
}

static void a_503_that_asks_to_wait_is_held_for_its_assertion_alone(void **state)
{
	upstream_answers(503, "Retry-After: 60\r\n", "");
	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "upstream_unavailable 60");
	assert_gets_at(59, "a", "upstream_unavailable 1");
	assert_gets_at(59, "b", "g1 minted");
	assert_gets_at(60, "a", "g2 minted");
}

static void a_clock_set_back_ends_what_is_held(void **state)
{
	upstream_answers(429, "Retry-After: 60\r\n", "");
	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "throttled 60");
	assert_gets_at(-59, "a", "throttled 119");
	assert_gets_at(-86400, "a", "g1 minted");
	assert_gets_at(-2 * 86400, "a", "g2 minted");
}

static void what_Entra_says_of_times_is_kept_within_reason(void **state)
{
	upstream_answers(200, "",
		"{\"access_token\":\"g\",\"expires_in\":9007199254740991,"
		"\"refresh_in\":42949672950}");
	assert_gets_at(0, "a", "g minted");
	assert_gets_at(1, "a", "g hit");
}

static void claims_bypass_and_replace_what_is_held(void **state)
{
	autofree char *claims = NULL;
	char outcome[64];

	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	ask("a", "{\"access_token\":{\"nbf\":{\"value\":\"17\"}}}", outcome);
	assert_string_equal(outcome, "g2 minted");
	claims = upstream_field(1, "claims");
	assert_non_null(strstr(claims, "\"nbf\""));
	assert_gets_at(1, "a", "g2 hit");
	upstream_answers(400, "", INVALID_GRANT);
	will_grant("g4", 3600, 0);
	assert_gets_at(1, "b", "invalid_token 0");
	ask("b", "{}", outcome);
	assert_string_equal(outcome, "g4 minted");
	assert_gets_at(1, "b", "g4 hit");
}

static void past_its_refresh_time_a_token_is_renewed_in_the_background(void **state)
{
	will_grant("g1", 3600, 1000);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	assert_gets_at(999, "a", "g1 hit");
	assert_gets_at(1100, "a", "g1 hit, refresh"); /* the spread is a tenth */
	settle();
	assert_gets_at(1100, "a", "g2 hit");
	assert_true(upstream_is_done());
}

static void a_background_refresh_asks_for_the_claims_its_token_was_got_with(void **state)
{
	autofree char *claims = NULL;
	char outcome[64];

	will_grant("g1", 3600, 1000);
	will_grant("g2", 3600, 0);
	ask("a", "{\"access_token\":{\"nbf\":{\"value\":\"17\"}}}", outcome);
	assert_gets_at(1100, "a", "g1 hit, refresh");
	settle();
	claims = upstream_field(1, "claims");
	assert_non_null(strstr(claims, "\"nbf\":{\"value\":\"17\"}"));
	assert_gets_at(1100, "a", "g2 hit");
}

static void refresh_times_are_spread_over_a_tenth(void **state)
{
	bool early = false, late = false;

	for (int i = 0; i < 30; i++) {
		enum token_source source;
		char who[16], outcome[64];

		if (i == 15) /* a script has an end */
			upstream_reset();
		snprintf(who, sizeof(who), "u%d", i);
		will_grant("g", 3600, 1000);
		assert_gets_at(0, who, "g minted");
		all_refreshers_are(true); /* asked for, but not done */
		upstream.now_s = NOW_S + 1050;
		ask(who, NULL, outcome);
		source = !strcmp(outcome, "g hit") ? TOKEN_CACHED : TOKEN_CACHED_REFRESH;
		early = early || source == TOKEN_CACHED_REFRESH;
		late = late || source == TOKEN_CACHED;
		all_refreshers_are(false);
	}
	assert_true(early && late); /* fails by chance once in 500 million times */
}

static void a_background_refresh_that_fails_keeps_the_token_for_its_time(void **state)
{
	will_grant("g1", 2000, 1000);
	upstream_answers(400, "", INVALID_GRANT);
	upstream_answers(429, "Retry-After: 600\r\n", "");
	will_grant("g4", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	assert_gets_at(1100, "a", "g1 hit, refresh");
	settle();
	assert_gets_at(1159, "a", "g1 hit");
	assert_gets_at(1160, "a", "g1 hit, refresh");
	settle();
	assert_int_equal(upstream.call_count, 3);
	assert_gets_at(1799, "a", "g1 hit, refresh"); /* the margin: a tenth */
	settle();
	assert_gets_at(1799, "a", "g4 hit");
}

static void without_a_place_a_refresh_is_put_off_by_a_second(void **state)
{
	will_grant("g1", 3600, 1000);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	all_refreshers_are(true);
	assert_gets_at(1100, "a", "g1 hit, refresh");
	assert_int_equal(upstream.call_count, 1);
	assert_gets_at(1100, "a", "g1 hit");
	all_refreshers_are(false);
	assert_gets_at(1101, "a", "g1 hit, refresh");
	settle();
	assert_gets_at(1101, "a", "g2 hit");
}

static void a_dropped_token_is_exchanged_anew(void **state)
{
	struct caller caller = engine_caller("a");
	struct entra_request request = engine_request(&caller);
	struct secret token = {0};

	will_grant("g1", 3600, 0);
	will_grant("g2", 3600, 0);
	assert_gets_at(0, "a", "g1 minted");
	secret_set(&token, "g0", 2);
	obo_drop(&engine.obo, &request, &token);
	assert_gets_at(0, "a", "g1 hit");
	secret_set(&token, "g1", 2);
	obo_drop(&engine.obo, &request, &token);
	assert_gets_at(0, "a", "g2 minted");
	secret_done(&token);
	secret_done(&caller.token);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_set_up, engine_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_serves_until_its_margin),
		TEST(a_token_serves_no_longer_than_the_assertion),
		TEST(an_assertion_expired_within_the_skew_costs_no_exchange_a_call),
		TEST(two_assertions_of_one_user_have_a_token_each),
		TEST(an_assertion_in_another_tenant_is_another_key),
		TEST(a_refusal_is_remembered_for_its_assertion_alone),
		TEST(a_throttle_holds_one_assertion_as_long_as_entra_asks),
		TEST(a_failure_of_the_service_is_not_remembered),
		TEST(a_503_that_asks_to_wait_is_held_for_its_assertion_alone),
		TEST(a_clock_set_back_ends_what_is_held),
		TEST(what_Entra_says_of_times_is_kept_within_reason),
		TEST(claims_bypass_and_replace_what_is_held),
		TEST(past_its_refresh_time_a_token_is_renewed_in_the_background),
		TEST(a_background_refresh_asks_for_the_claims_its_token_was_got_with),
		TEST(refresh_times_are_spread_over_a_tenth),
		TEST(a_background_refresh_that_fails_keeps_the_token_for_its_time),
		TEST(without_a_place_a_refresh_is_put_off_by_a_second),
		TEST(a_dropped_token_is_exchanged_anew),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
