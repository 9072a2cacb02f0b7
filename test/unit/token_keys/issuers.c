/* Whose tokens the keys are for: the table's issuers until the metadata documents' are known. */
#include <string.h>

#include "base/log.h"
#include "stage/keyed.h"
#include "token/jwks.h"

#define TABLE_V1 "https://sts.windows.net/" TENANT "/"
#define TABLE_V2 "https://login.microsoftonline.com/" TENANT "/v2.0"
#define CHINA_V1 "https://sts.chinacloudapi.cn/" TENANT "/"
#define OTHER_V2 "https://login.other.example/" TENANT "/v2.0"
#define DAY_S 86400

static struct jwks *jwks;

/* What Entra would answer. */
static struct {
	_Atomic(int) fetches;
	bool silent;
	bool unchanged; /* the keys: 304 */
	const char *issuers[TOKEN_VERSION__COUNT];
	const char *key_issuer;
} entra;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	entra.fetches += version == TOKEN_V2;
	if (entra.silent)
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no answer");
	ret->issuer = entra.issuers[version] ? xstrdup(entra.issuers[version]) : NULL;
	if (entra.unchanged || version == TOKEN_V1)
		return true;
	ret->keys = cJSON_CreateObject();
	cJSON_AddItemToArray(json_add_array(ret->keys, "keys"),
		keypair_jwk(keyed_pair, "key-1", entra.key_issuer));
	return true;
}

static void publish(const char *v1, const char *v2, const char *key_issuer)
{
	entra.issuers[TOKEN_V1] = v1;
	entra.issuers[TOKEN_V2] = v2;
	entra.key_issuer = key_issuer;
}

static int set_up(void **state)
{
	entra.fetches = 0;
	entra.silent = entra.unchanged = false;
	publish(NULL, NULL, NULL);
	waiters_reset();
	jwks = jwks_new(&keyed_config, fetch, NULL);
	return 0;
}

static int tear_down(void **state)
{
	jwks_free(jwks);
	return 0;
}

static uint64_t generation;

static enum err_code find_at(enum token_version version, const char *issuer, int64_t now_s)
{
	struct jwks_query query = {"key-1", issuer, version, now_s, deadline_after(WHILE_MS)};
	struct rsa_key *key = NULL;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, &generation, &err))
		return err.code;
	rsa_key_free(key);
	return ERR_NONE;
}

static enum err_code find(enum token_version version, const char *issuer)
{
	return find_at(version, issuer, NOW_S);
}

static bool may_issue(enum token_version version, const char *issuer)
{
	autoerr(err);
	bool may = jwks_may_issue(jwks, version, issuer, &err);

	assert_int_equal(err.code, may ? ERR_NONE : ERR_INVALID_TOKEN);
	return may;
}

static void until_a_document_was_read_the_clouds_known_issuers_may_be_ours(void **state)
{
	static const struct {
		enum token_version version;
		const char *issuer;
		bool may;
	} CASES[] = {
		{TOKEN_V1, TABLE_V1, true},
		{TOKEN_V1, CHINA_V1, true},
		{TOKEN_V1, "https://sts.microsoftonline.us/" TENANT "/", true},
		{TOKEN_V2, TABLE_V2, true},
		{TOKEN_V2, TABLE_V1, false},
		{TOKEN_V1, TABLE_V2, false},
		{TOKEN_V2, OTHER_V2, false},
		{TOKEN_V1, "https://sts.windows.net/" TENANT, false},
		{TOKEN_V1, "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/", false},
		{TOKEN_V1, "https://sts.windows.net.evil.example/" TENANT "/", false},
		{TOKEN_V1, "http://sts.windows.net/" TENANT "/", false},
		{TOKEN_V1, "https://evil.example/" TENANT "/", false},
		{TOKEN_V1, "", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(may_issue(CASES[i].version, CASES[i].issuer) == CASES[i].may,
			"version %d, %s", CASES[i].version + 1, CASES[i].issuer);
	assert_int_equal(entra.fetches, 0);
}

static void a_refused_issuer_is_named_with_the_one_expected(void **state)
{
	char came[400];
	autoerr(err);

	assert_false(jwks_may_issue(jwks, TOKEN_V2, CHINA_V1 "\r\n<x>'", &err));
	assert_string_equal(err_message(&err),
		"The access token's issuer is '" CHINA_V1 "???x?"
		"?'; this API takes '" TABLE_V2 "' (its TENANT_ID and AUTHORITY_HOST say which).");
	memset(came, 'x', sizeof(came) - 1);
	came[sizeof(came) - 1] = '\0';
	assert_false(jwks_may_issue(jwks, TOKEN_V2, came, &err));
	assert_int_equal(strspn(strchr(strchr(err_message(&err), '\'') + 1, '\'') + 1, "x"), 100);
	publish("https://sts.example/{tenantid}/", OTHER_V2, NULL);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_INVALID_TOKEN);
	assert_false(jwks_may_issue(jwks, TOKEN_V1, CHINA_V1, &err));
	assert_non_null(strstr(err_message(&err), "takes 'https://sts.example/" TENANT "/'"));
}

static void once_read_the_documents_issuers_are_the_only_ones(void **state)
{
	publish("https://sts.example/{tenantid}/", OTHER_V2, NULL);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V1, TABLE_V1), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V2, TABLE_V2), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V1, "https://sts.example/" TENANT "/"), ERR_NONE);
	assert_int_equal(find(TOKEN_V2, OTHER_V2), ERR_NONE);
	assert_int_equal(find(TOKEN_V1, OTHER_V2), ERR_INVALID_TOKEN);
	assert_true(may_issue(TOKEN_V1, "https://sts.example/" TENANT "/"));
	assert_true(may_issue(TOKEN_V2, OTHER_V2));
	assert_false(may_issue(TOKEN_V1, TABLE_V1));
	assert_false(may_issue(TOKEN_V1, CHINA_V1));
	assert_false(may_issue(TOKEN_V2, TABLE_V2));
	assert_int_equal(entra.fetches, 1);
}

static void the_first_token_may_be_of_an_issuer_that_only_the_document_names(void **state)
{
	publish(CHINA_V1, TABLE_V2, TABLE_V2);
	assert_true(may_issue(TOKEN_V1, CHINA_V1));
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_NONE);
}

static void an_issuer_that_cannot_be_had_stays_the_tables(void **state)
{
	publish(NULL, OTHER_V2, NULL);
	assert_int_equal(find(TOKEN_V1, TABLE_V1), ERR_NONE);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V2, OTHER_V2), ERR_NONE);
}

static void an_issuer_once_known_stays_when_it_cannot_be_had_again(void **state)
{
	publish(CHINA_V1, OTHER_V2, NULL);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_NONE);
	publish(NULL, NULL, NULL);
	assert_int_equal(find_at(TOKEN_V1, CHINA_V1, NOW_S + DAY_S), ERR_NONE);
	broadcasts_await(4); /* of two documents, twice */
	assert_int_equal(find_at(TOKEN_V1, CHINA_V1, NOW_S + DAY_S), ERR_NONE);
	assert_int_equal(find_at(TOKEN_V2, OTHER_V2, NOW_S + DAY_S), ERR_NONE);
	assert_int_equal(find_at(TOKEN_V1, TABLE_V1, NOW_S + DAY_S), ERR_INVALID_TOKEN);
}

static void with_entra_away_from_the_start_it_is_not_the_tokens_fault(void **state)
{
	entra.silent = true;
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_UPSTREAM_TIMEOUT);
	assert_true(may_issue(TOKEN_V1, CHINA_V1)); /* nothing was read */
	entra.silent = false;
	publish(CHINA_V1, TABLE_V2, NULL);
	assert_int_equal(find_at(TOKEN_V1, CHINA_V1, NOW_S + 2), ERR_NONE);
}

static void an_issuer_that_changes_ends_what_was_checked_with_the_old_one(void **state)
{
	uint64_t before;

	publish(CHINA_V1, TABLE_V2, NULL);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_NONE);
	before = generation;
	entra.unchanged = true;
	assert_true(jwks_unchanged(jwks, before, NOW_S + DAY_S));
	broadcasts_await(4);
	assert_true(jwks_unchanged(jwks, before, NOW_S + DAY_S));
	publish(TABLE_V1, TABLE_V2, NULL);
	assert_true(jwks_unchanged(jwks, before, NOW_S + 2 * DAY_S));
	broadcasts_await(6);
	assert_false(jwks_unchanged(jwks, before, NOW_S + 2 * DAY_S));
	assert_int_equal(find_at(TOKEN_V1, CHINA_V1, NOW_S + 2 * DAY_S), ERR_INVALID_TOKEN);
	assert_int_equal(find_at(TOKEN_V1, TABLE_V1, NOW_S + 2 * DAY_S), ERR_NONE);
}

static void a_key_bound_to_the_documents_v2_issuer_signs_both_versions(void **state)
{
	publish(CHINA_V1, OTHER_V2, "https://login.other.example/{tenantid}/v2.0");
	assert_int_equal(find(TOKEN_V2, OTHER_V2), ERR_NONE);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_NONE);
}

static void a_key_bound_to_the_tables_issuer_signs_no_tokens_of_the_documents(void **state)
{
	publish(CHINA_V1, OTHER_V2, TABLE_V2);
	assert_int_equal(find(TOKEN_V2, OTHER_V2), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V1, CHINA_V1), ERR_INVALID_TOKEN);
	assert_int_equal(find(TOKEN_V2, TABLE_V2), ERR_INVALID_TOKEN);
}

static void a_key_with_an_issuer_too_long_to_hold_is_passed_over(void **state)
{
	char issuer[1200];

	memset(issuer, 'x', sizeof(issuer) - 1);
	issuer[sizeof(issuer) - 1] = '\0';
	publish(NULL, NULL, issuer);
	assert_int_equal(find(TOKEN_V2, TABLE_V2), ERR_UPSTREAM_UNAVAILABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(until_a_document_was_read_the_clouds_known_issuers_may_be_ours),
		TEST(a_refused_issuer_is_named_with_the_one_expected),
		TEST(once_read_the_documents_issuers_are_the_only_ones),
		TEST(the_first_token_may_be_of_an_issuer_that_only_the_document_names),
		TEST(an_issuer_that_cannot_be_had_stays_the_tables),
		TEST(an_issuer_once_known_stays_when_it_cannot_be_had_again),
		TEST(with_entra_away_from_the_start_it_is_not_the_tokens_fault),
		TEST(an_issuer_that_changes_ends_what_was_checked_with_the_old_one),
		TEST(a_key_bound_to_the_documents_v2_issuer_signs_both_versions),
		TEST(a_key_bound_to_the_tables_issuer_signs_no_tokens_of_the_documents),
		TEST(a_key_with_an_issuer_too_long_to_hold_is_passed_over),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
