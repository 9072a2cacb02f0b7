#include "door/redirect.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "stage/support.h"

/* base64url of 9 bytes of the SHA-256 of https://apim.example.com/tools/mcp, and with a slash. */
#define CODEX "3eo7LyQgAQ4G"
#define CODEX_SLASH "_BezFFHe_1RZ"

static struct config config;
static char *list;

static void start(const char *uris)
{
	settings_load(&config, "MCP_REDIRECT_URIS", uris);
	list = redirect_list(&config);
}

static int set_up(void **state)
{
	start(NULL);
	return 0;
}

static int tear_down(void **state)
{
	free(list);
	config_done(&config);
	return 0;
}

/* What Entra is sent; NULL: it is not acceptable.  The caller frees it. */
static char *sent(const char *uri)
{
	struct buf out;

	buf_init(&out);
	if (redirect_for_entra(list, uri, &out))
		return out.data;
	assert_int_equal(out.len, 0);
	return NULL;
}

static void addresses_of_this_machine_become_localhost_whatever_their_port(void **state)
{
	static const char *const CASES[][2] = {
		{"http://localhost/", "http://localhost/"},
		{"http://localhost", "http://localhost/"},
		{"http://127.0.0.1:33418/", "http://localhost:33418/"},
		{"http://127.0.0.1:33418", "http://localhost:33418/"},
		{"http://[::1]:5/callback", "http://localhost:5/callback"},
		{"http://localhost:65535/callback", "http://localhost:65535/callback"},
		{"http://127.0.0.1:1/oauth/callback", "http://localhost:1/oauth/callback"},
		{"http://localhost:3334/mcp/oauth/callback",
			"http://localhost:3334/mcp/oauth/callback"},
		{"http://127.0.0.1:9/callback/" CODEX, "http://localhost:9/callback/" CODEX},
		{"http://127.0.0.1:9/callback/" CODEX_SLASH,
			"http://localhost:9/callback/" CODEX_SLASH},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *got = sent(CASES[i][0]);

		check(got && !strcmp(got, CASES[i][1]), "%s: %s", CASES[i][0], got ? got : "-");
	}
}

/* Codex computes it from the address as its URL parser writes it again. */
static void codexs_path_follows_from_the_address_however_the_setting_writes_it(void **state)
{
	autofree char *got = NULL;

	tear_down(NULL);
	settings_load(&config, "MCP_RESOURCE", "https://APIM.example.com:443/tools/mcp");
	list = redirect_list(&config);
	got = sent("http://127.0.0.1:9/callback/" CODEX);
	assert_string_equal(got ? got : "-", "http://localhost:9/callback/" CODEX);
}

static void addresses_of_the_setting_are_taken_to_the_letter(void **state)
{
	static const char *const GOOD[] = {"https://claude.ai/api/mcp/auth_callback",
		"https://claude.com/api/mcp/auth_callback", "https://vscode.dev/redirect",
		"https://insiders.vscode.dev/redirect",
		"https://www.cursor.com/agents/mcp/oauth/callback"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		autofree char *got = sent(GOOD[i]);

		check(got && !strcmp(got, GOOD[i]), "%s", GOOD[i]);
	}
}

static void an_address_in_disguise_is_refused(void **state)
{
	static const char *const BAD[] = {"", "x", "/callback", "https://evil.example/callback",
		"https://claude.ai.evil.example/api/mcp/auth_callback",
		"https://claude.ai@evil.example/api/mcp/auth_callback",
		"https://user@claude.ai/api/mcp/auth_callback",
		"https://claude.ai/api/mcp/auth_callback/",
		"https://claude.ai/api/mcp/auth_callback2",
		"https://claude.ai/api/mcp/auth_callback/../x",
		"https://claude.ai/api/mcp/auth_callback?x=1",
		"https://claude.ai/api/mcp/auth_callback#x",
		"https://CLAUDE.ai/api/mcp/auth_callback",
		"HTTPS://claude.ai/api/mcp/auth_callback",
		"https://claude.ai/API/mcp/auth_callback",
		"https://claude.ai/api/mcp/auth%5Fcallback",
		"https://claude.ai:443/api/mcp/auth_callback",
		"http://claude.ai/api/mcp/auth_callback",
		"https://claude.ai/api/mcp/auth_callback,https://vscode.dev/redirect",
		"https://claude.ai/api/mcp/auth_callback https://vscode.dev/redirect",
		"http://localhost.evil.example/callback", "http://localhost@evil.example/callback",
		"http://127.0.0.1.evil.example/callback", "http://127.0.0.1@evil.example/callback",
		"http://localhost:80@evil.example/callback", "http://LOCALHOST/callback",
		"HTTP://localhost/callback", "http://localhost/Callback",
		"http://localhost/callback/", "http://localhost//callback",
		"http://localhost/callback?x", "http://localhost/callback#",
		"http://localhost/%63allback", "http://localhost/other",
		"http://localhost\\@evil.example/", "http://localhost:/callback",
		"http://localhost:0/callback", "http://localhost:00080/callback",
		"http://localhost:65536/callback", "http://localhost:8a/callback",
		"https://localhost/callback", "http://127.0.0.2/callback", "http://127.1/callback",
		"http://2130706433/callback", "http://0.0.0.0/callback",
		"http://[::ffff:127.0.0.1]/callback", "http://[0:0:0:0:0:0:0:1]/callback",
		"cursor://anysphere.cursor-mcp/oauth/callback", "javascript:alert(1)",
		"data:text/html,x", "urn:ietf:wg:oauth:2.0:oob"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		autofree char *got = sent(BAD[i]);

		check(!got, "%s", BAD[i]);
	}
}

static void the_ports_of_configured_loopback_addresses_do_not_count_either(void **state)
{
	autofree char *other = NULL, *hosted = NULL, *again = NULL;

	tear_down(NULL);
	start("http://127.0.0.1:8765/my/path,https://app.example/back");
	other = sent("http://localhost:1/my/path");
	assert_string_equal(other, "http://localhost:1/my/path");
	hosted = sent("https://app.example/back");
	assert_string_equal(hosted, "https://app.example/back");
	again = sent("https://claude.ai/api/mcp/auth_callback");
	assert_null(again);
}

static void plain_is_what_could_be_listed_and_no_shell_or_make_reads(void **state)
{
	static const char *const NEVER[] = {"cursor://x/y", "https://a.example/it's",
		"https://a.example/$(id)", "https://a.example/${HOME}", "https://a.example/a,b",
		"http://a.example/", "x y", "https://a.example/`id`", "https://a.example/;id",
		"https://a.example/?a=b", "https://a.example/\\", "https://a.example/!x"};
	char long_one[300] = "https://a.example/";

	for (size_t i = 0; i < COUNT_OF(NEVER); i++)
		check(!redirect_is_plain(NEVER[i]), "%s", NEVER[i]);
	memset(long_one + strlen(long_one), 'a', 257 - strlen(long_one));
	assert_false(redirect_is_plain(long_one));
	assert_true(redirect_is_plain("http://127.0.0.1:7/new"));
	assert_true(redirect_is_plain("http://[::1]:7/new"));
	assert_true(redirect_is_plain("https://a.example/a-b_c~d/e=f+@h"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_of_this_machine_become_localhost_whatever_their_port),
		TEST(codexs_path_follows_from_the_address_however_the_setting_writes_it),
		TEST(addresses_of_the_setting_are_taken_to_the_letter),
		TEST(an_address_in_disguise_is_refused),
		TEST(the_ports_of_configured_loopback_addresses_do_not_count_either),
		TEST(plain_is_what_could_be_listed_and_no_shell_or_make_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
