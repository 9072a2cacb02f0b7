#include "token/entra_refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/b64.h"
#include "stage/support.h"

#define CLAIMS "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"9f1e\"]}}}"

static struct config config;

static int set_up(void **state)
{
	settings_load(&config, NULL, NULL);
	return 0;
}

static int tear_down(void **state)
{
	config_done(&config);
	return 0;
}

static const char *scope; /* that was asked for; NULL: the settings' */

static struct err err; /* the last refusal */

static bool refuse(const struct http_reply *reply)
{
	struct caller caller = {.tenant_id = (char *)TENANT};
	struct entra_request request = {
		.caller = &caller, .scope = scope ? scope : config.graph_scope};

	return entra_refusal(&config, &request, reply, &err);
}

static const struct err *refusal(int status, const char *head, const char *body)
{
	struct http_reply reply = reply_make(status, head, body);

	assert_false(refuse(&reply));
	http_reply_done(&reply);
	return &err;
}

/* Entra's answer for a number, as it writes them; NULL: the member is left out. */
static const struct err *numbered(
	int number, const char *error, const char *suberror, const char *claims)
{
	autofree_json cJSON *answer = cJSON_CreateObject();
	autofree char *text = NULL;

	json_add(answer, "error", error);
	json_add(answer, "error_description", "AADSTS0: secret words.\r\nTrace ID: x");
	cJSON_AddItemToArray(json_add_array(answer, "error_codes"), cJSON_CreateNumber(number));
	json_add(answer, "trace_id", "trace-7");
	json_add(answer, "correlation_id", "corr-7");
	if (suberror)
		json_add(answer, "suberror", suberror);
	if (claims)
		json_add(answer, "claims", claims);
	text = json_print(answer);
	return refusal(400, "HTTP/1.1 400 Bad Request\r\n", text);
}

static void an_administrators_consent_comes_with_the_administrators_page(void **state)
{
	numbered(90094, "interaction_required", NULL, NULL);
	assert_int_equal(err.code, ERR_CONSENT_REQUIRED);
	assert_string_equal(err_upstream(&err)->consent,
		"https://login.microsoftonline.com/" TENANT "/adminconsent?client_id=" CLIENT);
	assert_non_null(strstr(err_message(&err), "administrator"));
	assert_non_null(strstr(err.detail, "AADSTS90094"));
	free(config.consent_redirect_uri);
	config.consent_redirect_uri = xstrdup("https://app.example/back");
	numbered(90095, "invalid_grant", NULL, NULL);
	assert_string_equal(err_upstream(&err)->consent,
		"https://login.microsoftonline.com/" TENANT "/adminconsent?client_id=" CLIENT
		"&redirect_uri=https%3A%2F%2Fapp.example%2Fback");
	free(config.consent_redirect_uri);
	config.consent_redirect_uri = xstrdup("");
}

static void the_first_number_decides_over_words(void **state)
{
	numbered(53003, "invalid_grant", "consent_required", NULL);
	assert_int_equal(err.code, ERR_ACCESS_BLOCKED);
	refusal(400, "", "{\"error\":\"invalid_grant\",\"error_codes\":[65001,53003]}");
	assert_int_equal(err.code, ERR_CONSENT_REQUIRED);
}

static void claims_become_a_challenge_with_exactly_their_bytes(void **state)
{
	static const struct {
		int number;
		const char *error;
	} CASES[] = {{50076, "interaction_required"}, {50079, "invalid_grant"},
		{50158, "interaction_required"}, {53000, "interaction_required"},
		{53003, "access_denied"}, {530032, "access_denied"}, {1, "invalid_grant"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct buf decoded;

		numbered(CASES[i].number, CASES[i].error, NULL, CLAIMS);
		check(err.code == ERR_INSUFFICIENT_CLAIMS, "AADSTS%d", CASES[i].number);
		buf_init(&decoded);
		assert_true(b64_decode(
			&decoded, err_upstream(&err)->claims, strlen(err_upstream(&err)->claims)));
		assert_string_equal(buf_text(&decoded), CLAIMS);
		buf_done(&decoded);
	}
}

static void the_challenge_is_standard_base64(void **state)
{
	numbered(50076, "interaction_required", NULL, "{\"a\":\"?\?>\"}");
	assert_string_equal(err_upstream(&err)->claims, "eyJhIjoiPz8+In0=");
}

/* 2047 characters of base64 fit: 1533 bytes make 2044 of them, 1534 would make 2048. */
static void claims_too_long_for_a_header_make_no_challenge(void **state)
{
	char claims[1535];

	memset(claims, 'x', sizeof(claims));
	claims[1533] = '\0';
	numbered(50076, "interaction_required", NULL, claims);
	assert_int_equal(err.code, ERR_INSUFFICIENT_CLAIMS);
	assert_int_equal(strlen(err_upstream(&err)->claims), 2044);
	claims[1533] = 'x';
	claims[1534] = '\0';
	numbered(50076, "interaction_required", NULL, claims);
	assert_int_equal(err.code, ERR_INTERACTION_REQUIRED);
	assert_string_equal(err_upstream(&err)->claims, "");
}

static void empty_or_misshapen_claims_make_no_challenge(void **state)
{
	numbered(50076, "interaction_required", NULL, "");
	assert_int_equal(err.code, ERR_INTERACTION_REQUIRED);
	refusal(400, "", "{\"error\":\"invalid_grant\",\"claims\":{\"access_token\":{}}}");
	assert_int_equal(err.code, ERR_INVALID_TOKEN);
	assert_string_equal(err_upstream(&err)->claims, "");
}

static void missing_consent_comes_with_the_page_to_give_it(void **state)
{
	numbered(65001, "invalid_grant", "consent_required", NULL);
	assert_string_equal(err_upstream(&err)->consent,
		"https://login.microsoftonline.com/" TENANT
		"/oauth2/v2.0/authorize?client_id=" CLIENT "&response_type=code&prompt=consent"
		"&scope=https%3A%2F%2Fgraph.microsoft.com%2FUser.Read");
	free(config.consent_redirect_uri);
	config.consent_redirect_uri = xstrdup("https://app.example/back");
	numbered(65001, "invalid_grant", "consent_required", NULL);
	assert_non_null(strstr(err_upstream(&err)->consent,
		"User.Read&redirect_uri=https%3A%2F%2Fapp.example%2Fback"));
	numbered(53003, "access_denied", NULL, NULL);
	assert_string_equal(err_upstream(&err)->consent, "");
}

static void status_429_and_5xx_decide_whatever_the_body(void **state)
{
	static const char *const BODIES[] = {"", "<html>busy</html>", "{\"error\":",
		"{\"error\":\"invalid_grant\",\"error_codes\":[65001],\"claims\":\"{}\"}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		check(refusal(429, "", BODIES[i])->code == ERR_THROTTLED, "429 %s", BODIES[i]);
		for (int status = 500; status <= 504; status++)
			check(refusal(status, "", BODIES[i])->code == ERR_UPSTREAM_UNAVAILABLE,
				"%d %s", status, BODIES[i]);
	}
}

static void a_half_character_in_the_words_does_not_hide_the_rest(void **state)
{
	static const char *const ODD[] = {"\\ud83d", "\\ude00"};

	for (size_t i = 0; i < COUNT_OF(ODD); i++) {
		struct buf body;

		buf_init(&body);
		buf_addf(&body,
			"{\"error\":\"invalid_grant\",\"error_codes\":[50105],"
			"\"error_description\":\"for '%s'\"}",
			ODD[i]);
		check(refusal(400, "", buf_text(&body))->code == ERR_ACCESS_BLOCKED, "%s", ODD[i]);
		buf_done(&body);
	}
}

static void an_answer_that_is_no_object_is_the_upstreams_failure(void **state)
{
	static const char *const BODIES[] = {"", "<html>no</html>", "{\"error\":\"invalid_gra",
		"[]", "\"invalid_grant\"", "null", "{} {}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++)
		check(refusal(400, "", BODIES[i])->code == ERR_UPSTREAM_UNAVAILABLE, "%s",
			BODIES[i]);
}

static void the_consent_page_is_for_the_scope_that_was_asked_for(void **state)
{
	scope = "https://graph.microsoft.com/Mail.Read";
	numbered(65001, "invalid_grant", "consent_required", NULL);
	scope = NULL;
	assert_non_null(strstr(err_upstream(&err)->consent,
		"&scope=https%3A%2F%2Fgraph.microsoft.com%2FMail.Read"));
}

/* As many as a tool may name, each as long as Graph's longest. */
static void the_consent_page_has_room_for_eight_long_permissions(void **state)
{
	static const char LONG[] = "https://microsoftgraph.chinacloudapi.cn/"
				   "TeamsAppInstallation.ReadWriteAndConsentSelfForTeam";
	struct buf eight, encoded;

	buf_init(&eight);
	buf_init(&encoded);
	for (int i = 0; i < 8; i++)
		buf_addf(&eight, i ? " %s" : "%s", LONG);
	free(config.consent_redirect_uri);
	config.consent_redirect_uri = xstrdup(
		"https://a-rather-long-name-of-an-application.example/and/a/path");
	scope = buf_text(&eight);
	buf_add_urlencoded(&encoded, scope);
	numbered(65001, "invalid_grant", "consent_required", NULL);
	scope = NULL;
	assert_non_null(strstr(err_upstream(&err)->consent, buf_text(&encoded)));
	buf_done(&eight);
	buf_done(&encoded);
}

static void an_answer_cut_off_is_not_read(void **state)
{
	struct http_reply reply = reply_make(400, "", "{\"error\":\"invalid_grant\"}");

	reply.cut = true;
	assert_false(refuse(&reply));
	assert_int_equal(err.code, ERR_UPSTREAM_UNAVAILABLE);
	http_reply_done(&reply);
}

static void members_of_other_types_count_as_absent(void **state)
{
	static const char *const BODIES[] = {"{\"error\":7,\"error_codes\":\"65001\"}",
		"{\"error\":null,\"error_codes\":[\"65001\"]}", "{\"error_codes\":[]}", "{}",
		"{\"error_codes\":[65001.5]}", "{\"error_codes\":[65001.5e300]}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++)
		check(refusal(400, "", BODIES[i])->code == ERR_UPSTREAM_UNAVAILABLE, "%s",
			BODIES[i]);
}

static void retry_after_is_passed_on_within_an_hour(void **state)
{
	static const struct {
		const char *head;
		int seconds;
	} CASES[] = {{"", 0}, {"Retry-After: 60\r\n", 60}, {"retry-after:5\r\n", 5},
		{"Retry-After: 3601\r\n", 3600}, {"Retry-After: 99999999999999999999\r\n", 3600},
		{"Retry-After: 30,120\r\n", 120}, {"Retry-After: 120\r\nRetry-After: 30\r\n", 120},
		{"Retry-After: -5\r\n", 0}, {"Retry-After: soon\r\n", 0}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		check(refusal(429, CASES[i].head, "")->retry_after_s ==
				(CASES[i].seconds ? CASES[i].seconds : 60),
			"429 %s", CASES[i].head);
		check(refusal(503, CASES[i].head, "")->retry_after_s == CASES[i].seconds, "503 %s",
			CASES[i].head);
	}
}

static void a_throttle_always_says_when_to_come_back(void **state)
{
	assert_int_equal(refusal(429, "", "")->retry_after_s, 60);
	assert_int_equal(numbered(50196, "invalid_grant", NULL, NULL)->retry_after_s, 60);
	assert_int_equal(numbered(90055, "invalid_grant", NULL, NULL)->retry_after_s, 60);
	assert_int_equal(numbered(50013, "invalid_grant", NULL, NULL)->retry_after_s, 0);
}

static void retry_after_may_be_a_date(void **state)
{
	char head[128], date[64];
	time_t then = time(NULL) + 300;
	struct tm parts;
	int seconds;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &parts));
	snprintf(head, sizeof(head), "Retry-After: %s\r\n", date);
	seconds = refusal(429, head, "")->retry_after_s;
	assert_in_range(seconds, 200, 300); /* the test may be slow, not wrong */
}

static void the_service_is_named_with_its_number_and_trace_id(void **state)
{
	numbered(65001, "invalid_grant", NULL, NULL);
	assert_string_equal(err_upstream(&err)->service, "entra");
	assert_string_equal(err_upstream(&err)->code, "AADSTS65001");
	assert_string_equal(err_upstream(&err)->id, "trace-7");
	refusal(400, "", "{\"error\":\"invalid_grant\"}");
	assert_string_equal(err_upstream(&err)->code, "invalid_grant");
	assert_string_equal(err_upstream(&err)->id, "");
}

static void the_log_gets_numbers_and_ids_but_no_description(void **state)
{
	numbered(65001, "invalid_grant", NULL, NULL);
	assert_non_null(strstr(err.detail, "AADSTS65001"));
	assert_non_null(strstr(err.detail, "trace-7"));
	assert_non_null(strstr(err.detail, "corr-7"));
	assert_null(strstr(err.detail, "secret words"));
	assert_string_equal(err.message, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_administrators_consent_comes_with_the_administrators_page),
		cmocka_unit_test(the_first_number_decides_over_words),
		cmocka_unit_test(claims_become_a_challenge_with_exactly_their_bytes),
		cmocka_unit_test(the_challenge_is_standard_base64),
		cmocka_unit_test(claims_too_long_for_a_header_make_no_challenge),
		cmocka_unit_test(empty_or_misshapen_claims_make_no_challenge),
		cmocka_unit_test(missing_consent_comes_with_the_page_to_give_it),
		cmocka_unit_test(status_429_and_5xx_decide_whatever_the_body),
		cmocka_unit_test(a_half_character_in_the_words_does_not_hide_the_rest),
		cmocka_unit_test(an_answer_that_is_no_object_is_the_upstreams_failure),
		cmocka_unit_test(the_consent_page_is_for_the_scope_that_was_asked_for),
		cmocka_unit_test(the_consent_page_has_room_for_eight_long_permissions),
		cmocka_unit_test(an_answer_cut_off_is_not_read),
		cmocka_unit_test(members_of_other_types_count_as_absent),
		cmocka_unit_test(retry_after_is_passed_on_within_an_hour),
		cmocka_unit_test(a_throttle_always_says_when_to_come_back),
		cmocka_unit_test(retry_after_may_be_a_date),
		cmocka_unit_test(the_service_is_named_with_its_number_and_trace_id),
		cmocka_unit_test(the_log_gets_numbers_and_ids_but_no_description),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
