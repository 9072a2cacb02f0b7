/* How long a key set is kept, and what is known of it without a fetch. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "support.h"
#include "token/jwks.h"

#define ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define HOUR_S 3600
#define DAY_S 86400
#define THREADS 64

static struct keypair *keypair;
static struct jwks *jwks;
static _Atomic(int) fetches;
static int64_t max_age_s; /* as the server says */
static bool silent;

/* A set with a key whose id is the number of the fetch, and one that is always there. */
static bool fetch(void *context, cJSON **ret, int64_t *ret_max_age_s, struct err *err)
{
	char kid[32];
	cJSON *keys;

	snprintf(kid, sizeof(kid), "key-%d", ++fetches);
	if (silent)
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no answer");
	*ret = cJSON_CreateObject();
	keys = json_add_array(*ret, "keys");
	cJSON_AddItemToArray(keys, keypair_jwk(keypair, kid, NULL));
	cJSON_AddItemToArray(keys, keypair_jwk(keypair, "key-always", NULL));
	*ret_max_age_s = max_age_s;
	return true;
}

static int set_up(void **state)
{
	fetches = 0;
	max_age_s = 0;
	silent = false;
	jwks = jwks_new(fetch, NULL, 300);
	return 0;
}

static int tear_down(void **state)
{
	jwks_free(jwks);
	return 0;
}

static int make_key(void **state)
{
	keypair = keypair_new(2048, 65537);
	return 0;
}

static int free_key(void **state)
{
	keypair_free(keypair);
	return 0;
}

static bool find(const char *kid, int64_t now_s)
{
	struct jwks_query query = {kid, TENANT, ISSUER, ISSUER, now_s};
	struct rsa_key *key = NULL;
	struct err err;
	bool found = jwks_find(jwks, &query, &key, &err);

	if (found)
		rsa_key_free(key);
	return found;
}

static void a_set_is_kept_as_long_as_its_server_says_from_an_hour_to_a_day(void **state)
{
	static const struct {
		int64_t max_age_s, kept_s;
	} CASES[] = {{0, DAY_S}, {-1, DAY_S}, {INT64_MIN, DAY_S}, {1, HOUR_S}, {HOUR_S - 1, HOUR_S},
		{HOUR_S, HOUR_S}, {HOUR_S + 1, HOUR_S + 1}, {43200, 43200}, {DAY_S - 1, DAY_S - 1},
		{DAY_S, DAY_S}, {DAY_S + 1, DAY_S}, {INT64_MAX, DAY_S}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		tear_down(state);
		set_up(state);
		max_age_s = CASES[i].max_age_s;
		assert_true(find("key-1", NOW_S));
		check(find("key-1", NOW_S + CASES[i].kept_s - 1) && fetches == 1,
			"max-age=%lld is kept", (long long)CASES[i].max_age_s);
		check(!find("key-1", NOW_S + CASES[i].kept_s) && fetches == 2,
			"max-age=%lld is fetched anew", (long long)CASES[i].max_age_s);
		assert_true(find("key-2", NOW_S + CASES[i].kept_s));
	}
}

static void each_set_has_a_time_of_its_own(void **state)
{
	max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	max_age_s = 2 * HOUR_S;
	assert_true(find("key-2", NOW_S + HOUR_S));
	assert_true(find("key-2", NOW_S + 3 * HOUR_S - 1));
	assert_int_equal(fetches, 2);
	assert_true(find("key-3", NOW_S + 3 * HOUR_S));
}

static void a_set_past_its_time_serves_on_while_fetches_fail(void **state)
{
	max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	silent = true;
	assert_true(find("key-1", NOW_S + HOUR_S));
	assert_true(find("key-1", NOW_S + 30 * DAY_S));
	assert_int_equal(fetches, 3);
	silent = false;
	assert_true(find("key-4", NOW_S + 31 * DAY_S));
}

static void what_is_known_is_asked_without_a_fetch(void **state)
{
	assert_false(jwks_knows(jwks, "key-1", NOW_S));
	assert_int_equal(fetches, 0);
	assert_true(find("key-1", NOW_S));
	assert_true(jwks_knows(jwks, "key-1", NOW_S));
	assert_false(jwks_knows(jwks, "key-2", NOW_S));
	assert_false(jwks_knows(jwks, "key-", NOW_S));
	assert_false(jwks_knows(jwks, "", NOW_S));
	assert_int_equal(fetches, 1);
	assert_true(find("key-2", NOW_S + 1));
	assert_false(jwks_knows(jwks, "key-1", NOW_S));
	assert_true(jwks_knows(jwks, "key-2", NOW_S));
}

/* Every set lives an hour, and every thread goes through twenty of them at its own pace. */
static void *stir(void *arg)
{
	int *lost = arg;

	for (int i = 0; i < 200; i++) {
		*lost += !find("key-always", NOW_S + i * HOUR_S / 10);
		*lost += !jwks_knows(jwks, "key-always", NOW_S);
	}
	return NULL;
}

static void a_key_in_every_set_is_never_lost_to_64_threads(void **state)
{
	pthread_t threads[THREADS];
	int lost[THREADS] = {0};

	max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, stir, &lost[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(lost[i], 0);
	}
	assert_true(fetches >= 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_set_is_kept_as_long_as_its_server_says_from_an_hour_to_a_day),
		TEST(each_set_has_a_time_of_its_own),
		TEST(a_set_past_its_time_serves_on_while_fetches_fail),
		TEST(what_is_known_is_asked_without_a_fetch),
		TEST(a_key_in_every_set_is_never_lost_to_64_threads),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, make_key, free_key);
}
