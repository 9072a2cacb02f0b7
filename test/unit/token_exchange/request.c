/* The exchange as Entra sees it. */
#include "token/entra.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/engine.h"

#define GUEST_TENANT "22222222-2222-3333-4444-555555555555"
#define LOGIN "https://login.microsoftonline.com"
#define TOKEN(members) "{\"token_type\":\"Bearer\",\"access_token\":\"g.1\"," members "}"
#define CP1 "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"

static bool exchange(const char *claims, struct entra_token *ret, struct err *err)
{
	static char tenant[] = GUEST_TENANT;
	struct caller caller = engine_caller("user.assertion.x");
	struct entra_request request = engine_request(&caller);
	bool good;

	caller.tenant_id = tenant;
	request.claims = claims;
	good = entra_exchange(&engine.entra, &request, ret, err);
	secret_done(&caller.token);
	return good;
}

/* ERR_NONE when a token came. */
static enum err_code verdict(void)
{
	struct entra_token token = {0};
	autoerr(err);

	if (!exchange(NULL, &token, &err))
		return err.code;
	entra_token_done(&token);
	return ERR_NONE;
}

static void the_form_is_the_flows_and_nothing_more(void **state)
{
	static const char *const FIELDS[][2] = {
		{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
		{"requested_token_use", "on_behalf_of"}, {"client_id", CLIENT},
		{"scope", "https://graph.microsoft.com/User.Read"},
		{"assertion", "user.assertion.x"}, {"claims", CP1}, {"client_secret", "s3cr3t"}};
	size_t separators = 0;

	upstream_answers(200, "", TOKEN("\"expires_in\":3600"));
	assert_int_equal(verdict(), ERR_NONE);
	assert_string_equal(upstream.calls[0].url, LOGIN "/" GUEST_TENANT "/oauth2/v2.0/token");
	for (size_t i = 0; i < COUNT_OF(FIELDS); i++) {
		autofree char *value = upstream_field(0, FIELDS[i][0]);

		check(value && !strcmp(value, FIELDS[i][1]), "%s=%s", FIELDS[i][0], value);
	}
	for (const char *p = upstream.calls[0].body; *p; p++)
		separators += *p == '&';
	assert_int_equal(separators, COUNT_OF(FIELDS) - 1);
	assert_non_null(
		strstr(upstream.calls[0].headers, "client-request-id: " ENGINE_CORRELATION "\n"));
	assert_non_null(strstr(upstream.calls[0].headers, "return-client-request-id: true\n"));
}

static void a_challenges_claims_are_sent_with_our_capability(void **state)
{
	static const char *const CASES[][2] = {
		{"{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"17\"}}}",
			"{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"17\"},"
			"\"xms_cc\":{\"values\":[\"cp1\"]}}}"},
		{"{\"id_token\":{\"a\":null},\"access_token\":{\"c\":1}}",
			"{\"id_token\":{\"a\":null},\"access_token\":{\"c\":1,"
			"\"xms_cc\":{\"values\":[\"cp1\"]}}}"},
		{"{\"access_token\":{\"xms_cc\":{\"values\":[\"x\"]},\"c\":1}}",
			"{\"access_token\":{\"c\":1,\"xms_cc\":{\"values\":[\"cp1\"]}}}"},
		{"{\"id_token\":{}}",
			"{\"id_token\":{},\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"},
		{"{\"access_token\":7}", CP1},
		{"{\"access_token\":null}", CP1},
		{"[1]", CP1},
		{"\"text\"", CP1},
		{"not json", CP1},
		{"", CP1},
		{NULL, CP1},
	};

	for (int i = 0; i < (int)COUNT_OF(CASES); i++) {
		struct entra_token token = {0};
		autofree char *claims = NULL;
		autoerr(err);

		upstream_answers(200, "", TOKEN("\"expires_in\":3600"));
		assert_true(exchange(CASES[i][0], &token, &err));
		claims = upstream_field(i, "claims");
		assert_string_equal(claims, CASES[i][1]);
		entra_token_done(&token);
	}
}

static void a_token_comes_with_its_times_within_reason(void **state)
{
	static const struct {
		const char *body;
		int64_t expires_in_s, refresh_in_s;
	} CASES[] = {
		{TOKEN("\"expires_in\":3600"), 3600, 0},
		{TOKEN("\"expires_in\":3600,\"refresh_in\":1800"), 3600, 1800},
		{TOKEN("\"expires_in\":3600,\"refresh_in\":3600"), 3600, 0},
		{TOKEN("\"expires_in\":3600,\"refresh_in\":0"), 3600, 0},
		{TOKEN("\"expires_in\":3600,\"refresh_in\":-5"), 3600, 0},
		{TOKEN("\"expires_in\":3600,\"refresh_in\":\"1800\""), 3600, 0},
		{TOKEN("\"expires_in\":1,\"ext_expires_in\":9999"), 1, 0},
		{TOKEN("\"expires_in\":172801"), 172800, 0},
		{TOKEN("\"expires_in\":9000000000000000"), 172800, 0},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct entra_token token = {0};
		autoerr(err);

		upstream_answers(200, "", CASES[i].body);
		assert_true(exchange(NULL, &token, &err));
		assert_string_equal(token.token.data, "g.1");
		check(token.expires_in_s == CASES[i].expires_in_s &&
				token.refresh_in_s == CASES[i].refresh_in_s,
			"%s", CASES[i].body);
		entra_token_done(&token);
	}
}

static void a_success_that_is_none_is_the_upstreams_failure_and_not_repeated(void **state)
{
	static const char *const BODIES[] = {"", "<html>", "[]", "{}", TOKEN("\"x\":1"),
		TOKEN("\"expires_in\":0"), TOKEN("\"expires_in\":-1"),
		TOKEN("\"expires_in\":\"3600\""), "{\"expires_in\":3600}",
		"{\"expires_in\":3600,\"access_token\":\"\"}",
		"{\"expires_in\":3600,\"access_token\":7}",
		"{\"expires_in\":3600,\"access_token\":\"a b\"}",
		"{\"expires_in\":3600,\"access_token\":\"a\\r\\nX-Evil: 1\"}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		upstream_answers(200, "", BODIES[i]);
		check(verdict() == ERR_UPSTREAM_UNAVAILABLE, "%s", BODIES[i]);
		assert_true(upstream_is_done());
	}
	upstream_answers_cut(TOKEN("\"expires_in\":3600"));
	assert_int_equal(verdict(), ERR_UPSTREAM_UNAVAILABLE);
	assert_true(upstream_is_done());
}

static void a_5xx_or_a_dead_connection_is_tried_once_more_after_a_moment(void **state)
{
	static const int STATUSES[] = {500, 502, 503, 504, 0};

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		upstream_reset();
		if (STATUSES[i])
			upstream_answers(STATUSES[i], "", "");
		else
			upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
		upstream_answers(200, "", TOKEN("\"expires_in\":3600"));
		check(verdict() == ERR_NONE && upstream_is_done(), "%d", STATUSES[i]);
		assert_int_equal(upstream.wait_count, 1);
		assert_in_range(upstream.waits_ms[0], 200, 499);
		assert_string_equal(upstream.calls[0].body, upstream.calls[1].body);
		/* or the client would repeat it once more by itself */
		assert_true(upstream.calls[1].fresh && !upstream.calls[0].fresh);
	}
}

/* {"oid": Bo's}, in a token that nobody has signed */
#define BOS                                                                                        \
	"{\"access_token\":\"e30.eyJvaWQiOiJhYWFhYWFhYS0wMDAyLTQwMDAtODAwMC0wMDAwMDAwMDAwYjAifQ."  \
	"c2ln"                                                                                     \
	"\",\"expires_in\":3600}"

static void anothers_token_is_thrown_away_with_its_connection_and_asked_for_once_more(void **state)
{
	upstream_answers(200, "", BOS);
	upstream_answers(200, "", "{\"access_token\":\"mine\",\"expires_in\":3600}");
	assert_int_equal(verdict(), ERR_NONE);
	assert_true(upstream.calls[1].fresh);
	assert_int_equal(upstream.distrust_count, 1);
	upstream_answers(200, "", BOS);
	upstream_answers(200, "", BOS);
	assert_int_equal(verdict(), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(upstream.distrust_count, 3);
	assert_true(upstream_is_done());
}

static void a_second_failure_is_final(void **state)
{
	upstream_answers(503, "", "");
	upstream_answers(503, "", "");
	assert_int_equal(verdict(), ERR_UPSTREAM_UNAVAILABLE);
	assert_true(upstream_is_done());
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(verdict(), ERR_UPSTREAM_UNAVAILABLE);
	assert_true(upstream_is_done());
}

static void what_asks_to_wait_or_will_not_change_is_not_tried_again(void **state)
{
	static const struct {
		int status;
		const char *head;
		enum err_code code;
	} CASES[] = {{503, "Retry-After: 5\r\n", ERR_UPSTREAM_UNAVAILABLE},
		{429, "", ERR_THROTTLED}, {429, "Retry-After: 5\r\n", ERR_THROTTLED},
		{400, "", ERR_UPSTREAM_UNAVAILABLE}, {302, "", ERR_UPSTREAM_UNAVAILABLE}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_answers(CASES[i].status, CASES[i].head, "");
		check(verdict() == CASES[i].code, "%d", CASES[i].status);
		check(upstream_is_done() && !upstream.wait_count, "%d", CASES[i].status);
	}
	upstream_fails(ERR_UPSTREAM_TIMEOUT); /* the caller has waited long enough */
	assert_int_equal(verdict(), ERR_UPSTREAM_TIMEOUT);
	assert_true(upstream_is_done());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_set_up, engine_tear_down)

/* {"access_token":"<n letters, then end>",...} */
static enum err_code verdict_on_token(size_t n, const char *end)
{
	struct buf body;
	enum err_code code;

	buf_init(&body);
	buf_adds(&body, "{\"expires_in\":3600,\"access_token\":\"");
	for (size_t i = 0; i < n; i++)
		buf_add(&body, "a", 1);
	buf_addf(&body, "%s\"}", end);
	upstream_answers(200, "", buf_text(&body));
	buf_done(&body);
	code = verdict();
	assert_true(upstream_is_done());
	return code;
}

static void a_token_is_one_that_a_header_can_carry(void **state)
{
	static const char *const BAD[] = {
		" ", "\\n", "\\u0001", "\\u007f", "\xc3\xa9", ",", "\\\"", "\\\\"};

	assert_int_equal(verdict_on_token(32768, ""), ERR_NONE);
	assert_int_equal(verdict_on_token(32768, "a"), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(verdict_on_token(66000, ""), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(verdict_on_token(1, "-._~+/=="), ERR_NONE);
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(verdict_on_token(1, BAD[i]) == ERR_UPSTREAM_UNAVAILABLE, "%s", BAD[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_form_is_the_flows_and_nothing_more),
		TEST(a_challenges_claims_are_sent_with_our_capability),
		TEST(a_token_comes_with_its_times_within_reason),
		TEST(a_success_that_is_none_is_the_upstreams_failure_and_not_repeated),
		TEST(a_5xx_or_a_dead_connection_is_tried_once_more_after_a_moment),
		TEST(anothers_token_is_thrown_away_with_its_connection_and_asked_for_once_more),
		TEST(a_second_failure_is_final),
		TEST(what_asks_to_wait_or_will_not_change_is_not_tried_again),
		TEST(a_token_is_one_that_a_header_can_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
