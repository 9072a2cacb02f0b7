#include "endpoints/dispatch.h"
#include "endpoints/answer_error.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "stage/exchange.h"

#define AUTHORIZE "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/authorize"
#define METADATA "https://apim.example.com/.well-known/oauth-protected-resource/tools/mcp"

static struct exchange x;
static struct err err;

static int set_up(void **state)
{
	exchange_start(&x, NULL, NULL);
	return 0;
}

static int set_up_unconfigured(void **state)
{
	exchange_start_unconfigured(&x);
	return 0;
}

static int set_up_with_origin(void **state)
{
	exchange_start(&x, "ALLOWED_ORIGINS", "https://app.example");
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

static void a_path_names_an_endpoint_in_any_case_and_with_api_before_it(void **state)
{
	static const char *const GOOD[] = {
		"/me", "/Me", "/ME", "/me/", "/api/me", "/API/me", "/api/Me/"};
	static const char *const BAD[] = {"/", "", "//me", "/meX", "/m", "/me//", "/me/x", "/api",
		"/api/", "/api//me", "/api/api/me", "/apime", "/x/me", "/%6de", "/me%2f",
		"/me.json"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		const struct endpoint *endpoint = service_find(&x.service, GOOD[i]);

		check(endpoint && !strcmp(endpoint->name, "me"), "%s", GOOD[i]);
	}
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!service_find(&x.service, BAD[i]), "%s", BAD[i]);
}

static void every_row_is_found_by_its_name(void **state)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		const struct endpoint *row;
		char path[64];

		snprintf(path, sizeof(path), "/%s", endpoints[i].name);
		row = service_find(&x.service, path);
		assert_memory_equal(row, &endpoints[i], sizeof(*row));
	}
}

static void what_is_nowhere_is_404_whatever_the_method(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/nothing", NULL), 404);
	assert_true(exchange_code_is(&x, "not_found"));
	assert_int_equal(exchange_send(&x, "BREW", "/nothing", NULL), 404);
	assert_int_equal(exchange_send(&x, "OPTIONS", "/nothing", NULL), 404);
}

static void the_root_says_it_is_alive(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/", NULL), 200);
	assert_string_equal(x.response.body, "{\"status\":\"ok\"}");
}

static void a_method_not_in_the_row_is_405_with_allow(void **state)
{
	static const char *const METHODS[] = {"POST", "DELETE", "get", "", "GET POST"};

	for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
		check(exchange_send(&x, METHODS[i], "/status", NULL) == 405, "%s", METHODS[i]);
		assert_true(exchange_code_is(&x, "method_not_allowed"));
		assert_string_equal(exchange_answer_header(&x, "Allow"), "GET, HEAD, OPTIONS");
	}
	assert_int_equal(exchange_send(&x, "DELETE", "/echo", NULL), 405);
	assert_string_equal(exchange_answer_header(&x, "Allow"), "GET, POST, PUT, HEAD, OPTIONS");
}

static void head_is_answered_as_get(void **state)
{
	assert_int_equal(exchange_send(&x, "HEAD", "/hello", NULL), 200);
	assert_int_equal(exchange_send(&x, "HEAD", "/me", NULL), 401);
}

static void options_lists_the_methods_without_authentication(void **state)
{
	assert_int_equal(exchange_send(&x, "OPTIONS", "/me", NULL), 204);
	assert_string_equal(exchange_answer_header(&x, "Allow"), "GET, HEAD, OPTIONS");
	assert_null(exchange_answer_header(&x, "Access-Control-Allow-Methods"));
	assert_int_equal(x.response.body_len, 0);
}

static void a_body_over_the_limit_is_413(void **state)
{
	x.request.body_too_large = true;
	assert_int_equal(exchange_send(&x, "POST", "/hello", NULL), 413);
	assert_true(exchange_code_is(&x, "body_too_large"));
}

static void what_could_not_be_read_is_answered_as_its_error(void **state)
{
	struct request request = {.method = "POST", .path = "/hello", .query = "", .body = ""};

	err_set(&err, ERR_HEADERS_TOO_LARGE, "too large");
	dispatch(&x.service, &request, &err, &x.response);
	assert_int_equal(x.response.status, 431);
	assert_true(exchange_code_is(&x, "headers_too_large"));
}

static void assert_protected(void)
{
	static const char *const HEADERS[][2] = {{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"Referrer-Policy", "no-referrer"}, {"Cache-Control", "no-store"},
		{"Strict-Transport-Security", "max-age=31536000; includeSubDomains"}};

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++) {
		const char *value = exchange_answer_header(&x, HEADERS[i][0]);

		check(value && !strcmp(value, HEADERS[i][1]), "%s", HEADERS[i][0]);
	}
	assert_non_null(exchange_answer_header(&x, "x-request-id"));
}

static void security_headers_are_on_every_answer(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
	} CASES[] = {{"GET", "/", 200}, {"GET", "/hello", 200}, {"POST", "/echo", 200},
		{"GET", "/tools", 200}, {"GET", "/status", 200}, {"GET", "/me", 401},
		{"GET", "/x", 404}, {"PUT", "/me", 401}, {"PUT", "/status", 405},
		{"OPTIONS", "/me", 204}, {"GET", "/hello?name=%", 400}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		int status = exchange_send(&x, CASES[i].method, CASES[i].target, NULL);

		check(status == CASES[i].status, "%s %s", CASES[i].method, CASES[i].target);
		assert_protected();
	}
}

static void a_well_formed_request_id_is_kept(void **state)
{
	char longest[129];
	const char *const GOOD[] = {"7", "a-B_c.d:9", longest};

	memset(longest, 'i', 128);
	longest[128] = '\0';
	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		exchange_header(&x, "X-Request-ID", GOOD[i]);
		exchange_send(&x, "GET", "/hello", NULL);
		assert_string_equal(exchange_answer_header(&x, "x-request-id"), GOOD[i]);
	}
}

static void a_missing_or_hostile_request_id_is_replaced_by_a_guid(void **state)
{
	char overlong[130];
	const char *const BAD[] = {NULL, "", "a b", "a\r\nSet-Cookie: x", "<script>", "a\"b",
		"\xc3\xa9", "a=b", overlong};

	memset(overlong, 'i', 129);
	overlong[129] = '\0';
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		if (BAD[i])
			exchange_header(&x, "x-request-id", BAD[i]);
		exchange_send(&x, "GET", "/nothing", NULL);
		assert_true(guid_valid(exchange_answer_header(&x, "x-request-id")));
		assert_true(exchange_code_is(&x, "not_found")); /* and the body has the same id */
	}
}

static void me_without_a_token_is_challenged(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 401);
	assert_true(exchange_code_is(&x, "missing_token"));
	assert_string_equal(exchange_answer_header(&x, "WWW-Authenticate"),
		"Bearer realm=\"" SERVICE_NAME "\", authorization_uri=\"" AUTHORIZE
		"\", scope=\"api://" CLIENT "/access_as_user\", resource_metadata=\"" METADATA
		"\"");
}

static void a_bad_token_is_challenged_as_invalid(void **state)
{
	const char *challenge;

	exchange_header(&x, "Authorization", "Bearer e30.e30.AQID");
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 401);
	assert_true(exchange_code_is(&x, "invalid_token"));
	challenge = exchange_answer_header(&x, "WWW-Authenticate");
	assert_non_null(strstr(challenge, "error=\"invalid_token\""));
	exchange_header(&x, "Authorization", "Bearer a b");
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 400);
	assert_true(exchange_code_is(&x, "invalid_request"));
	challenge = exchange_answer_header(&x, "WWW-Authenticate");
	assert_non_null(strstr(challenge, "error=\"invalid_request\""));
}

static void two_authorization_headers_are_refused(void **state)
{
	exchange_header(&x, "Authorization", "Bearer e30.e30.AQID");
	exchange_header(&x, "authorization", "Bearer e30.e30.AQID");
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 400);
	assert_true(exchange_code_is(&x, "invalid_request"));
}

static void unconfigured_protected_endpoints_are_closed(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 503);
	assert_true(exchange_code_is(&x, "not_configured"));
	exchange_header(&x, "Authorization", "Bearer e30.e30.AQID");
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 503);
	assert_protected();
}

static void unconfigured_open_endpoints_work(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/hello", NULL), 200);
	assert_int_equal(exchange_send(&x, "POST", "/echo", "x"), 200);
	assert_int_equal(exchange_send(&x, "GET", "/tools", NULL), 200);
	assert_int_equal(exchange_send(&x, "GET", "/status", NULL), 200);
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=1", NULL), 503);
}

static void error_with(enum err_code code)
{
	err_set(&err, code, "detail that nobody sees");
}

/* The WWW-Authenticate of the answer to the error. */
static const char *challenge(void)
{
	struct http_exchange exchange = {
		.call = {.service = &x.service, .identity = &exchange.identity},
		.request = &x.request,
		.response = &x.response};

	response_done(&x.response);
	answer_error(&exchange, &err);
	assert_null(strstr(x.response.body, "nobody sees"));
	return exchange_answer_header(&x, "WWW-Authenticate");
}

static void a_claims_challenge_reaches_the_client_unchanged(void **state)
{
	error_with(ERR_INSUFFICIENT_CLAIMS);
	err_ask_claims(&err, "eyJhIjoiPz8+In0=");
	assert_string_equal(challenge(),
		"Bearer realm=\"" SERVICE_NAME "\", authorization_uri=\"" AUTHORIZE
		"\", error=\"insufficient_claims\", claims=\"eyJhIjoiPz8+In0=\", "
		"resource_metadata=\"" METADATA "\"");
}

static void a_missing_scope_is_named_in_full(void **state)
{
	const char *value;

	error_with(ERR_INSUFFICIENT_SCOPE);
	value = challenge();

	assert_int_equal(x.response.status, 403);
	assert_non_null(strstr(value, "error=\"insufficient_scope\""));
	assert_non_null(strstr(value, "scope=\"api://" CLIENT "/access_as_user\""));
}

static void only_what_a_token_can_mend_is_challenged(void **state)
{
	for (int code = ERR_NONE + 1; code < ERR__COUNT; code++) {
		bool expected = err_info((enum err_code)code)->status == 401 ||
				code == ERR_INSUFFICIENT_SCOPE || code == ERR_INVALID_REQUEST;

		error_with((enum err_code)code);
		check(!challenge() == !expected, "%s", err_info(err.code)->slug);
		assert_int_equal(x.response.status, err_info(err.code)->status);
	}
}

static void quotes_in_a_sentence_stay_within_it(void **state)
{
	err_say(&err, ERR_INVALID_TOKEN, "say \"x\\y\"");
	assert_non_null(strstr(challenge(), "error_description=\"say 'x'y'\""));
}

static void retry_after_and_consent_are_passed_on(void **state)
{
	error_with(ERR_THROTTLED);
	err.retry_after_s = 9;
	err_ask_consent(&err, "https://login.example/consent");
	challenge();
	assert_string_equal(exchange_answer_header(&x, "Retry-After"), "9");
	assert_non_null(
		strstr(x.response.body, "\"consentUrl\":\"https://login.example/consent\""));
	error_with(ERR_UPSTREAM_UNAVAILABLE);
	challenge();
	assert_null(exchange_answer_header(&x, "Retry-After"));
	assert_null(strstr(x.response.body, "consentUrl"));
}

static void a_failed_service_is_named_with_what_it_said_of_itself(void **state)
{
	error_with(ERR_THROTTLED);
	challenge();
	assert_null(strstr(x.response.body, "upstream"));
	err_service(&err, "entra", "AADSTS50196", "trace");
	challenge();
	assert_non_null(strstr(x.response.body,
		"\"upstream\":{\"service\":\"entra\",\"code\":\"AADSTS50196\","
		"\"requestId\":\"trace\"}"));
	err_service(&err, "graph", NULL, NULL);
	challenge();
	assert_non_null(strstr(x.response.body, "\"upstream\":{\"service\":\"graph\"}"));
}

static void only_a_listed_origin_is_let_in(void **state)
{
	exchange_header(&x, "Origin", "https://app.example");
	exchange_header(&x, "Access-Control-Request-Method", "GET");
	exchange_send(&x, "OPTIONS", "/me", NULL);
	assert_string_equal(
		exchange_answer_header(&x, "Access-Control-Allow-Origin"), "https://app.example");
	assert_non_null(exchange_answer_header(&x, "Access-Control-Allow-Methods"));
	exchange_header(&x, "Origin", "https://evil.example");
	exchange_send(&x, "GET", "/hello", NULL);
	assert_null(exchange_answer_header(&x, "Access-Control-Allow-Origin"));
}

static void requests_and_errors_are_counted_by_row(void **state)
{
	const struct row_state *row = service_row(&x.service, service_find(&x.service, "/hello"));

	exchange_send(&x, "GET", "/hello", NULL);
	exchange_send(&x, "GET", "/hello?name=%", NULL);
	exchange_send(&x, "GET", "/nothing", NULL);
	assert_int_equal(row->requests, 2);
	assert_int_equal(row->errors, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_path_names_an_endpoint_in_any_case_and_with_api_before_it),
		TEST(every_row_is_found_by_its_name),
		TEST(what_is_nowhere_is_404_whatever_the_method),
		TEST(the_root_says_it_is_alive),
		TEST(a_method_not_in_the_row_is_405_with_allow),
		TEST(head_is_answered_as_get),
		TEST(options_lists_the_methods_without_authentication),
		TEST(a_body_over_the_limit_is_413),
		TEST(what_could_not_be_read_is_answered_as_its_error),
		TEST(security_headers_are_on_every_answer),
		TEST(a_well_formed_request_id_is_kept),
		TEST(a_missing_or_hostile_request_id_is_replaced_by_a_guid),
		TEST(me_without_a_token_is_challenged),
		TEST(a_bad_token_is_challenged_as_invalid),
		TEST(two_authorization_headers_are_refused),
		cmocka_unit_test_setup_teardown(unconfigured_protected_endpoints_are_closed,
			set_up_unconfigured, tear_down),
		cmocka_unit_test_setup_teardown(
			unconfigured_open_endpoints_work, set_up_unconfigured, tear_down),
		TEST(a_claims_challenge_reaches_the_client_unchanged),
		TEST(a_missing_scope_is_named_in_full),
		TEST(only_what_a_token_can_mend_is_challenged),
		TEST(quotes_in_a_sentence_stay_within_it),
		TEST(retry_after_and_consent_are_passed_on),
		TEST(a_failed_service_is_named_with_what_it_said_of_itself),
		cmocka_unit_test_setup_teardown(
			only_a_listed_origin_is_let_in, set_up_with_origin, tear_down),
		TEST(requests_and_errors_are_counted_by_row),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
