/* Addresses among the settings, and what the door before Entra is set up with. */
#include "base/config.h"

#include <string.h>

#include "stage/support.h"

#define GUID_UPPER "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"
#define GUID_LOWER "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

static void recipients_domains_are_whole_names(void **state)
{
	TAKES("WRITE_RECIPIENT_DOMAINS", "", "example.com", "Example.com, b.example",
		"xn--bcher-kva.example", "a.b.c.example");
	REFUSES("WRITE_RECIPIENT_DOMAINS", ",", "example", ".example.com", "example.com.",
		"a..example", "-a.example", "a-.example", "*.example.com", "@example.com",
		"a@example.com",
		"b\xc3\xbc"
		"cher.example",
		"example.com b.example", "https://example.com", "example.com;b.example");
}

static void the_clients_registration_is_not_the_apis_own(void **state)
{
	struct config config;

	REFUSES("MCP_CLIENT_ID", CLIENT);
	TAKES("MCP_CLIENT_ID", "", GUID_UPPER);
	settings_load(&config, "MCP_CLIENT_ID", GUID_UPPER);
	assert_string_equal(config.mcp_client_id, GUID_LOWER);
	config_done(&config);
}

static void redirect_uris_are_https_or_loopback_and_kept_to_the_letter(void **state)
{
	struct config config;

	TAKES("MCP_REDIRECT_URIS", "https://A.example/Back", "http://127.0.0.1:7/x",
		"https://a.example/b, https://c.example/d");
	REFUSES("MCP_REDIRECT_URIS", ",", "cursor://x/y", "http://a.example/b",
		"https://a.example/?q", "https://a.example/#f", "https://a.example/it's",
		"https://u@a.example/b", "https://a.example/%62");
	settings_load(&config, "MCP_REDIRECT_URIS", " https://A.example/Back/ ,http://[::1]/x");
	assert_string_equal(config.mcp_redirect_uris, "https://A.example/Back/,http://[::1]/x");
	config_done(&config);
}

static void claims_of_the_sign_in_are_one_json_object_kept_to_the_letter(void **state)
{
	static const char GOOD[] = "{ \"access_token\":{\"acrs\":{\"value\":\"c1\"}} }";
	struct config config;

	TAKES("SIGN_IN_CLAIMS", "", "{}", GOOD);
	REFUSES("SIGN_IN_CLAIMS", "x", "[]", "{", "{}x", "{\"a\":1,\"a\":2}", "{\n}");
	settings_load(&config, "SIGN_IN_CLAIMS", GOOD);
	assert_string_equal(config.sign_in_claims, GOOD);
	config_done(&config);
}

static void hosts_are_https_with_an_optional_port(void **state)
{
	TAKES("AUTHORITY_HOST", "https://login.microsoftonline.us", "https://h:1",
		"https://h:65535", "HTTPS://H", "https://[2001:db8::1]",
		"https://[2001:db8::1]:8443", "https://h/", "https://10.0.0.1:443");
	REFUSES("AUTHORITY_HOST", "login.microsoftonline.com", "ftp://h", "https:/h", "https://",
		"https:", "https:///", "https://h:", "https://h:0", "https://h:65536",
		"https://h:8a", "https://h:-1", "https://:443", "https://h/path", "https://h?x",
		"https://h#x", "https://h/?x", "https://u@h", "https://u:p@h", "https://h h",
		"https://h\\x", "https://h%2e", "https://[::1", "https://[::1]x",
		"https://[::1]:", "https://h,https://i", "javascript://h", "https://h\xc3\xa9");
}

static void plain_http_is_for_loopback_only(void **state)
{
	TAKES("GRAPH_BASE_URL", "http://127.0.0.1", "http://127.0.0.1:8080", "http://localhost:1",
		"http://LOCALHOST", "http://[::1]", "http://[::1]:8080/");
	REFUSES("GRAPH_BASE_URL", "http://graph.microsoft.com", "http://127.0.0.1.evil.com",
		"http://localhost.evil.com", "http://localhost@evil.com",
		"http://localhost:x@evil.com", "http://localhost:80@evil.com",
		"http://evil.com#localhost", "http://evil.com/localhost", "http://127.0.0.10",
		"http://127.0.0.1:", "http://127.0.0.1:80:80", "http://0.0.0.0",
		"http://[::1].evil.com", "http://[::1]evil.com", "http://[::]", "http://::1",
		"http://127.1", "http://localhost\\@evil.com", "http://localhost%00.evil.com");
}

static void trailing_slashes_are_taken_off(void **state)
{
	struct config config;

	settings_load(&config, "GRAPH_BASE_URL", "https://graph.example:8443///");
	assert_string_equal(config.graph_base_url, "https://graph.example:8443");
	config_done(&config);
}

static void the_gateway_may_have_a_path_but_no_query(void **state)
{
	TAKES("APIM_GATEWAY_URL", "https://h", "https://h/a/b", "http://localhost:8080/x");
	REFUSES("APIM_GATEWAY_URL", "https://h/a?b", "https://h/a#b", "https://h/a b",
		"https://h/%20", "https://h/\"", "https://h/<", "https://h\\a", "http://h/a");
}

/* Clients compare the issuer to the letter with what their URL parser made of it. */
static void the_gateway_is_in_the_form_that_clients_compare(void **state)
{
	struct config config;

	settings_load(&config, "APIM_GATEWAY_URL", "HTTPS://Apim.Example:443/Tools//");
	assert_string_equal(config.apim_gateway_url, "https://apim.example/Tools");
	assert_string_equal(config.mcp_resource, "https://apim.example/Tools/mcp");
	config_done(&config);
}

static void origins_are_hosts_without_any_slash_at_the_end(void **state)
{
	struct config config;

	settings_load(&config, "ALLOWED_ORIGINS", "https://App.example , http://localhost:3000");
	assert_string_equal(config.allowed_origins, "https://app.example,http://localhost:3000");
	config_done(&config);
	REFUSES("ALLOWED_ORIGINS", "*", "null", "https://a.example/", "https://a/b",
		"https://a,http://b.example", "https://*.example", "a.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_domains_are_whole_names),
		cmocka_unit_test(the_clients_registration_is_not_the_apis_own),
		cmocka_unit_test(redirect_uris_are_https_or_loopback_and_kept_to_the_letter),
		cmocka_unit_test(claims_of_the_sign_in_are_one_json_object_kept_to_the_letter),
		cmocka_unit_test(hosts_are_https_with_an_optional_port),
		cmocka_unit_test(plain_http_is_for_loopback_only),
		cmocka_unit_test(trailing_slashes_are_taken_off),
		cmocka_unit_test(the_gateway_may_have_a_path_but_no_query),
		cmocka_unit_test(the_gateway_is_in_the_form_that_clients_compare),
		cmocka_unit_test(origins_are_hosts_without_any_slash_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
