#include "door/documents.h"

#include <string.h>

#include "base/json.h"
#include "stage/support.h"

#define ISSUER "https://apim.example.com/tools"

static cJSON *document(void)
{
	struct config config;
	cJSON *tree = NULL;
	char *text;
	autoerr(err);

	settings_load(&config, NULL, NULL);
	text = documents_server(&config, "the-scope");
	assert_true(json_parse(text, strlen(text), &tree, &err));
	free_at(&text);
	config_done(&config);
	return tree;
}

static void assert_list(const cJSON *tree, const char *name, const char *expected)
{
	autofree char *text = json_print(cJSON_GetObjectItemCaseSensitive(tree, name));

	check(!strcmp(text, expected), "%s: %s", name, text);
}

static void the_issuer_is_the_gateway_and_the_endpoints_are_below_it(void **state)
{
	autofree_json cJSON *tree = document();

	assert_string_equal(json_string(tree, "issuer"), ISSUER);
	assert_string_equal(json_string(tree, "authorization_endpoint"), ISSUER "/oauth/authorize");
	assert_string_equal(json_string(tree, "token_endpoint"), ISSUER "/oauth/token");
	assert_string_equal(json_string(tree, "registration_endpoint"), ISSUER "/oauth/register");
	assert_null(cJSON_GetObjectItem(tree, "authorization_response_iss_parameter_supported"));
}

static void what_clients_choose_by_is_listed(void **state)
{
	autofree_json cJSON *tree = document();

	assert_list(tree, "scopes_supported", "[\"the-scope\"]");
	assert_list(tree, "response_types_supported", "[\"code\"]");
	assert_list(tree, "response_modes_supported", "[\"query\"]");
	assert_list(tree, "grant_types_supported", "[\"authorization_code\",\"refresh_token\"]");
	assert_list(tree, "token_endpoint_auth_methods_supported",
		"[\"none\",\"client_secret_post\",\"client_secret_basic\"]");
	assert_list(tree, "code_challenge_methods_supported", "[\"S256\"]");
	assert_true(
		cJSON_IsTrue(cJSON_GetObjectItem(tree, "client_id_metadata_document_supported")));
}

static void what_openid_demands_is_there(void **state)
{
	autofree_json cJSON *tree = document();

	assert_string_equal(json_string(tree, "jwks_uri"),
		"https://login.microsoftonline.com/" TENANT "/discovery/v2.0/keys");
	assert_list(tree, "subject_types_supported", "[\"pairwise\"]");
	assert_list(tree, "id_token_signing_alg_values_supported", "[\"RS256\"]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_issuer_is_the_gateway_and_the_endpoints_are_below_it),
		cmocka_unit_test(what_clients_choose_by_is_listed),
		cmocka_unit_test(what_openid_demands_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
