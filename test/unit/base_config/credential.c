/* Which of the four credentials the settings choose. */
#include <stdio.h>
#include <string.h>

#include "stage/support.h"

#define GUID_UPPER "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"
#define GUID_LOWER "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
#define PLATFORM                                                                                   \
	{"IDENTITY_ENDPOINT", "http://127.0.0.1/msi"},                                             \
	{                                                                                          \
		"IDENTITY_HEADER", "h34der"                                                        \
	}

static const char *const NAMES[] = {"CLIENT_SECRET", "CLIENT_CERTIFICATE_FILE", "MANAGED_IDENTITY",
	"AZURE_FEDERATED_TOKEN_FILE"};
static const char *const VALUES[] = {"s3cr3t", "/dev/null", "system", "/dev/zero"};

/* Complete settings but for the credentials: those of the bits, on a platform with identities. */
static void load(struct config *config, unsigned bits)
{
	struct setting_change changes[6] = {PLATFORM};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		changes[2 + i] = (struct setting_change){
			NAMES[i], bits & 1u << i ? VALUES[i] : NULL};
	settings_load_changed(config, changes, COUNT_OF(changes));
}

static void each_credential_is_enough_alone(void **state)
{
	for (unsigned i = 0; i < COUNT_OF(NAMES); i++) {
		struct config config;

		load(&config, 1u << i);
		check(config.problem_count == 0, "%s", NAMES[i]);
		check((config.client_secret.data != NULL) == (i == 0), "%s", NAMES[i]);
		assert_string_equal(config.client_certificate_file, i == 1 ? VALUES[1] : "");
		assert_string_equal(config.managed_identity, i == 2 ? VALUES[2] : "");
		assert_string_equal(config.federated_token_file, i == 3 ? VALUES[3] : "");
		config_done(&config);
	}
}

static void two_credentials_at_once_are_both_named(void **state)
{
	for (unsigned i = 0; i < COUNT_OF(NAMES); i++) {
		for (unsigned j = i + 1; j < COUNT_OF(NAMES); j++) {
			struct config config;
			char expected[200];

			load(&config, 1u << i | 1u << j);
			snprintf(expected, sizeof(expected),
				"is set and so is %s; keep the one to be used", NAMES[i]);
			assert_int_equal(config.problem_count, 1);
			assert_string_equal(config.problems[0].name, NAMES[j]);
			assert_string_equal(config.problems[0].text, expected);
			config_done(&config);
		}
	}
}

static void all_four_at_once_are_all_named(void **state)
{
	struct config config;

	load(&config, 15);
	assert_int_equal(config.problem_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(config.problems[i].name, NAMES[i + 1]);
		assert_non_null(strstr(config.problems[i].text, "so is CLIENT_SECRET;"));
	}
	config_done(&config);
}

static void without_any_all_four_are_offered(void **state)
{
	struct config config;

	load(&config, 0);
	assert_int_equal(config.problem_count, 1);
	assert_string_equal(config.problems[0].name, "CLIENT_SECRET");
	assert_string_equal(config.problems[0].text,
		"is missing; set it, or CLIENT_CERTIFICATE_FILE, MANAGED_IDENTITY or "
		"AZURE_FEDERATED_TOKEN_FILE instead");
	config_done(&config);
}

static void an_empty_credential_is_none(void **state)
{
	const struct setting_change changes[] = {{"CLIENT_CERTIFICATE_FILE", ""},
		{"MANAGED_IDENTITY", ""}, {"AZURE_FEDERATED_TOKEN_FILE", ""}};
	struct config config;

	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0);
	config_done(&config);
	settings_load(&config, "CLIENT_SECRET", "");
	assert_int_equal(config.problem_count, 1);
	assert_non_null(strstr(config.problems[0].text, "is missing"));
	config_done(&config);
}

/* A wrong one is its own problem, not also a missing one. */
static void a_credential_that_cannot_be_used_is_named_once(void **state)
{
	for (unsigned i = 1; i < COUNT_OF(NAMES); i++) {
		const struct setting_change changes[] = {
			{"CLIENT_SECRET", NULL}, {NAMES[i], "/nonexistent"}, PLATFORM};
		struct config config;

		settings_load_changed(&config, changes, COUNT_OF(changes));
		assert_int_equal(config.problem_count, 1);
		assert_string_equal(config.problems[0].name, NAMES[i]);
		assert_non_null(strstr(config.problems[0].text, "cannot be used"));
		config_done(&config);
	}
}

static void a_managed_identity_needs_the_platforms_variables(void **state)
{
	static const char *const CASES[][2] = {
		{NULL, NULL}, {"http://127.0.0.1/msi", NULL}, {NULL, "h34der"}, {"", "h34der"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct setting_change changes[] = {{"CLIENT_SECRET", NULL},
			{"MANAGED_IDENTITY", "system"}, {"IDENTITY_ENDPOINT", CASES[i][0]},
			{"IDENTITY_HEADER", CASES[i][1]}};
		struct config config;

		settings_load_changed(&config, changes, COUNT_OF(changes));
		check(config.problem_count == 1, "case %zu", i);
		assert_string_equal(config.problems[0].name, "MANAGED_IDENTITY");
		assert_non_null(strstr(config.problems[0].text, "IDENTITY_ENDPOINT"));
		assert_non_null(strstr(config.problems[0].text, "IDENTITY_HEADER"));
		config_done(&config);
	}
}

/* The platform sets them for every app with an identity, wanted or not. */
static void the_platforms_variables_choose_nothing(void **state)
{
	const struct setting_change changes[] = {PLATFORM};
	struct config config;

	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0);
	assert_string_equal(config.managed_identity, "");
	assert_string_equal(config.identity_endpoint, "");
	assert_null(config.identity_header.data);
	config_done(&config);
}

static void an_identity_is_system_or_a_guid(void **state)
{
	static const struct {
		const char *value, *kept;
	} CASES[] = {{"system", "system"}, {GUID_LOWER, GUID_LOWER}, {GUID_UPPER, GUID_LOWER},
		{"user", NULL}, {"systems", NULL}, {" system", NULL}, {GUID_LOWER "&x=1", NULL},
		{"true", NULL}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct setting_change changes[] = {
			{"CLIENT_SECRET", NULL}, {"MANAGED_IDENTITY", CASES[i].value}, PLATFORM};
		struct config config;

		settings_load_changed(&config, changes, COUNT_OF(changes));
		check(!config.problem_count == (CASES[i].kept != NULL), "%s", CASES[i].value);
		assert_string_equal(
			config.identity_endpoint, CASES[i].kept ? "http://127.0.0.1/msi" : "");
		assert_string_equal(config.managed_identity, CASES[i].kept ? CASES[i].kept : "");
		config_done(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_credential_is_enough_alone),
		cmocka_unit_test(two_credentials_at_once_are_both_named),
		cmocka_unit_test(all_four_at_once_are_all_named),
		cmocka_unit_test(without_any_all_four_are_offered),
		cmocka_unit_test(an_empty_credential_is_none),
		cmocka_unit_test(a_credential_that_cannot_be_used_is_named_once),
		cmocka_unit_test(a_managed_identity_needs_the_platforms_variables),
		cmocka_unit_test(the_platforms_variables_choose_nothing),
		cmocka_unit_test(an_identity_is_system_or_a_guid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
