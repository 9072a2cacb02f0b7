#include "door/oauth_error.h"

#include <string.h>

#include "base/json.h"
#include "stage/support.h"

static const struct oauth_help NONE;

static void a_page_is_for_those_who_would_rather_have_one(void **state)
{
	static const struct {
		const char *accept;
		enum oauth_error_form form;
	} CASES[] = {
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;"
		 "q=0.8",
			OAUTH_ERROR_PAGE},
		{"text/html", OAUTH_ERROR_PAGE},
		{"TEXT/HTML", OAUTH_ERROR_PAGE},
		{"text/html, */*", OAUTH_ERROR_PAGE},
		{"application/json;q=0.5, text/html;q=0.9", OAUTH_ERROR_PAGE},
		{"text/html; charset=utf-8; q=0.9, */*; q=0.8", OAUTH_ERROR_PAGE},
		{"text/html; q=0.5, */*; q=0.9", OAUTH_ERROR_JSON},
		{NULL, OAUTH_ERROR_JSON},
		{"", OAUTH_ERROR_JSON},
		{"*/*", OAUTH_ERROR_JSON},
		{"text/*", OAUTH_ERROR_JSON},
		{"application/json", OAUTH_ERROR_JSON},
		{"application/json, text/html", OAUTH_ERROR_JSON},
		{"application/json, text/html;q=0.9", OAUTH_ERROR_JSON},
		{"text/html;q=0, */*", OAUTH_ERROR_JSON},
		{"text/html;q=0.5, */*;q=0.9", OAUTH_ERROR_JSON},
		{"text/html;q=1e999, */*;q=0.1", OAUTH_ERROR_PAGE},
		{"text/html;q=nan", OAUTH_ERROR_JSON},
		{"text/html;q=0.899, */*;q=0.9", OAUTH_ERROR_JSON},
		{"text/htmlx", OAUTH_ERROR_JSON},
		{";q=,,;;q=", OAUTH_ERROR_JSON},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(oauth_error_form(CASES[i].accept) == CASES[i].form, "%s",
			CASES[i].accept ? CASES[i].accept : "-");
}

static void every_error_has_a_word_of_oauths_and_a_status(void **state)
{
	static const struct {
		enum err_code code;
		int status;
		const char *word;
	} CASES[] = {
		{ERR_BAD_REQUEST, 400, "invalid_request"},
		{ERR_NOT_FOUND, 404, "invalid_request"},
		{ERR_METHOD_NOT_ALLOWED, 405, "invalid_request"},
		{ERR_BODY_TOO_LARGE, 413, "invalid_request"},
		{ERR_UNSUPPORTED_MEDIA_TYPE, 415, "invalid_request"},
		{ERR_HEADERS_TOO_LARGE, 431, "invalid_request"},
		{ERR_ORIGIN_NOT_ALLOWED, 403, "access_denied"},
		{ERR_INVALID_CLIENT, 400, "invalid_client"},
		{ERR_INVALID_TARGET, 400, "invalid_target"},
		{ERR_INVALID_REDIRECT_URI, 400, "invalid_redirect_uri"},
		{ERR_UNSUPPORTED_RESPONSE_TYPE, 400, "unsupported_response_type"},
		{ERR_UNSUPPORTED_GRANT_TYPE, 400, "unsupported_grant_type"},
		{ERR_INVALID_CLIENT_METADATA, 400, "invalid_client_metadata"},
		{ERR_THROTTLED, 429, "temporarily_unavailable"},
		{ERR_INTERNAL, 500, "server_error"},
		{ERR_NOT_CONFIGURED, 503, "temporarily_unavailable"},
		{ERR_UPSTREAM_UNAVAILABLE, 503, "temporarily_unavailable"},
		{ERR_UPSTREAM_TIMEOUT, 503, "temporarily_unavailable"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		check(!strcmp(oauth_error_word(CASES[i].code), CASES[i].word), "%s",
			oauth_error_word(CASES[i].code));
		check(oauth_error_status(CASES[i].code) == CASES[i].status, "%s", CASES[i].word);
	}
}

static void what_is_unavailable_says_when_to_come_back(void **state)
{
	autoerr(err);

	err_set(&err, ERR_UPSTREAM_TIMEOUT, "x");
	assert_true(oauth_error_wait_s(&err) > 0);
	err_wait(&err, 9);
	assert_int_equal(oauth_error_wait_s(&err), 9);
	err_set(&err, ERR_THROTTLED, "x");
	assert_true(oauth_error_wait_s(&err) > 0);
	err_set(&err, ERR_BAD_REQUEST, "x");
	assert_int_equal(oauth_error_wait_s(&err), 0);
}

static void a_document_is_in_oauths_form_and_character_set(void **state)
{
	autofree char *text = NULL, *helped = NULL;
	autoerr(err);

	err_say(&err, ERR_BAD_REQUEST, "a \"quoted\" \\ sentence \xe2\x82\xac.");
	text = oauth_error_json(&err, &NONE);
	assert_string_equal(text, "{\"error\":\"invalid_request\",\"error_description\":"
				  "\"a 'quoted' ' sentence '''.\"}");
	err_set(&err, ERR_INVALID_REDIRECT_URI, "x");
	helped = oauth_error_json(&err, &(struct oauth_help){"https://a.example/", "az 'b'"});
	assert_non_null(strstr(helped, "https://a.example/"));
	assert_non_null(strstr(helped, "az 'b'"));
}

static void a_page_escapes_whatever_is_not_ours(void **state)
{
	autofree char *page = NULL;
	autoerr(err);

	err_say(&err, ERR_BAD_REQUEST, "<b>&\"'");
	page = oauth_error_page(
		&err, &(struct oauth_help){"\"><script>alert(1)</script>", "'<img src=x>'"}, "<i>");
	assert_non_null(strstr(page, "<p>&lt;b&gt;&amp;&quot;&#39;</p>"));
	assert_non_null(strstr(page, "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
	assert_non_null(strstr(page, "&#39;&lt;img src=x&gt;&#39;"));
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "<i>"));
	assert_null(strstr(page, "href"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_for_those_who_would_rather_have_one),
		cmocka_unit_test(every_error_has_a_word_of_oauths_and_a_status),
		cmocka_unit_test(what_is_unavailable_says_when_to_come_back),
		cmocka_unit_test(a_document_is_in_oauths_form_and_character_set),
		cmocka_unit_test(a_page_escapes_whatever_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
