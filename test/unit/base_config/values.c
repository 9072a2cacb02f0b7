#include "base/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/support.h"

#define GUID_UPPER "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"
#define GUID_LOWER "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"

static const char *nothing(const char *name)
{
	return NULL;
}

static const char *all_wrong(const char *name)
{
	return !strcmp(name, "CLIENT_SECRET") ? "tell\nnobody" : "wrong\tvalue";
}

/* Lines of --help's table: one a setting. */
static size_t setting_count(void)
{
	char *text = NULL;
	size_t n = 0, lines = 0;
	FILE *out = open_memstream(&text, &n);

	config_print_settings(out);
	fclose(out);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	free(text);
	return lines;
}

static void defaults_are_those_documented(void **state)
{
	struct config config;

	settings_load(&config, NULL, NULL);
	assert_int_equal(config.problem_count, 0);
	assert_string_equal(config.authority_host, "https://login.microsoftonline.com");
	assert_string_equal(config.graph_base_url, "https://graph.microsoft.com");
	assert_string_equal(config.required_scope, "access_as_user");
	assert_string_equal(config.allowed_client_ids, "");
	assert_string_equal(config.allowed_origins, "");
	assert_string_equal(config.ca_bundle_file, "");
	assert_true(config.accept_graph_tokens);
	assert_true(config.mcp_identifier);
	assert_int_equal(config.log_level, LOG_INFO);
	assert_int_equal(config.max_body_bytes, 1048576);
	assert_int_equal(config.entra_timeout_ms, 8000);
	assert_int_equal(config.graph_deadline_ms, 25000);
	assert_int_equal(config.token_cache_entries, 4096);
	assert_int_equal(config.keys_refresh_min_s, 300);
	config_done(&config);
}

static void the_graph_scope_follows_the_graph_host(void **state)
{
	struct config config;

	settings_load(&config, NULL, NULL);
	assert_string_equal(config.graph_scope, "https://graph.microsoft.com/User.Read");
	config_done(&config);
	settings_load(&config, "GRAPH_BASE_URL", "https://graph.microsoft.us/");
	assert_string_equal(config.graph_scope, "https://graph.microsoft.us/User.Read");
	config_done(&config);
	settings_load(&config, "GRAPH_SCOPE", "https://graph.microsoft.com/.default");
	assert_string_equal(config.graph_scope, "https://graph.microsoft.com/.default");
	config_done(&config);
}

static void all_that_is_missing_is_named_at_once(void **state)
{
	static const char *const REQUIRED[] = {
		"CLIENT_ID", "TENANT_ID", "APIM_GATEWAY_URL", "CLIENT_SECRET"};
	struct config config;

	config_load(&config, nothing);
	assert_int_equal(config.problem_count, COUNT_OF(REQUIRED));
	for (size_t i = 0; i < COUNT_OF(REQUIRED); i++) {
		assert_string_equal(config.problems[i].name, REQUIRED[i]);
		assert_non_null(strstr(config.problems[i].text, "is missing"));
	}
	assert_null(config.client_id);
	config_done(&config);
}

static void all_that_is_wrong_is_named_and_never_quoted(void **state)
{
	struct config config;

	config_load(&config, all_wrong);
	/* one a setting, and for all credentials but the first that they are too many */
	assert_int_equal(config.problem_count, setting_count() + 3);
	for (size_t i = setting_count(); i < config.problem_count; i++)
		assert_non_null(strstr(config.problems[i].text, "so is CLIENT_SECRET"));
	for (size_t i = 0; i < setting_count(); i++) {
		const struct config_problem *problem = &config.problems[i];

		assert_null(strstr(problem->text, "wrong"));
		assert_null(strstr(problem->text, "nobody"));
		assert_non_null(strstr(problem->text, "expected "));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(problem->name, config.problems[j].name);
	}
	assert_null(config.client_secret.data);
	assert_string_equal(config.client_certificate_file, "");
	assert_string_equal(config.managed_identity, "");
	assert_string_equal(config.federated_token_file, "");
	config_done(&config);
}

static void a_wrong_value_leaves_the_default(void **state)
{
	struct config config;

	config_load(&config, all_wrong);
	assert_string_equal(config.authority_host, "https://login.microsoftonline.com");
	assert_string_equal(config.graph_base_url, "https://graph.microsoft.com");
	assert_string_equal(config.allowed_client_ids, "");
	assert_true(config.accept_graph_tokens);
	assert_int_equal(config.log_level, LOG_INFO);
	assert_int_equal(config.server_threads, 128);
	assert_int_equal(config.calls_waiting_max, 64);
	assert_int_equal(config.calls_per_caller_max, 32);
	assert_null(config.tenant_id);
	config_done(&config);
	settings_load(&config, "ACCEPT_GRAPH_TOKENS", "maybe");
	assert_true(config.accept_graph_tokens);
	config_done(&config);
}

static void an_empty_value_is_an_unset_one(void **state)
{
	TAKES("AUTHORITY_HOST", "");
	TAKES("SERVER_THREADS", "");
	REFUSES("CLIENT_ID", "", NULL);
}

static void an_unresolved_key_vault_reference_is_recognised(void **state)
{
	struct config config;

	settings_load(&config, "CLIENT_SECRET",
		"@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)");
	assert_int_equal(config.problem_count, 1);
	assert_non_null(strstr(config.problems[0].text, "Key Vault"));
	assert_null(strstr(config.problems[0].text, "v.vault"));
	assert_null(config.client_secret.data);
	config_done(&config);
}

static void an_examples_placeholder_is_recognised(void **state)
{
	struct config config;

	settings_load(&config, "CLIENT_SECRET", "<your client secret>");
	assert_int_equal(config.problem_count, 1);
	assert_non_null(strstr(config.problems[0].text, "placeholder"));
	assert_null(config.client_secret.data);
	config_done(&config);
	TAKES("CLIENT_SECRET", "<starts like one", "ends like one>");
}

static void the_secret_is_kept_as_given(void **state)
{
	struct config config;

	settings_load(&config, "CLIENT_SECRET", "aB~ 8Q.%+&=<x");
	assert_string_equal(config.client_secret.data, "aB~ 8Q.%+&=<x");
	config_done(&config);
	assert_null(config.client_secret.data);
}

static void guids_are_checked_and_lowered(void **state)
{
	struct config config;

	REFUSES("TENANT_ID", "common", "contoso.com", GUID_LOWER "0", "{" GUID_LOWER "}",
		" " GUID_LOWER, "aaaaaaaabbbbccccddddeeeeeeeeeeee");
	settings_load(&config, "TENANT_ID", GUID_UPPER);
	assert_string_equal(config.tenant_id, GUID_LOWER);
	config_done(&config);
}

static void lists_of_guids_are_trimmed_and_lowered(void **state)
{
	struct config config;

	REFUSES("ALLOWED_CLIENT_IDS", "x", GUID_LOWER ";" CLIENT, GUID_LOWER " " CLIENT,
		GUID_LOWER ",x", "x," GUID_LOWER);
	settings_load(&config, "ALLOWED_CLIENT_IDS", " " GUID_UPPER " ,, " CLIENT " ,");
	assert_string_equal(config.allowed_client_ids, GUID_LOWER "," CLIENT);
	config_done(&config);
}

static void a_required_scope_is_one_word(void **state)
{
	TAKES("REQUIRED_SCOPE", "access_as_user", "Tools.Read", "a:b/c");
	REFUSES("REQUIRED_SCOPE", "a b", " a", "a\"b", "a\\b", "a\nb");
}

static void a_file_must_be_readable(void **state)
{
	TAKES("CA_BUNDLE_FILE", "/dev/null");
	REFUSES("CA_BUNDLE_FILE", "/nonexistent/ca.pem");
}

static void switches_levels_and_numbers_take_their_words_only(void **state)
{
	TAKES("ACCEPT_GRAPH_TOKENS", "true", "FALSE", "0", "1");
	REFUSES("ACCEPT_GRAPH_TOKENS", "yes", "2", "truex", " true");
	TAKES("LOG_LEVEL", "error", "WARN", "info", "debug");
	REFUSES("LOG_LEVEL", "trace", "2", "infos");
	TAKES("KEYS_REFRESH_MIN_S", "60", "86400");
	REFUSES("KEYS_REFRESH_MIN_S", "59", "86401", "-60", "6e1", "60s", "99999999999999999999",
		"0x60", "300.0");
}

static void values_arrive_in_their_fields(void **state)
{
	struct config config;

	settings_load(&config, "ACCEPT_GRAPH_TOKENS", "False");
	assert_false(config.accept_graph_tokens);
	config_done(&config);
	settings_load(&config, "LOG_LEVEL", "Debug");
	assert_int_equal(config.log_level, LOG_DEBUG);
	config_done(&config);
	assert_false(config.behind_front_end);
	settings_load(&config, "WEBSITE_SITE_NAME", "functions-1");
	assert_true(config.behind_front_end);
	config_done(&config);
	settings_load(&config, "SERVER_THREADS", "77");
	assert_int_equal(config.server_threads, 77);
	config_done(&config);
}

static void help_names_settings_with_their_defaults(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	config_print_settings(out);
	fclose(out);
	assert_non_null(strstr(text, "  CLIENT_SECRET "));
	assert_non_null(strstr(text, "[required]"));
	assert_non_null(strstr(text, "[25000]"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_documented),
		cmocka_unit_test(the_graph_scope_follows_the_graph_host),
		cmocka_unit_test(all_that_is_missing_is_named_at_once),
		cmocka_unit_test(all_that_is_wrong_is_named_and_never_quoted),
		cmocka_unit_test(a_wrong_value_leaves_the_default),
		cmocka_unit_test(an_empty_value_is_an_unset_one),
		cmocka_unit_test(an_unresolved_key_vault_reference_is_recognised),
		cmocka_unit_test(an_examples_placeholder_is_recognised),
		cmocka_unit_test(the_secret_is_kept_as_given),
		cmocka_unit_test(guids_are_checked_and_lowered),
		cmocka_unit_test(lists_of_guids_are_trimmed_and_lowered),
		cmocka_unit_test(a_required_scope_is_one_word),
		cmocka_unit_test(a_file_must_be_readable),
		cmocka_unit_test(switches_levels_and_numbers_take_their_words_only),
		cmocka_unit_test(values_arrive_in_their_fields),
		cmocka_unit_test(help_names_settings_with_their_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
