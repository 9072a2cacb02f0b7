#include "door/client_id.h"

#include <string.h>

#include "stage/support.h"

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"
#define OTHER "aaaaaaaa-93b4-4f26-8a7d-2e6f1b3c4d50"

static struct config config;

static int set_up(void **state)
{
	static const struct setting_change CHANGES[] = {
		{"MCP_CLIENT_ID", DOOR}, {"ALLOWED_CLIENT_IDS", OTHER "," CLIENT}};

	settings_load_changed(&config, CHANGES, COUNT_OF(CHANGES));
	return 0;
}

static int tear_down(void **state)
{
	config_done(&config);
	return 0;
}

static void the_public_client_is_itself_in_any_case(void **state)
{
	struct client_id client;
	autoerr(err);

	assert_true(client_id_read(&config, "5D0C7E1A-93b4-4f26-8a7d-2e6f1b3c4d50", &client, &err));
	assert_int_equal(client.kind, CLIENT_PUBLIC);
	assert_string_equal(client.entra, DOOR);
}

static void the_address_of_any_metadata_document_becomes_the_public_client(void **state)
{
	static const char *const GOOD[] = {"https://claude.ai/oauth/claude-code-client-metadata",
		"https://chatgpt.com/oauth/codex/client.json", "https://a.example:8443/c",
		"https://vscode.dev/oauth/client-metadata.json", "https://a.example/c?v=1",
		"https://a.example/%7Eme/c"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		struct client_id client;
		autoerr(err);

		check(client_id_read(&config, GOOD[i], &client, &err), "%s", GOOD[i]);
		assert_int_equal(client.kind, CLIENT_CIMD);
		assert_string_equal(client.entra, DOOR);
	}
}

static void an_allowed_client_stays_what_it_is(void **state)
{
	struct client_id client;
	autoerr(err);

	assert_true(client_id_read(&config, OTHER, &client, &err));
	assert_int_equal(client.kind, CLIENT_ALLOWED);
	assert_string_equal(client.entra, OTHER);
	assert_true(client_id_read(&config, "AAAAAAAA-93B4-4f26-8a7d-2e6f1b3c4d50", &client, &err));
}

static void everybody_else_is_refused(void **state)
{
	static const char *const BAD[] = {NULL, "", "00000000-93b4-4f26-8a7d-2e6f1b3c4d50", "x",
		DOOR "," DOOR, DOOR " ", OTHER "," CLIENT, "http://a.example/c",
		"https://a.example", "https://a.example/", "https://user@a.example/c",
		"https://a.example/c#f", "https://a.example/c,https://b.example/d", "https:/a",
		"https://a.example/ c", "https://a.example/\"c", "javascript:alert(1)",
		"ftp://a.example/c"};
	char long_one[CLIENT_ID_MAX + 20] = "https://a.example/";

	memset(long_one + strlen(long_one), 'a', CLIENT_ID_MAX);
	for (size_t i = 0; i <= COUNT_OF(BAD); i++) {
		const char *asked = i < COUNT_OF(BAD) ? BAD[i] : long_one;
		struct client_id client;
		autoerr(err);

		check(!client_id_read(&config, asked, &client, &err), "%s", asked ? asked : "-");
		assert_int_equal(err.code, ERR_INVALID_CLIENT);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_public_client_is_itself_in_any_case),
		TEST(the_address_of_any_metadata_document_becomes_the_public_client),
		TEST(an_allowed_client_stays_what_it_is),
		TEST(everybody_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
