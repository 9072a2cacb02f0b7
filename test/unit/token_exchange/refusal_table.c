/* What helps against each refusal of Entra, and our code for it. */
#include "token/entra_table.h"

#include <string.h>

#include "stage/support.h"

static enum err_code code_of(int64_t number, const char *suberror, const char *error)
{
	return entra_remedy_code(entra_remedy(number, suberror, error));
}

static void every_known_number_has_its_answer(void **state)
{
	static const struct {
		int number;
		const char *error;
		enum err_code code;
	} CASES[] = {
		{50076, "interaction_required", ERR_INTERACTION_REQUIRED},
		{50076, "invalid_grant", ERR_INTERACTION_REQUIRED},
		{50079, "interaction_required", ERR_INTERACTION_REQUIRED},
		{50158, "invalid_grant", ERR_INTERACTION_REQUIRED},
		{65001, "invalid_grant", ERR_CONSENT_REQUIRED},
		{53000, "access_denied", ERR_ACCESS_BLOCKED},
		{53001, "interaction_required", ERR_ACCESS_BLOCKED},
		{53003, "invalid_grant", ERR_ACCESS_BLOCKED},
		{50013, "invalid_grant", ERR_INVALID_TOKEN},
		{500133, "invalid_grant", ERR_INVALID_TOKEN},
		{500131, "invalid_grant", ERR_INVALID_TOKEN},
		{7000114, "invalid_grant", ERR_APP_ONLY_TOKEN},
		{7000215, "invalid_client", ERR_SERVER_CONFIGURATION},
		{7000222, "invalid_client", ERR_SERVER_CONFIGURATION},
		{700027, "invalid_client", ERR_SERVER_CONFIGURATION},
		{700016, "unauthorized_client", ERR_SERVER_CONFIGURATION},
		{90002, "invalid_request", ERR_SERVER_CONFIGURATION},
		{65002, "invalid_grant", ERR_SERVER_CONFIGURATION},
		{70011, "invalid_scope", ERR_SERVER_CONFIGURATION},
		{900144, "invalid_request", ERR_SERVER_CONFIGURATION},
		{9002313, "invalid_request", ERR_SERVER_CONFIGURATION},
		{9010010, "invalid_target", ERR_SERVER_CONFIGURATION},
		{90009, "invalid_grant", ERR_SERVER_CONFIGURATION},
		{50196, "invalid_grant", ERR_THROTTLED},
		{90055, "invalid_grant", ERR_THROTTLED},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(code_of(CASES[i].number, NULL, CASES[i].error) == CASES[i].code,
			"AADSTS%d %s", CASES[i].number, CASES[i].error);
}

static void what_only_an_administrator_cures_is_not_answered_by_signing_in(void **state)
{
	static const int NUMBERS[] = {50105, 50057, 50131, 53002, 53009, 53011, 530032, 530035,
		530084, 500213, 650052, 90123, 1000031};

	for (size_t i = 0; i < COUNT_OF(NUMBERS); i++)
		check(code_of(NUMBERS[i], NULL, "invalid_grant") == ERR_ACCESS_BLOCKED, "AADSTS%d",
			NUMBERS[i]);
	assert_non_null(strstr(err_info(ERR_ACCESS_BLOCKED)->text, "administrator"));
}

static void what_signing_in_cures_is_answered_by_it(void **state)
{
	static const int NUMBERS[] = {
		50055, 50072, 50074, 50078, 50132, 50133, 50142, 50173, 70043, 700020};

	for (size_t i = 0; i < COUNT_OF(NUMBERS); i++)
		check(code_of(NUMBERS[i], NULL, "invalid_request") == ERR_INTERACTION_REQUIRED,
			"AADSTS%d", NUMBERS[i]);
}

static void what_is_wrong_with_the_registration_is_its_operators(void **state)
{
	static const int NUMBERS[] = {
		500011, 65005, 650057, 70001, 70002, 7000112, 7000218, 700211, 700213, 90038};

	for (size_t i = 0; i < COUNT_OF(NUMBERS); i++)
		check(code_of(NUMBERS[i], NULL, "invalid_grant") == ERR_SERVER_CONFIGURATION,
			"AADSTS%d", NUMBERS[i]);
}

static void what_passes_by_itself_is_a_wait(void **state)
{
	check(code_of(50088, NULL, "invalid_grant") == ERR_THROTTLED, "50088");
	check(code_of(50033, NULL, "invalid_grant") == ERR_UPSTREAM_UNAVAILABLE, "50033");
	check(code_of(90024, NULL, "invalid_grant") == ERR_UPSTREAM_UNAVAILABLE, "90024");
}

static void every_suberror_has_its_answer(void **state)
{
	static const struct {
		const char *suberror;
		enum err_code code;
	} CASES[] = {
		{"message_only", ERR_ACCESS_BLOCKED},
		{"additional_action", ERR_ACCESS_BLOCKED},
		{"protection_policy_required", ERR_ACCESS_BLOCKED},
		{"device_authentication_failed", ERR_ACCESS_BLOCKED},
		{"basic_action", ERR_INTERACTION_REQUIRED},
		{"user_password_expired", ERR_INTERACTION_REQUIRED},
		{"consent_required", ERR_CONSENT_REQUIRED},
		{"bad_token", ERR_INVALID_TOKEN},
		{"token_expired", ERR_INVALID_TOKEN},
		{"client_mismatch", ERR_INVALID_TOKEN},
		{"unheard_of", ERR_INVALID_TOKEN},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) /* 70000 says only that the grant is no good */
		check(code_of(70000, CASES[i].suberror, "invalid_grant") == CASES[i].code, "%s",
			CASES[i].suberror);
}

static void an_unknown_number_is_decided_by_suberror_then_error(void **state)
{
	static const struct {
		const char *error, *suberror;
		enum err_code code;
	} CASES[] = {
		{"invalid_grant", "consent_required", ERR_CONSENT_REQUIRED},
		{"invalid_grant", "basic_action", ERR_INTERACTION_REQUIRED},
		{"invalid_grant", NULL, ERR_INVALID_TOKEN}, {"bad_token", NULL, ERR_INVALID_TOKEN},
		{"interaction_required", NULL, ERR_INTERACTION_REQUIRED},
		{"login_required", NULL, ERR_INTERACTION_REQUIRED},
		{"consent_required", NULL, ERR_CONSENT_REQUIRED},
		{"access_denied", NULL, ERR_ACCESS_BLOCKED},
		{"temporarily_unavailable", NULL, ERR_UPSTREAM_UNAVAILABLE},
		{"server_error", NULL, ERR_UPSTREAM_UNAVAILABLE},
		{"invalid_client", NULL, ERR_SERVER_CONFIGURATION},
		{"unheard_of", NULL, ERR_SERVER_CONFIGURATION}, {"", "", ERR_UPSTREAM_UNAVAILABLE},
		{NULL, NULL, ERR_UPSTREAM_UNAVAILABLE}, /* RFC 6749 §5.2: then it is no refusal */
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(code_of(1, CASES[i].suberror, CASES[i].error) == CASES[i].code, "%s/%s",
			CASES[i].error, CASES[i].suberror);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_known_number_has_its_answer),
		cmocka_unit_test(what_only_an_administrator_cures_is_not_answered_by_signing_in),
		cmocka_unit_test(what_signing_in_cures_is_answered_by_it),
		cmocka_unit_test(what_is_wrong_with_the_registration_is_its_operators),
		cmocka_unit_test(what_passes_by_itself_is_a_wait),
		cmocka_unit_test(every_suberror_has_its_answer),
		cmocka_unit_test(an_unknown_number_is_decided_by_suberror_then_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
