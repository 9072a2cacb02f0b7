#include "token/caller_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/support.h"

#define ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define USER "99999999-0000-4000-8000-123456789abc"
#define BOUND 3
#define HOUR_S 3600

static struct keypair *keypair, *other;
static struct config config;
static struct jwks *jwks;
static struct caller_cache *cache;
static _Atomic(int) fetches;
static uint64_t generation; /* of the keys that were found last */

/* The one key that Entra publishes. */
static struct {
	const struct keypair *keypair;
	const char *kid;
	const char *issuer;    /* it is bound to */
	const char *v2_issuer; /* the document's */
} published;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	fetches++;
	ret->keys = cJSON_CreateObject();
	cJSON_AddItemToArray(json_add_array(ret->keys, "keys"),
		keypair_jwk(published.keypair, published.kid, published.issuer));
	ret->issuer = published.v2_issuer ? xstrdup(published.v2_issuer) : NULL;
	return true;
}

static enum err_code find_key(const char *kid, int64_t now_s)
{
	struct jwks_query query = {kid, ISSUER, TOKEN_V2, now_s, deadline_after(WHILE_MS)};
	struct rsa_key *key;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, &generation, &err))
		return err.code;
	rsa_key_free(key);
	return ERR_NONE;
}

static int set_up(void **state)
{
	published.keypair = keypair;
	published.kid = "key-1";
	published.issuer = published.v2_issuer = NULL;
	fetches = 0;
	jwks = jwks_new(&config, fetch, NULL);
	cache = caller_cache_new(BOUND);
	assert_int_equal(find_key("key-1", NOW_S), ERR_NONE);
	return 0;
}

static int tear_down(void **state)
{
	caller_cache_free(cache);
	jwks_free(jwks);
	return 0;
}

static int make_key(void **state)
{
	keypair = keypair_new(2048, 65537);
	other = keypair_new(2048, 65537);
	settings_load(&config, NULL, NULL);
	return 0;
}

static int free_key(void **state)
{
	keypair_free(keypair);
	keypair_free(other);
	config_done(&config);
	return 0;
}

static void key_of(unsigned char ret[SHA256_SIZE], const char *who)
{
	memset(ret, 0, SHA256_SIZE);
	ret[SHA256_SIZE - 1] = (unsigned char)*who;
}

/* Remembers who, checked at NOW_S with keys of that generation, until NOW_S + 100. */
static void put_of(const char *who, uint64_t checked_with)
{
	struct caller caller = {.kind = CALLER_USER,
		.token = {(char *)"secret.token.bytes", 18},
		.tenant_id = (char *)TENANT,
		.object_id = (char *)USER,
		.username = (char *)who,
		.scopes = (char *)"a b",
		.client_id = (char *)CLIENT,
		.expires_s = NOW_S + 90};
	struct caller_proof proof = {checked_with, NOW_S, NOW_S + 100};
	unsigned char key[SHA256_SIZE];

	key_of(key, who);
	caller_cache_put(cache, key, &caller, &proof);
}

static void put(const char *who)
{
	put_of(who, generation);
}

static bool get(const char *who, int64_t now_s)
{
	unsigned char key[SHA256_SIZE];
	struct caller caller = {0};
	bool good;

	key_of(key, who);
	good = caller_cache_get(cache, key, jwks, now_s, &caller) &&
	       !strcmp(caller.username, who) && !caller.token.data;
	caller_done(&caller);
	return good;
}

static void a_token_seen_before_gives_all_but_its_bytes(void **state)
{
	unsigned char key[SHA256_SIZE];
	struct caller caller = {0};

	key_of(key, "a");
	assert_false(caller_cache_get(cache, key, jwks, NOW_S, &caller));
	assert_int_equal(caller.kind, CALLER_ANONYMOUS); /* written only on success */
	put("a");
	assert_true(caller_cache_get(cache, key, jwks, NOW_S, &caller));
	assert_int_equal(caller.kind, CALLER_USER);
	assert_null(caller.token.data);
	assert_int_equal(caller.token.len, 0);
	assert_string_equal(caller.tenant_id, TENANT);
	assert_string_equal(caller.object_id, USER);
	assert_null(caller.name);
	assert_string_equal(caller.username, "a");
	assert_string_equal(caller.scopes, "a b");
	assert_string_equal(caller.client_id, CLIENT);
	assert_int_equal(caller.expires_s, NOW_S + 90);
	caller_done(&caller);
	assert_true(get("a", NOW_S)); /* the copy was the caller's own */
	assert_false(get("b", NOW_S));
}

static void a_token_stays_until_the_second_before_its_time(void **state)
{
	put("a");
	assert_true(get("a", NOW_S + 99));
	assert_false(get("a", NOW_S + 100));
	assert_false(get("a", NOW_S + 99)); /* and is gone then */
}

static void a_clock_set_back_has_a_token_checked_anew(void **state)
{
	put("a");
	assert_false(get("a", NOW_S - 1));
	assert_false(get("a", NOW_S));
}

static void a_token_goes_with_the_key_that_signed_it(void **state)
{
	put("a");
	assert_true(get("a", NOW_S));
	published.kid = "key-2";
	assert_int_equal(find_key("key-2", NOW_S + 1), ERR_NONE);
	assert_false(get("a", NOW_S + 1));
	published.kid = "key-1";
	assert_int_equal(find_key("key-1", NOW_S + 302), ERR_NONE);
	assert_false(get("a", NOW_S + 1)); /* it does not come back with the key */
}

static void a_token_of_unknown_keys_causes_no_fetch(void **state)
{
	put_of("a", generation + 1);
	assert_false(get("a", NOW_S));
	assert_int_equal(fetches, 1);
}

static void the_least_recently_used_goes_first(void **state)
{
	put("a");
	put("b");
	put("c");
	assert_true(get("a", NOW_S)); /* now b is the oldest */
	put("d");
	assert_false(get("b", NOW_S));
	assert_true(get("a", NOW_S) && get("c", NOW_S) && get("d", NOW_S));
}

static void a_token_put_twice_takes_one_place(void **state)
{
	put("a");
	put("b");
	for (int i = 0; i < 10; i++)
		put("c");
	assert_true(get("a", NOW_S) && get("b", NOW_S) && get("c", NOW_S));
}

#define HEADER "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"key-1\"}"
#define CLAIMS                                                                                     \
	"{\"ver\":\"2.0\",\"iss\":\"" ISSUER "\",\"aud\":\"" CLIENT "\",\"tid\":\"" TENANT         \
	"\",\"oid\":\"" USER "\",\"scp\":\"access_as_user\",\"exp\":1800003600}"

static enum err_code verdict(
	const struct caller_rules *rules, const char *authorization, int64_t now_s)
{
	struct caller caller = {0};
	autoerr(err);

	if (!caller_ask(rules, authorization, false, now_s, &caller, &err))
		return err.code;
	assert_string_equal(caller.object_id, USER);
	assert_string_equal(caller.token.data, authorization + 7);
	caller_done(&caller);
	return ERR_NONE;
}

static int verifications;

bool __real_rsa_verify_rs256(struct rsa_key *key, const char *text, size_t n, const void *signature,
	size_t signature_len);
bool __wrap_rsa_verify_rs256(struct rsa_key *key, const char *text, size_t n, const void *signature,
	size_t signature_len);

bool __wrap_rsa_verify_rs256(struct rsa_key *key, const char *text, size_t n, const void *signature,
	size_t signature_len)
{
	verifications++;
	return __real_rsa_verify_rs256(key, text, n, signature, signature_len);
}

/* The whole way: the signature of a token seen before is not looked at, its bytes are. */
static void a_checked_token_is_good_until_it_expires_or_its_key_goes(void **state)
{
	autofree char *good = keypair_bearer(keypair, HEADER, CLAIMS);
	autofree char *forged = xstrdup(good);
	char *last = forged + strlen(forged) - 5;
	struct caller_rules rules;

	*last = *last == 'A' ? 'B' : 'A';
	caller_rules_init(&rules, &config, jwks);
	verifications = 0;
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&rules, good, NOW_S), ERR_NONE);
	assert_int_equal(verifications, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&rules, forged, NOW_S), ERR_INVALID_TOKEN);
	assert_int_equal(verifications, 4);
	assert_int_equal(verdict(&rules, good, 1800003600 + 299), ERR_NONE);
	assert_int_equal(verdict(&rules, good, 1800003600 + 300), ERR_INVALID_TOKEN);
	assert_int_equal(verdict(&rules, good, NOW_S), ERR_NONE);
	published.kid = "key-2";
	assert_int_equal(find_key("key-2", NOW_S + 1), ERR_NONE);
	assert_int_equal(verdict(&rules, good, NOW_S + 1), ERR_INVALID_TOKEN);
	caller_rules_done(&rules);
}

/* A good token, checked; then the same key id with another meaning, fetched by way of an unknown
 * one. */
static void check_then_publish(const struct keypair *key, const char *issuer, const char *v2_issuer,
	enum err_code expected)
{
	autofree char *good = keypair_bearer(keypair, HEADER, CLAIMS);
	struct caller_rules rules;

	caller_rules_init(&rules, &config, jwks);
	verifications = 0;
	assert_int_equal(verdict(&rules, good, NOW_S), ERR_NONE);
	assert_int_equal(verdict(&rules, good, NOW_S), ERR_NONE);
	assert_int_equal(verifications, 1);
	published.keypair = key;
	published.issuer = issuer;
	published.v2_issuer = v2_issuer;
	assert_int_equal(find_key("unknown", NOW_S + 1), ERR_INVALID_TOKEN);
	assert_int_equal(fetches, 2);
	assert_int_equal(verdict(&rules, good, NOW_S + 1), expected);
	caller_rules_done(&rules);
}

static void a_checked_token_goes_when_its_key_id_gets_another_modulus(void **state)
{
	check_then_publish(other, NULL, NULL, ERR_INVALID_TOKEN);
}

static void a_checked_token_goes_when_its_key_is_bound_to_another_issuer(void **state)
{
	check_then_publish(keypair, "https://elsewhere.example/", NULL, ERR_INVALID_TOKEN);
}

static void a_checked_token_goes_when_its_issuer_is_no_longer_the_documents(void **state)
{
	check_then_publish(
		keypair, NULL, "https://elsewhere.example/" TENANT "/v2.0", ERR_INVALID_TOKEN);
}

static void a_checked_token_is_checked_once_more_after_a_rotation_that_keeps_its_key(void **state)
{
	check_then_publish(keypair, NULL, NULL, ERR_NONE);
	assert_int_equal(verifications, 2);
}

static void *stir(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 300; i++) {
		char who[2] = {(char)('a' + i % 5), 0};
		unsigned char key[SHA256_SIZE];
		struct caller caller = {0};

		key_of(key, who);
		if (caller_cache_get(cache, key, jwks, NOW_S + i % 101, &caller))
			*wrong += strcmp(caller.username, who) != 0;
		else
			put(who);
		caller_done(&caller);
	}
	return NULL;
}

static void of_many_threads_each_gets_its_own_tokens_caller(void **state)
{
	pthread_t threads[16];
	int wrong[16] = {0};

	for (int i = 0; i < 16; i++)
		pthread_create(&threads[i], NULL, stir, &wrong[i]);
	for (int i = 0; i < 16; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_seen_before_gives_all_but_its_bytes),
		TEST(a_token_stays_until_the_second_before_its_time),
		TEST(a_clock_set_back_has_a_token_checked_anew),
		TEST(a_token_goes_with_the_key_that_signed_it),
		TEST(a_token_of_unknown_keys_causes_no_fetch),
		TEST(the_least_recently_used_goes_first),
		TEST(a_token_put_twice_takes_one_place),
		TEST(a_checked_token_is_good_until_it_expires_or_its_key_goes),
		TEST(a_checked_token_goes_when_its_key_id_gets_another_modulus),
		TEST(a_checked_token_goes_when_its_key_is_bound_to_another_issuer),
		TEST(a_checked_token_goes_when_its_issuer_is_no_longer_the_documents),
		TEST(a_checked_token_is_checked_once_more_after_a_rotation_that_keeps_its_key),
		TEST(of_many_threads_each_gets_its_own_tokens_caller),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, make_key, free_key);
}
