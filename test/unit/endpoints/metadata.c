#include "endpoints/metadata.h"

#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

static struct exchange x;

static void start(const char *name, const char *value)
{
	exchange_done(&x);
	exchange_start(&x, name, value);
}

static int set_up(void **state)
{
	exchange_start(&x, NULL, NULL);
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

#define RESOURCE "https://apim.example.com/tools/mcp"

static void the_resource_is_described_at_its_paths_and_for_every_origin(void **state)
{
	static const char *const PATHS[] = {"/.well-known/oauth-protected-resource",
		"/.well-known/oauth-protected-resource/mcp",
		"/.well-known/oauth-protected-resource/tools/mcp",
		"/api/.well-known/oauth-protected-resource"};

	for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
		check(exchange_send(&x, "GET", PATHS[i], NULL) == 200, "%s", PATHS[i]);
		assert_string_equal(x.response.body,
			"{\"resource\":\"" RESOURCE "\",\"authorization_servers\":["
			"\"https://login.microsoftonline.com/" TENANT "/v2.0\"],"
			"\"scopes_supported\":[\"" RESOURCE "/access_as_user\"],"
			"\"bearer_methods_supported\":[\"header\"],"
			"\"resource_name\":\"Microsoft Graph for MCP\"}");
		assert_string_equal(exchange_answer_header(&x, "Access-Control-Allow-Origin"), "*");
		assert_string_equal(
			exchange_answer_header(&x, "Cache-Control"), "public, max-age=3600");
	}
}

/* In payload mode the host calls the function by its name and has the URL in the envelope. */
static void in_payload_mode_the_clients_url_says_which_document(void **state)
{
	x.request.url = "https://f.example/.well-known/oauth-protected-resource/mcp?x=1";
	assert_int_equal(exchange_send(&x, "GET", "/metadata", NULL), 200);
	x.request.url = "https://f.example/.well-known/oauth-authorization-server";
	assert_int_equal(exchange_send(&x, "GET", "/metadata", NULL), 404);
	assert_int_equal(exchange_send(&x, "GET", "/metadata", NULL), 404);
}

static void no_header_of_a_request_changes_what_is_said(void **state)
{
	static const char *const NAMES[] = {
		"Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Proto"};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		exchange_header(&x, NAMES[i], "host=evil.example");
	exchange_send(&x, "GET", "/.well-known/oauth-protected-resource", NULL);
	assert_non_null(strstr(x.response.body, "\"resource\":\"" RESOURCE "\""));
	assert_null(strstr(x.response.body, "evil"));
}

static void a_resource_of_its_own_is_kept_to_the_letter(void **state)
{
	start("MCP_RESOURCE", "https://Mcp.Example.com/");
	exchange_send(&x, "GET", "/.well-known/oauth-protected-resource", NULL);
	assert_non_null(strstr(x.response.body, "\"resource\":\"https://Mcp.Example.com/\""));
	assert_string_equal(x.service.metadata->resource_url,
		"https://Mcp.Example.com/.well-known/oauth-protected-resource/");
	start("MCP_RESOURCE", "https://mcp.example.com:8443");
	assert_string_equal(x.service.metadata->resource_url,
		"https://mcp.example.com:8443/.well-known/oauth-protected-resource");
}

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"

static void without_a_door_no_authorization_server_is_described(void **state)
{
	static const char *const PATHS[] = {
		"/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"};

	for (size_t i = 0; i < COUNT_OF(PATHS); i++)
		check(exchange_send(&x, "GET", PATHS[i], NULL) == 404, "%s", PATHS[i]);
}

static void with_a_door_both_documents_say_the_same_at_every_address(void **state)
{
	static const char *const PATHS[] = {"/.well-known/oauth-authorization-server",
		"/.well-known/oauth-authorization-server/tools",
		"/.well-known/openid-configuration", "/.well-known/openid-configuration/tools",
		"/api/.well-known/openid-configuration"};

	start("MCP_CLIENT_ID", DOOR);
	for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
		check(exchange_send(&x, "GET", PATHS[i], NULL) == 200, "%s", PATHS[i]);
		assert_string_equal(x.response.body, x.service.sign_in.door->metadata);
		assert_string_equal(exchange_answer_header(&x, "Access-Control-Allow-Origin"), "*");
		assert_null(exchange_answer_header(&x, "Access-Control-Allow-Credentials"));
	}
}

static void with_a_door_the_resource_names_it_and_a_scope_that_entra_knows(void **state)
{
	start("MCP_CLIENT_ID", DOOR);
	exchange_send(&x, "GET", "/.well-known/oauth-protected-resource", NULL);
	assert_non_null(strstr(
		x.response.body, "\"authorization_servers\":[\"https://apim.example.com/tools\"]"));
	assert_non_null(strstr(
		x.response.body, "\"scopes_supported\":[\"api://" CLIENT "/access_as_user\"]"));
	assert_int_equal(exchange_send(&x, "POST", "/mcp", "{}"), 401);
	assert_non_null(strstr(exchange_answer_header(&x, "WWW-Authenticate"),
		"scope=\"api://" CLIENT "/access_as_user\""));
}

/* Else it would be AADSTS500011 for whoever asks for it. */
static void a_resource_that_entra_does_not_know_is_not_named_in_a_scope(void **state)
{
	start("MCP_IDENTIFIER", "no");
	exchange_send(&x, "GET", "/.well-known/oauth-protected-resource", NULL);
	assert_non_null(strstr(x.response.body, "\"resource\":\"" RESOURCE "\""));
	assert_non_null(
		strstr(x.response.body, "\"authorization_servers\":["
					"\"https://login.microsoftonline.com/" TENANT "/v2.0\"]"));
	assert_non_null(strstr(
		x.response.body, "\"scopes_supported\":[\"api://" CLIENT "/access_as_user\"]"));
	assert_int_equal(exchange_send(&x, "POST", "/mcp", "{}"), 401);
	assert_non_null(strstr(exchange_answer_header(&x, "WWW-Authenticate"),
		"scope=\"api://" CLIENT "/access_as_user\""));
}

static void other_documents_are_404_and_other_methods_405(void **state)
{
	static const char *const PATHS[] = {"/.well-known/", "/.well-known/openid-configurationX",
		"/.well-known/oauth-protected-resourceX", "/.well-known/oauth-protected",
		"/metadata", "/.well-known//oauth-protected-resource"};

	for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
		check(exchange_send(&x, "GET", PATHS[i], NULL) == 404, "%s", PATHS[i]);
		assert_true(exchange_code_is(&x, "not_found"));
	}
	assert_int_equal(
		exchange_send(&x, "POST", "/.well-known/oauth-protected-resource", ""), 405);
}

static void unconfigured_nothing_is_claimed(void **state)
{
	exchange_done(&x);
	exchange_start_unconfigured(&x);
	assert_int_equal(
		exchange_send(&x, "GET", "/.well-known/oauth-protected-resource", NULL), 503);
	assert_true(exchange_code_is(&x, "not_configured"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_resource_is_described_at_its_paths_and_for_every_origin),
		TEST(in_payload_mode_the_clients_url_says_which_document),
		TEST(no_header_of_a_request_changes_what_is_said),
		TEST(a_resource_of_its_own_is_kept_to_the_letter),
		TEST(without_a_door_no_authorization_server_is_described),
		TEST(with_a_door_both_documents_say_the_same_at_every_address),
		TEST(with_a_door_the_resource_names_it_and_a_scope_that_entra_knows),
		TEST(a_resource_that_entra_does_not_know_is_not_named_in_a_scope),
		TEST(other_documents_are_404_and_other_methods_405),
		TEST(unconfigured_nothing_is_claimed),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
