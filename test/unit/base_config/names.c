/* Variables that look like a setting and are none. */
#include "base/config_names.h"

#include <string.h>

#include "stage/support.h"

/* The setting that is named for "variable=x"; NULL: none is. */
static const char *likened(const char *variable)
{
	static char entry[128], text[128];
	char *environment[] = {"PATH=/bin", entry, NULL};
	struct config config = {0};
	const char *is;

	snprintf(entry, sizeof(entry), "%s=x", variable);
	config_note_names(&config, environment);
	if (!config.misnamed_count)
		return NULL;
	assert_int_equal(config.misnamed_count, 1);
	assert_string_equal(config.misnamed[0].variable, variable);
	is = config.misnamed[0].setting;
	snprintf(text, sizeof(text), "%s", is);
	return text;
}

static void a_name_one_or_two_slips_away_or_in_another_case_is_likened_to_the_setting(void **state)
{
	static const char *const NAMES[][2] = {{"ALLOWED_CLIENT_IDS", "ALLOWED_CLIENT_ID"},
		{"ALLOWED_CLIENT_IDS", "ALLOWED_CLIENTS_IDS"},
		{"ALLOWED_CLIENT_IDS", "ALLOWED_CLEINT_IDS"},
		{"ALLOWED_CLIENT_IDS", "ALOWED_CLIENT_ID"},
		{"ALLOWED_CLIENT_IDS", "allowed_client_ids"},
		{"ALLOWED_CLIENT_IDS", "Allowed_Client_Id"},
		{"ALLOWED_CLIENT_IDS", "AllowedClientIds"},
		{"ALLOWED_CLIENT_IDS", "ALLOWED-CLIENT-IDS"},
		{"ALLOWED_CLIENT_IDS", "ALLOWED_CLIENT_IDS "},
		{"ALLOWED_ORIGINS", "ALLOWED_ORIGIN"}, {"CLIENT_ID", "CLIENTID"},
		{"CLIENT_ID", "LCIENT_ID"}, {"ACCEPT_GRAPH_TOKENS", "ACCEPT_GRAPH_TOKEN"},
		{"REQUIRED_SCOPE", "REQUIRED_SCOPES"}, {"MCP_AUTH", "MCP_OAUTH"},
		{"GRAPH_TOOLS_WRITE", "GRAPH_TOOLS_WRIT"},
		{"KEYS_REFRESH_MIN_S", "KEYS_REFRESH_MIN_MS"}};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
		const char *setting = likened(NAMES[i][1]);

		check(setting && !strcmp(setting, NAMES[i][0]), "%s: %s", NAMES[i][1],
			setting ? setting : "none");
	}
}

static void the_nearest_setting_is_the_one_named(void **state)
{
	assert_string_equal(likened("ACCESS_TOKENS"), "ACCESS_TOKEN");
	assert_string_equal(likened("client_id"), "CLIENT_ID");
	assert_string_equal(likened("TENANTID"), "TENANT_ID");
}

static void settings_and_the_platforms_own_variables_are_left_alone(void **state)
{
	static const char *const NAMES[] = {"CLIENT_ID", "ALLOWED_CLIENT_IDS", "AZURE_CLIENT_ID",
		"AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST",
		"APPSETTING_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT",
		"MSI_SECRET", "WEBSITE_SITE_NAME", "FUNCTIONS_CUSTOMHANDLER_PORT",
		"FUNCTIONS_HTTPWORKER_PORT", "FUNCTIONS_WORKER_RUNTIME", "HOME", "PATH", "LANG",
		"HTTP_PROXY", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "ACCESS_KEY", "AUTH", "",
		"ALLOWED_CLIENT", "ALLOWED_CLIENT_ID\xff"};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		check(!likened(NAMES[i]), "%s", NAMES[i]);
}

static void what_sets_nothing_is_not_named(void **state)
{
	char *environment[] = {"ALLOWED_CLIENT_ID=", "ALLOWED_CLIENT_ID", NULL};
	struct config config = {0};

	config_note_names(&config, environment);
	assert_int_equal(config.misnamed_count, 0);
}

static void as_many_are_named_as_there_is_room_for(void **state)
{
	char *environment[2 * CONFIG_MISNAMED_MAX + 1] = {0};
	struct config config = {0};

	for (size_t i = 0; i < 2 * CONFIG_MISNAMED_MAX; i++)
		environment[i] = "client_id=x";
	config_note_names(&config, environment);
	assert_int_equal(config.misnamed_count, CONFIG_MISNAMED_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_name_one_or_two_slips_away_or_in_another_case_is_likened_to_the_setting),
		cmocka_unit_test(the_nearest_setting_is_the_one_named),
		cmocka_unit_test(settings_and_the_platforms_own_variables_are_left_alone),
		cmocka_unit_test(what_sets_nothing_is_not_named),
		cmocka_unit_test(as_many_are_named_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
