#include "token/caller.h"

#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

#define V1_ISSUER "https://sts.windows.net/" TENANT "/"
#define V2_ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define USER "99999999-0000-4000-8000-123456789abc"
#define AZP "aebc6443-996d-45c2-90f0-388ff96faa56"
#define HEADER "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"key-1\"}"

static const char V2[] = "{\"ver\":\"2.0\",\"iss\":\"" V2_ISSUER "\",\"aud\":\"" CLIENT
			 "\",\"tid\":\"" TENANT "\",\"oid\":\"" USER
			 "\",\"sub\":\"pairwise\",\"scp\":\"other access_as_user\",\"azp\":\"" AZP
			 "\",\"name\":\"Ada Example\",\"preferred_username\":\"ada@contoso.com\","
			 "\"iat\":1799999000,\"nbf\":1799999000,\"exp\":1800003600}";
static const char V1[] = "{\"ver\":\"1.0\",\"iss\":\"" V1_ISSUER "\",\"aud\":\"api://" CLIENT
			 "\",\"tid\":\"" TENANT "\",\"oid\":\"" USER
			 "\",\"sub\":\"pairwise\",\"scp\":\"access_as_user\",\"appid\":\"" AZP
			 "\",\"name\":\"Ada Example\",\"upn\":\"ada@contoso.com\","
			 "\"iat\":1799999000,\"nbf\":1799999000,\"exp\":1800003600}";

static struct keypair *signer, *stranger;
static struct config config;
static struct jwks *jwks;
static struct caller_rules rules;
static int fetches;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	cJSON *keys = json_add_array(ret->keys = cJSON_CreateObject(), "keys");

	fetches++;
	cJSON_AddItemToArray(keys,
		keypair_jwk(signer, "key-1", "https://login.microsoftonline.com/{tenantid}/v2.0"));
	cJSON_AddItemToArray(
		keys, keypair_jwk(signer, "key-elsewhere", "https://login.partner.example/x/v2.0"));
	return true;
}

static void configure(const char *name, const char *value)
{
	caller_rules_done(&rules);
	config_done(&config);
	settings_load(&config, name, value);
	caller_rules_init(&rules, &config, jwks);
}

static int set_up(void **state)
{
	jwks = jwks_new(&config, fetch, NULL);
	fetches = 0;
	configure(NULL, NULL);
	return 0;
}

static int tear_down(void **state)
{
	caller_rules_done(&rules);
	jwks_free(jwks);
	return 0;
}

static int make_keys(void **state)
{
	signer = keypair_new(2048, 65537);
	stranger = keypair_new(2048, 65537);
	settings_load(&config, NULL, NULL);
	return 0;
}

static int free_keys(void **state)
{
	keypair_free(signer);
	keypair_free(stranger);
	config_done(&config);
	return 0;
}

static enum err_code verdict(const char *authorization, bool accept_graph, int64_t now_s)
{
	struct caller caller = {0};
	autoerr(err);

	if (!caller_ask(&rules, authorization, accept_graph, now_s, &caller, &err))
		return err.code;
	caller_done(&caller);
	return ERR_NONE;
}

static enum err_code verdict_on(const char *header, const char *claims, int64_t now_s)
{
	autofree char *authorization = keypair_bearer(signer, header, claims);

	return verdict(authorization, false, now_s);
}

/* The verdict on a good v2 (or v1) token with one claim changed. */
static enum err_code with_claim(const char *base, const char *name, const char *json)
{
	autofree char *claims = json_changed(base, name, json);

	return verdict_on(HEADER, claims, NOW_S);
}

static enum err_code with_header(const char *name, const char *json)
{
	autofree char *header = json_changed(HEADER, name, json);

	return verdict_on(header, V2, NOW_S);
}

static void good_tokens_of_both_versions_are_accepted(void **state)
{
	assert_int_equal(verdict_on(HEADER, V2, NOW_S), ERR_NONE);
	assert_int_equal(verdict_on(HEADER, V1, NOW_S), ERR_NONE);
	assert_int_equal(with_claim(V2, "aud", "\"api://" CLIENT "\""), ERR_NONE);
	assert_int_equal(with_claim(V2, "aud", "\"https://apim.example.com/tools/mcp\""), ERR_NONE);
}

static void every_claim_that_places_a_token_must_be_right(void **state)
{
	static const struct {
		const char *base, *name, *json;
	} CASES[] = {
		{V2, "iss", "\"" V1_ISSUER "\""},
		{V1, "iss", "\"" V2_ISSUER "\""},
		{V2, "iss", "\"" V2_ISSUER "/\""},
		{V1, "iss", "\"https://sts.windows.net/" TENANT "\""},
		{V2, "iss", "\"https://evil.example/" TENANT "/v2.0\""},
		{V2, "iss", NULL},
		{V2, "iss", "[\"" V2_ISSUER "\"]"},
		{V2, "ver", NULL},
		{V2, "ver", "2.0"},
		{V2, "ver", "\"1.0\""},
		{V2, "ver", "\"3.0\""},
		{V2, "tid", "\"9188040d-6c67-4c5b-b112-36a304b66dad\""},
		{V2, "tid", NULL},
		{V2, "aud", NULL},
		{V2, "aud", "\"" AZP "\""},
		{V2, "aud", "\"" CLIENT "/\""},
		{V2, "aud", "\"API://" CLIENT "\""},
		{V2, "aud", "[\"" CLIENT "\"]"},
		{V2, "aud", "\"https://graph.microsoft.com\""},
		{V2, "aud", "\"00000003-0000-0000-c000-000000000000\""},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(with_claim(CASES[i].base, CASES[i].name, CASES[i].json) == ERR_INVALID_TOKEN,
			"%s = %s", CASES[i].name, CASES[i].json);
	assert_int_equal(fetches, 0); /* none of these needs a key */
}

static void a_clock_300_seconds_off_is_forgiven(void **state)
{
	assert_int_equal(verdict_on(HEADER, V2, 1800003600 + 299), ERR_NONE);
	assert_int_equal(verdict_on(HEADER, V2, 1800003600 + 300), ERR_INVALID_TOKEN);
	assert_int_equal(verdict_on(HEADER, V2, 1799999000 - 300), ERR_NONE);
	assert_int_equal(verdict_on(HEADER, V2, 1799999000 - 301), ERR_INVALID_TOKEN);
}

static void times_must_be_numbers_and_expiry_present(void **state)
{
	assert_int_equal(with_claim(V2, "exp", NULL), ERR_INVALID_TOKEN);
	assert_int_equal(with_claim(V2, "exp", "\"1800003600\""), ERR_INVALID_TOKEN);
	assert_int_equal(with_claim(V2, "exp", "1e300"), ERR_INVALID_TOKEN);
	assert_int_equal(with_claim(V2, "exp", "-1"), ERR_INVALID_TOKEN);
	assert_int_equal(with_claim(V2, "nbf", "\"0\""), ERR_INVALID_TOKEN);
	assert_int_equal(with_claim(V2, "nbf", NULL), ERR_NONE);
}

static void only_rs256_of_a_known_type_with_a_key_id_is_read(void **state)
{
	static const char *const ALGORITHMS[] = {"\"none\"", "\"HS256\"", "\"PS256\"", "\"RS512\"",
		"\"rs256\"", "[\"RS256\"]", NULL};

	for (size_t i = 0; i < COUNT_OF(ALGORITHMS); i++)
		check(with_header("alg", ALGORITHMS[i]) == ERR_INVALID_TOKEN, "%s", ALGORITHMS[i]);
	assert_int_equal(with_header("typ", "\"JWE\""), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("typ", NULL), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("kid", NULL), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("kid", "1"), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("crit", "[\"exp\"]"), ERR_INVALID_TOKEN);
	assert_int_equal(fetches, 0);
	assert_int_equal(with_header("typ", "\"at+jwt\""), ERR_NONE);
	assert_int_equal(with_header("typ", "\"jwt\""), ERR_NONE);
}

static void the_key_must_be_the_one_named_and_the_issuers_own(void **state)
{
	assert_int_equal(with_header("kid", "\"key-2\""), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("kid", "\"key-elsewhere\""), ERR_INVALID_TOKEN);
	assert_int_equal(with_header("jku", "\"https://evil.example/keys\""), ERR_NONE);
}

static void a_wrong_signature_is_refused_and_fetches_no_keys(void **state)
{
	autofree char *forged = keypair_bearer(stranger, HEADER, V2);
	autofree char *good = keypair_bearer(signer, HEADER, V2);
	char *signature = strrchr(good, '.') + 1;

	assert_int_equal(verdict(good, false, NOW_S), ERR_NONE);
	assert_int_equal(verdict(forged, false, NOW_S), ERR_INVALID_TOKEN);
	*signature = *signature == 'A' ? 'B' : 'A';
	assert_int_equal(verdict(good, false, NOW_S), ERR_INVALID_TOKEN);
	*signature = '\0';
	assert_int_equal(verdict(good, false, NOW_S), ERR_INVALID_TOKEN);
	assert_int_equal(fetches, 1);
}

/* The claims of one token under the signature of another. */
static void a_signature_covers_the_claims(void **state)
{
	autofree char *claims = json_changed(V2, "oid", "\"00000000-0000-4000-8000-000000000000\"");
	autofree char *one = keypair_bearer(signer, HEADER, V2);
	autofree char *other = keypair_bearer(signer, HEADER, claims);
	char *spliced = malloc(strlen(one) + strlen(other));

	strcpy(spliced, other);
	strcpy(strrchr(spliced, '.'), strrchr(one, '.'));
	assert_int_equal(verdict(spliced, false, NOW_S), ERR_INVALID_TOKEN);
	free(spliced);
}

static void bearer_syntax_is_rfc_6750s(void **state)
{
	static const struct {
		const char *value;
		enum err_code code;
	} CASES[] = {
		{NULL, ERR_MISSING_TOKEN},
		{"", ERR_MISSING_TOKEN},
		{"Basic YTpi", ERR_MISSING_TOKEN},
		{"Bearerx abc", ERR_MISSING_TOKEN},
		{"Bear", ERR_MISSING_TOKEN},
		{"Bearer", ERR_INVALID_REQUEST},
		{"Bearer ", ERR_INVALID_REQUEST},
		{"Bearer a.b.c d", ERR_INVALID_REQUEST},
		{"Bearer a.b.c ", ERR_INVALID_REQUEST},
		{"Bearer a.b.c,Bearer a.b.c", ERR_INVALID_REQUEST},
		{"Bearer \"a.b.c\"", ERR_INVALID_REQUEST},
		{"Bearer\ta.b.c", ERR_MISSING_TOKEN},
		{"Bearer a.b.c", ERR_INVALID_TOKEN},
		{"Bearer opaque", ERR_INVALID_TOKEN},
	};
	autofree char *good = keypair_bearer(signer, HEADER, V2);

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(verdict(CASES[i].value, true, NOW_S) == CASES[i].code, "%s", CASES[i].value);
	memcpy(good, "bEARER", 6);
	assert_int_equal(verdict(good, false, NOW_S), ERR_NONE);
}

static void the_required_scope_counts_as_a_whole_word(void **state)
{
	static const char *const LACKING[] = {"\"access_as_user2\"", "\"xaccess_as_user\"",
		"\"Access_As_User\"", "\"\"", "\"access_as_user.read other\"",
		"\"access_as_user,other\""};

	for (size_t i = 0; i < COUNT_OF(LACKING); i++)
		check(with_claim(V2, "scp", LACKING[i]) == ERR_INSUFFICIENT_SCOPE, "%s",
			LACKING[i]);
	assert_int_equal(with_claim(V2, "scp", "\"a access_as_user b\""), ERR_NONE);
	configure("REQUIRED_SCOPE", "other");
	assert_int_equal(verdict_on(HEADER, V2, NOW_S), ERR_NONE);
	assert_int_equal(verdict_on(HEADER, V1, NOW_S), ERR_INSUFFICIENT_SCOPE);
}

static void an_applications_own_token_is_refused(void **state)
{
	autofree char *no_scope = json_changed(V2, "scp", NULL);

	assert_int_equal(with_claim(V2, "idtyp", "\"app\""), ERR_APP_ONLY_TOKEN);
	assert_int_equal(with_claim(no_scope, "sub", "\"" USER "\""), ERR_APP_ONLY_TOKEN);
	assert_int_equal(with_claim(V2, "idtyp", "\"user\""), ERR_NONE);
	assert_int_equal(with_claim(V2, "sub", "\"" USER "\""), ERR_NONE); /* it has a scope */
}

static void an_id_token_or_one_without_a_user_is_refused(void **state)
{
	static const char *const CASES[][2] = {{"scp", NULL}, {"scp", "[\"access_as_user\"]"},
		{"oid", NULL}, {"oid", "\"ada\""}, {"oid", "7"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(with_claim(V2, CASES[i][0], CASES[i][1]) == ERR_INVALID_TOKEN, "case %zu", i);
}

static void a_graph_token_is_passed_on_only_where_allowed(void **state)
{
	static const char *const AUDIENCES[] = {"\"https://graph.microsoft.com\"",
		"\"https://graph.microsoft.com/\"", "\"00000003-0000-0000-c000-000000000000\""};

	for (size_t i = 0; i < COUNT_OF(AUDIENCES); i++) {
		autofree char *claims = json_changed(V2, "aud", AUDIENCES[i]);
		autofree char *authorization = keypair_bearer(stranger, HEADER, claims);
		struct caller caller = {0};
		autoerr(err);

		assert_int_equal(verdict(authorization, false, NOW_S), ERR_INVALID_TOKEN);
		assert_true(caller_ask(&rules, authorization, true, NOW_S, &caller, &err));
		assert_int_equal(caller.kind, CALLER_GRAPH);
		assert_string_equal(caller.token.data, authorization + 7);
		assert_null(caller.object_id); /* unchecked, so nobody's */
		caller_done(&caller);
	}
	assert_int_equal(fetches, 0);
}

static void audiences_that_look_like_graphs_are_not_passed_on(void **state)
{
	static const char *const AUDIENCES[] = {"\"https://graph.microsoft.com.evil.example\"",
		"\"https://graph.microsoft.com//\"", "\"graph.microsoft.com\"", "\"\"",
		"\"http://graph.microsoft.com\"", "[\"https://graph.microsoft.com\"]"};

	for (size_t i = 0; i < COUNT_OF(AUDIENCES); i++) {
		autofree char *claims = json_changed(V2, "aud", AUDIENCES[i]);
		autofree char *authorization = keypair_bearer(stranger, HEADER, claims);

		check(verdict(authorization, true, NOW_S) == ERR_INVALID_TOKEN, "%s", AUDIENCES[i]);
	}
}

static void check_filled(const char *claims, const char *scopes)
{
	autofree char *authorization = keypair_bearer(signer, HEADER, claims);
	struct caller caller = {0};
	autoerr(err);

	assert_true(caller_ask(&rules, authorization, true, NOW_S, &caller, &err));
	assert_int_equal(caller.kind, CALLER_USER);
	assert_string_equal(caller.tenant_id, TENANT);
	assert_string_equal(caller.object_id, USER);
	assert_string_equal(caller.name, "Ada Example");
	assert_string_equal(caller.username, "ada@contoso.com");
	assert_string_equal(caller.scopes, scopes);
	assert_string_equal(caller.client_id, AZP);
	assert_int_equal(caller.expires_s, 1800003600);
	assert_string_equal(caller.token.data, authorization + 7);
	caller_done(&caller);
}

static void a_caller_carries_what_its_token_says(void **state)
{
	autofree char *nameless = json_changed(V1, "upn", NULL);
	autofree char *guest = json_changed(nameless, "unique_name", "\"ada@contoso.com\"");

	check_filled(V2, "other access_as_user");
	check_filled(V1, "access_as_user");
	check_filled(guest, "access_as_user");
}

static void a_refusal_leaves_the_caller_untouched(void **state)
{
	struct caller caller = {.expires_s = 7};
	autoerr(err);

	assert_false(caller_ask(&rules, "Bearer a.b.c", true, NOW_S, &caller, &err));
	assert_true(caller.expires_s == 7 && !caller.kind && !caller.token.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_tokens_of_both_versions_are_accepted),
		TEST(every_claim_that_places_a_token_must_be_right),
		TEST(a_clock_300_seconds_off_is_forgiven),
		TEST(times_must_be_numbers_and_expiry_present),
		TEST(only_rs256_of_a_known_type_with_a_key_id_is_read),
		TEST(the_key_must_be_the_one_named_and_the_issuers_own),
		TEST(a_wrong_signature_is_refused_and_fetches_no_keys),
		TEST(a_signature_covers_the_claims),
		TEST(bearer_syntax_is_rfc_6750s),
		TEST(the_required_scope_counts_as_a_whole_word),
		TEST(an_applications_own_token_is_refused),
		TEST(an_id_token_or_one_without_a_user_is_refused),
		TEST(a_graph_token_is_passed_on_only_where_allowed),
		TEST(audiences_that_look_like_graphs_are_not_passed_on),
		TEST(a_caller_carries_what_its_token_says),
		TEST(a_refusal_leaves_the_caller_untouched),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
