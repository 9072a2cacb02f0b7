/* The fetch of keys and issuers as Entra sees it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/engine.h"
#include "token/entra_keys.h"

#define LOGIN "https://login.microsoftonline.com"
#define KEYS_URI LOGIN "/x/keys?appid=1"
#define V1_ISSUER "https://sts.windows.net/" TENANT "/"
#define V2_ISSUER LOGIN "/" TENANT "/v2.0"
#define V1_METADATA "{\"issuer\":\"" V1_ISSUER "\"}"
#define V2_METADATA "{\"issuer\":\"" V2_ISSUER "\",\"jwks_uri\":\"" KEYS_URI "\"}"

static struct jwks_answer held, answer;

static int set_up(void **state)
{
	held = answer = (struct jwks_answer){0};
	return engine_set_up(state);
}

static int tear_down(void **state)
{
	jwks_answer_done(&answer);
	return engine_tear_down(state);
}

static enum err_code fetch_of(enum token_version version)
{
	autoerr(err);

	jwks_answer_done(&answer);
	return entra_fetch_keys(&engine.entra, version, &held, &answer, &err) ? ERR_NONE : err.code;
}

static enum err_code fetch(void)
{
	return fetch_of(TOKEN_V2);
}

/* The keys are answered so, the metadata as it should be. */
static void keys_answer(int status, const char *head, const char *body)
{
	upstream_reset();
	upstream_answers(200, "Cache-Control: max-age=5\r\nETag: \"m\"\r\n", V2_METADATA);
	upstream_answers(status, head, body);
}

static void keys_come_from_where_the_metadata_says(void **state)
{
	keys_answer(200, "Cache-Control: max-age=86400, private\r\n", "{\"keys\":[]}");
	assert_int_equal(fetch(), ERR_NONE);
	assert_true(upstream_is_done());
	assert_string_equal(
		upstream.calls[0].url, LOGIN "/" TENANT "/v2.0/.well-known/openid-configuration");
	assert_string_equal(upstream.calls[1].url, KEYS_URI);
	for (int i = 0; i < 2; i++)
		assert_string_equal(upstream.calls[i].headers, "");
	assert_true(cJSON_IsObject(answer.keys));
	assert_string_equal(answer.uri, KEYS_URI);
	assert_null(answer.etag);
	assert_int_equal(answer.max_age_s, 86400);
	assert_string_equal(answer.issuer, V2_ISSUER);
}

#define METADATA(uri) "{\"jwks_uri\":\"" uri "\",\"issuer\":\"" V2_ISSUER "\"}"

static void keys_elsewhere_are_not_fetched(void **state)
{
	static const char *const BODIES[] = {METADATA("https://evil.example/keys"),
		METADATA(LOGIN ".evil.example/keys"), METADATA(LOGIN "@evil.example/keys"),
		METADATA(LOGIN), METADATA("http://login.microsoftonline.com/keys"), METADATA(""),
		"{}", "{\"jwks_uri\":7}", "[]", "<html>"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		upstream_answers(200, "", BODIES[i]);
		check(fetch() == ERR_UPSTREAM_UNAVAILABLE && upstream_is_done(), "%s", BODIES[i]);
	}
}

static void keys_that_cannot_be_had_are_entras_failure(void **state)
{
	static const struct {
		int status;
		const char *body;
	} CASES[] = {{404, "{\"keys\":[]}"}, {500, ""}, {200, "<html>"}, {200, ""}, {204, ""},
		{302, ""}, {304, ""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_reset();
		upstream_answers(200, "", V2_METADATA);
		upstream_answers(CASES[i].status, "", CASES[i].body);
		check(fetch() == ERR_UPSTREAM_UNAVAILABLE && upstream_is_done(), "%d %s",
			CASES[i].status, CASES[i].body);
	}
	assert_true(engine.entra.keys.failing);
	upstream_answers(200, "", V2_METADATA);
	upstream_fails(ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(fetch(), ERR_UPSTREAM_TIMEOUT);
}

static void the_keys_own_max_age_counts(void **state)
{
	static const struct {
		const char *head;
		int64_t max_age_s;
	} CASES[] = {{"", 0}, {"Cache-Control: no-store\r\n", 1},
		{"Cache-Control: no-cache\r\n", 1}, {"Cache-Control: max-age=0\r\n", 1},
		{"cache-control: public, MAX-AGE=7200, must-revalidate\r\n", 7200},
		{"Cache-Control: s-maxage=9\r\n", 0}, {"Cache-Control: max-age=x\r\n", 0},
		{"Cache-Control: no-store, max-age=7200\r\n", 1}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		keys_answer(200, CASES[i].head, "{\"keys\":[]}");
		assert_int_equal(fetch(), ERR_NONE);
		check(answer.max_age_s == CASES[i].max_age_s, "%s", CASES[i].head);
	}
}

static void a_well_formed_tag_that_may_be_kept_is_kept(void **state)
{
	static const struct {
		const char *head, *etag;
	} CASES[] = {{"ETag: \"a1\"\r\n", "\"a1\""}, {"etag: W/\"a1\"\r\n", "W/\"a1\""},
		{"ETag: \"\"\r\n", "\"\""}, {"ETag: a1\r\n", NULL}, {"ETag: \"a1\r\n", NULL},
		{"ETag: \"\r\n", NULL}, {"ETag: \r\n", NULL}, {"ETag: w/\"a1\"\r\n", NULL},
		{"ETag: \"a\"1\"\r\n", NULL}, {"ETag: \"a 1\"\r\n", NULL},
		{"ETag: \"a\r1\"\r\n", NULL}, {"ETag: \"a\x7f\"\r\n", NULL},
		{"ETag: \"\xc3\xa4\"\r\n", NULL},
		{"Cache-Control: no-store\r\nETag: \"a1\"\r\n", NULL},
		{"Cache-Control: no-cache\r\nETag: \"a1\"\r\n", "\"a1\""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		keys_answer(200, CASES[i].head, "{\"keys\":[]}");
		assert_int_equal(fetch(), ERR_NONE);
		if (CASES[i].etag)
			assert_string_equal(answer.etag, CASES[i].etag);
		else
			check(!answer.etag, "%s", CASES[i].head);
	}
}

static void a_tag_longer_than_any_sensible_one_is_not_kept(void **state)
{
	char head[400];

	snprintf(head, sizeof(head), "ETag: \"%0*d\"\r\n", 300, 1);
	keys_answer(200, head, "{\"keys\":[]}");
	assert_int_equal(fetch(), ERR_NONE);
	assert_null(answer.etag);
}

static void a_set_held_is_asked_for_by_its_tag_and_need_not_be_sent(void **state)
{
	held.uri = (char *)KEYS_URI;
	held.etag = (char *)"W/\"a1\"";
	keys_answer(304, "Cache-Control: max-age=7200\r\n", "");
	assert_int_equal(fetch(), ERR_NONE);
	assert_true(upstream_is_done());
	assert_string_equal(upstream.calls[0].headers, "");
	assert_string_equal(upstream.calls[1].headers, "If-None-Match: W/\"a1\"\n");
	assert_null(answer.keys);
	assert_int_equal(answer.max_age_s, 7200);
	assert_string_equal(answer.issuer, V2_ISSUER);
	assert_false(engine.entra.keys.failing);
	keys_answer(200, "ETag: \"a2\"\r\n", "{\"keys\":[]}");
	assert_int_equal(fetch(), ERR_NONE);
	assert_non_null(answer.keys);
	assert_string_equal(answer.etag, "\"a2\"");
}

static void a_tag_is_not_sent_to_another_address(void **state)
{
	held.uri = (char *)LOGIN "/other/keys";
	held.etag = (char *)"\"a1\"";
	keys_answer(304, "", "");
	assert_int_equal(fetch(), ERR_UPSTREAM_UNAVAILABLE);
	assert_string_equal(upstream.calls[1].headers, "");
}

static void an_issuer_must_be_an_address_of_our_tenant(void **state)
{
	static const struct {
		const char *json;
		bool good;
	} CASES[] = {
		{"\"https://sts.chinacloudapi.cn/" TENANT "/\"", true},
		{"\"https://sts.example/{tenantid}/\"", true},
		{"\"http://127.0.0.1:7000/" TENANT "/\"", true},
		{"\"http://sts.windows.net/" TENANT "/\"", false},
		{"\"https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/\"", false},
		{"\"https://sts.windows.net/\"", false},
		{"\"https://sts.windows.net/?" TENANT "\"", false},
		{"\"https://a@sts.windows.net/" TENANT "/\"", false},
		{"\"https://sts.windows.net/" TENANT "/\\u0001\"", false},
		{"\"" TENANT "\"", false},
		{"\"\"", false},
		{"7", false},
		{"null", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *v1 = json_changed(V1_METADATA, "issuer", CASES[i].json);
		autofree char *v2 = json_changed(V2_METADATA, "issuer", CASES[i].json);

		upstream_reset();
		upstream_answers(200, "", v2);
		upstream_answers(200, "Cache-Control: max-age=7200\r\n", "{\"keys\":[]}");
		upstream_answers(200, "", v1);
		assert_int_equal(fetch(), ERR_NONE);
		check((answer.issuer != NULL) == CASES[i].good, "v2 %s", CASES[i].json);
		check(answer.max_age_s == (CASES[i].good ? 7200 : 1), "%s", CASES[i].json);
		check((fetch_of(TOKEN_V1) == ERR_NONE) == CASES[i].good, "v1 %s", CASES[i].json);
		check((answer.issuer != NULL) == CASES[i].good, "v1 %s", CASES[i].json);
	}
}

static void the_v1_issuer_is_fetched_by_itself(void **state)
{
	upstream_answers(200, "Cache-Control: max-age=7200\r\n", V1_METADATA);
	assert_int_equal(fetch_of(TOKEN_V1), ERR_NONE);
	assert_true(upstream_is_done());
	assert_string_equal(
		upstream.calls[0].url, LOGIN "/" TENANT "/.well-known/openid-configuration");
	assert_string_equal(upstream.calls[0].headers, "");
	assert_string_equal(answer.issuer, V1_ISSUER);
	assert_int_equal(answer.max_age_s, 7200);
	assert_null(answer.keys);
}

static void a_v1_document_that_cannot_be_had_is_no_failure_of_the_keys(void **state)
{
	static const struct {
		int status;
		const char *body;
	} CASES[] = {{404, ""}, {503, ""}, {200, "<html>"}, {200, "[]"}, {200, "{}"}, {304, ""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_reset();
		upstream_answers(CASES[i].status, "", CASES[i].body);
		check(fetch_of(TOKEN_V1) == ERR_UPSTREAM_UNAVAILABLE && upstream_is_done(), "%d",
			CASES[i].status);
		assert_null(answer.issuer);
		assert_false(engine.entra.keys.failing);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_come_from_where_the_metadata_says),
		TEST(keys_elsewhere_are_not_fetched),
		TEST(keys_that_cannot_be_had_are_entras_failure),
		TEST(the_keys_own_max_age_counts),
		TEST(a_well_formed_tag_that_may_be_kept_is_kept),
		TEST(a_tag_longer_than_any_sensible_one_is_not_kept),
		TEST(a_set_held_is_asked_for_by_its_tag_and_need_not_be_sent),
		TEST(a_tag_is_not_sent_to_another_address),
		TEST(an_issuer_must_be_an_address_of_our_tenant),
		TEST(the_v1_issuer_is_fetched_by_itself),
		TEST(a_v1_document_that_cannot_be_had_is_no_failure_of_the_keys),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
