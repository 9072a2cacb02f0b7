/* Through which applications a user's token may have come. */
#include "token/caller.h"

#include <stdlib.h>

#include "stage/keyed.h"

#define LISTED "aebc6443-996d-45c2-90f0-388ff96faa56"
#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"
#define OTHER "12345678-93b4-4f26-8a7d-2e6f1b3c4d50"
#define HEADER "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"key-1\"}"
#define CLAIMS(issuer, audience, more)                                                             \
	"{\"iss\":\"" issuer "\",\"aud\":\"" audience "\",\"tid\":\"" TENANT                       \
	"\",\"oid\":\"" ADA_ID                                                                     \
	"\",\"sub\":\"pairwise\",\"scp\":\"access_as_user\",\"exp\":1800003600," more "}"

static const char V2[] = CLAIMS("https://login.microsoftonline.com/" TENANT "/v2.0", CLIENT,
	"\"ver\":\"2.0\",\"azp\":\"" LISTED "\"");
static const char V1[] = CLAIMS("https://sts.windows.net/" TENANT "/", "api://" CLIENT,
	"\"ver\":\"1.0\",\"appid\":\"" LISTED "\"");

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	cJSON *keys = json_add_array(ret->keys = cJSON_CreateObject(), "keys");

	cJSON_AddItemToArray(keys, keypair_jwk(keyed_pair, "key-1",
					   "https://login.microsoftonline.com/{tenantid}/v2.0"));
	return true;
}

/* What becomes of a good token whose claim of that name is the JSON (NULL: is left out), under
 * those settings. */
static enum err_code verdict(const struct setting_change *changes, size_t count, const char *base,
	const char *name, const char *json)
{
	autofree char *claims = json_changed(base, name, json);
	autofree char *bearer = keypair_bearer(keyed_pair, HEADER, claims);
	struct config config;
	struct caller_rules rules;
	struct caller caller = {0};
	autoerr(err);

	settings_load_changed(&config, changes, count);
	caller_rules_init(&rules, &config, jwks_new(&config, fetch, NULL));
	caller_ask(&rules, bearer, false, NOW_S, &caller, &err);
	caller_done(&caller);
	jwks_free(rules.jwks);
	caller_rules_done(&rules);
	config_done(&config);
	return err.code;
}

static void without_a_list_any_client_may_call(void **state)
{
	assert_int_equal(verdict(NULL, 0, V2, "azp", "\"" OTHER "\""), ERR_NONE);
	assert_int_equal(verdict(NULL, 0, V2, "azp", NULL), ERR_NONE);
}

static void only_listed_clients_may_call_when_there_is_a_list(void **state)
{
	static const struct setting_change LIST[] = {
		{"ALLOWED_CLIENT_IDS", "00000000-0000-4000-8000-000000000000, " LISTED}};

	assert_int_equal(verdict(LIST, 1, V2, "name", "\"Ada\""), ERR_NONE);
	assert_int_equal(verdict(LIST, 1, V1, "name", "\"Ada\""), ERR_NONE);
	assert_int_equal(verdict(LIST, 1, V2, "azp", "\"" OTHER "\""), ERR_CLIENT_NOT_ALLOWED);
	assert_int_equal(verdict(LIST, 1, V2, "azp", "\"" DOOR "\""), ERR_CLIENT_NOT_ALLOWED);
	assert_int_equal(verdict(LIST, 1, V2, "azp", "\"\""), ERR_CLIENT_NOT_ALLOWED);
	assert_int_equal(verdict(LIST, 1, V1, "appid", NULL), ERR_CLIENT_NOT_ALLOWED);
}

static void the_public_client_of_the_door_counts_as_listed(void **state)
{
	static const struct setting_change BOTH[] = {
		{"ALLOWED_CLIENT_IDS", LISTED}, {"MCP_CLIENT_ID", DOOR}};

	assert_int_equal(verdict(BOTH, 2, V2, "azp", "\"" DOOR "\""), ERR_NONE);
	assert_int_equal(verdict(BOTH, 2, V1, "appid", "\"" DOOR "\""), ERR_NONE);
	assert_int_equal(verdict(BOTH, 2, V2, "azp", "\"" LISTED "\""), ERR_NONE);
	assert_int_equal(verdict(BOTH, 2, V2, "azp", "\"" OTHER "\""), ERR_CLIENT_NOT_ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_list_any_client_may_call),
		cmocka_unit_test(only_listed_clients_may_call_when_there_is_a_list),
		cmocka_unit_test(the_public_client_of_the_door_counts_as_listed),
	};

	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
