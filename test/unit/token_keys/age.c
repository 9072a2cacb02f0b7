/* How long a key set is kept, and how it is renewed: in the background, while it serves on. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "stage/keyed.h"
#include "token/jwks.h"

#define ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define HOUR_S 3600
#define DAY_S 86400
#define THREADS 64

static struct jwks *jwks;

/* What Entra would answer. */
static struct {
	_Atomic(int) fetches;
	_Atomic(bool) closed; /* fetches wait for it to be opened */
	_Atomic(bool) silent;
	bool unchanged; /* 304 for those who know the tag */
	bool tagged;    /* the tag is that of the first fetch's set */
	char sent[64];  /* the tag that came with the last fetch; "": none */
	int64_t max_age_s;
} entra;

/* A set with a key whose id is the number of the fetch, and one that is always there.  Asked again
 * at once, for the key that is missing every time: the same. */
static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	bool again = entra.fetches && !held->uri;
	int number = again ? entra.fetches : ++entra.fetches;
	char kid[32];
	cJSON *keys;

	while (entra.closed)
		sched_yield();
	if (!again)
		snprintf(entra.sent, sizeof(entra.sent), "%s", held->etag ? held->etag : "");
	if (entra.silent)
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no answer");
	ret->max_age_s = entra.max_age_s;
	if (entra.unchanged)
		return true;
	snprintf(kid, sizeof(kid), "key-%d", number);
	ret->keys = cJSON_CreateObject();
	keys = json_add_array(ret->keys, "keys");
	cJSON_AddItemToArray(keys, keypair_jwk(keyed_pair, kid, NULL));
	cJSON_AddItemToArray(keys, keypair_jwk(keyed_pair, "key-always", NULL));
	ret->uri = xstrdup("https://login.microsoftonline.com/keys");
	ret->etag = entra.tagged ? xstrdup(kid) : NULL;
	return true;
}

static int set_up(void **state)
{
	no_threads = false;
	entra.fetches = 0;
	entra.closed = entra.silent = entra.unchanged = entra.tagged = false;
	entra.max_age_s = 0;
	waiters_reset();
	jwks = jwks_new(&keyed_config, fetch, NULL);
	return 0;
}

static int tear_down(void **state)
{
	entra.closed = false;
	jwks_free(jwks);
	return 0;
}

static enum err_code find_for(const char *kid, int64_t now_s, uint64_t *ret_generation)
{
	struct jwks_query query = {kid, ISSUER, TOKEN_V2, now_s, deadline_after(WHILE_MS)};
	struct rsa_key *key = NULL;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, ret_generation, &err))
		return err.code;
	rsa_key_free(key);
	return ERR_NONE;
}

static bool find(const char *kid, int64_t now_s)
{
	uint64_t generation;

	return find_for(kid, now_s, &generation) == ERR_NONE;
}

/* The key is found, and nothing fetched. */
static bool kept(const char *kid, int64_t now_s)
{
	int threads = threads_started, fetches = entra.fetches;

	return find(kid, now_s) && threads_started == threads && entra.fetches == fetches;
}

/* So many fetches came, and their outcomes are stored. */
static void settled(int fetches)
{
	broadcasts_await(fetches);
	assert_int_equal(entra.fetches, fetches);
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
		entra.max_age_s = CASES[i].max_age_s;
		assert_true(find("key-1", NOW_S));
		check(kept("key-1", NOW_S + CASES[i].kept_s - 1), "max-age=%lld is kept",
			(long long)CASES[i].max_age_s);
		assert_true(find("key-always", NOW_S + CASES[i].kept_s));
		settled(2);
		assert_true(kept("key-2", NOW_S + CASES[i].kept_s));
	}
}

static void each_set_has_a_time_of_its_own(void **state)
{
	entra.max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	entra.max_age_s = 2 * HOUR_S;
	assert_true(find("key-1", NOW_S + HOUR_S));
	settled(2);
	assert_true(kept("key-2", NOW_S + 3 * HOUR_S - 1));
	assert_true(find("key-2", NOW_S + 3 * HOUR_S));
	settled(3);
	assert_true(find("key-3", NOW_S + 3 * HOUR_S));
}

static void while_a_set_is_renewed_the_old_one_serves_and_nobody_waits(void **state)
{
	uint64_t generation;

	assert_int_equal(find_for("key-1", NOW_S, &generation), ERR_NONE);
	entra.closed = true;
	for (int i = 0; i < 100; i++) {
		assert_true(find("key-1", NOW_S + DAY_S + i));
		assert_true(jwks_unchanged(jwks, generation, NOW_S + DAY_S + i));
	}
	entra.closed = false;
	settled(2); /* one for all of them */
	assert_false(jwks_unchanged(jwks, generation, NOW_S + DAY_S + 100));
	assert_true(find("key-2", NOW_S + DAY_S + 100));
	assert_false(find("key-1", NOW_S + DAY_S + 100));
}

static void a_token_checked_before_has_an_aged_set_renewed_too(void **state)
{
	uint64_t generation;

	assert_int_equal(find_for("key-1", NOW_S, &generation), ERR_NONE);
	assert_true(jwks_unchanged(jwks, generation, NOW_S + DAY_S - 1));
	assert_true(kept("key-1", NOW_S + DAY_S - 1)); /* nor was anything begun before */
	assert_true(jwks_unchanged(jwks, generation, NOW_S + DAY_S));
	settled(2);
}

static void an_unknown_key_id_waits_for_the_renewal_under_way(void **state)
{
	assert_true(find("key-1", NOW_S));
	assert_true(find("key-2", NOW_S + DAY_S));
	assert_false(find("key-1", NOW_S + DAY_S + 1));
	assert_int_equal(entra.fetches, 3); /* the last for key-1, unknown by then */
}

static void a_set_past_its_time_serves_on_while_renewals_fail(void **state)
{
	uint64_t generation;

	entra.max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	entra.silent = true;
	assert_true(find("key-1", NOW_S + HOUR_S));
	settled(2);
	assert_true(kept("key-1", NOW_S + HOUR_S + 1)); /* attempts are 2 s apart */
	assert_int_equal(find_for("key-9", NOW_S + HOUR_S + 1, &generation), ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(entra.fetches, 2);
	assert_true(find("key-1", NOW_S + 30 * DAY_S));
	settled(3);
	entra.silent = false;
	assert_true(find("key-1", NOW_S + 31 * DAY_S));
	settled(4);
	assert_true(find("key-4", NOW_S + 31 * DAY_S));
}

static void without_a_thread_for_it_the_old_set_serves_on_and_a_moment_later_again(void **state)
{
	uint64_t generation;

	assert_true(find("key-1", NOW_S));
	no_threads = true;
	assert_true(find("key-1", NOW_S + DAY_S));
	assert_int_equal(find_for("key-9", NOW_S + DAY_S, &generation), ERR_UPSTREAM_UNAVAILABLE);
	no_threads = false;
	assert_true(kept("key-1", NOW_S + DAY_S + 1));
	assert_true(find("key-1", NOW_S + DAY_S + 2));
	settled(2);
	assert_true(kept("key-2", NOW_S + DAY_S + 2));
}

static void an_unchanged_set_is_kept_and_its_age_renewed(void **state)
{
	uint64_t generation;

	entra.tagged = true;
	entra.max_age_s = 2 * HOUR_S;
	assert_int_equal(find_for("key-1", NOW_S, &generation), ERR_NONE);
	assert_string_equal(entra.sent, "");
	entra.unchanged = true;
	entra.max_age_s = 0; /* the answer does not say: as before */
	for (int i = 1; i <= 3; i++) {
		assert_true(find("key-1", NOW_S + i * 2 * HOUR_S));
		settled(i + 1);
		assert_string_equal(entra.sent, "key-1");
		assert_true(kept("key-1", NOW_S + (i + 1) * 2 * HOUR_S - 1));
	}
	assert_true(jwks_unchanged(jwks, generation, NOW_S + 8 * HOUR_S - 1));
	assert_int_equal(entra.fetches, 4);
	entra.max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S + 8 * HOUR_S));
	settled(5);
	assert_true(kept("key-1", NOW_S + 9 * HOUR_S - 1));
	assert_true(find("key-1", NOW_S + 9 * HOUR_S));
	settled(6);
}

static void an_unchanged_set_counts_as_a_fetch_for_an_unknown_key_id(void **state)
{
	entra.tagged = true;
	assert_true(find("key-1", NOW_S));
	entra.unchanged = true;
	assert_false(find("junk", NOW_S + 1));
	assert_false(find("junk", NOW_S + 2));
	assert_int_equal(entra.fetches, 2);
	assert_true(kept("key-1", NOW_S + 2));
	entra.unchanged = false;
	assert_true(find("key-3", NOW_S + 3));
	assert_string_equal(entra.sent, "key-1");
}

static void a_tag_goes_with_the_set_that_it_came_with(void **state)
{
	entra.tagged = true;
	assert_true(find("key-1", NOW_S));
	entra.tagged = false;
	assert_true(find("key-2", NOW_S + 1));
	assert_string_equal(entra.sent, "key-1");
	assert_true(find("key-3", NOW_S + 302));
	assert_string_equal(entra.sent, "");
}

static bool renewal_ended;

/* The renewal ends some time after its end began to be waited for. */
static bool fetch_slowly(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	bool good = fetch(context, version, held, ret, err);

	if (entra.fetches > 1) {
		for (int i = 0; i < 1000; i++)
			sched_yield();
		renewal_ended = true;
	}
	return good;
}

static void the_end_waits_for_a_renewal(void **state)
{
	jwks_free(jwks);
	jwks = jwks_new(&keyed_config, fetch_slowly, NULL);
	renewal_ended = false;
	assert_true(find("key-1", NOW_S));
	entra.closed = true;
	assert_true(find("key-1", NOW_S + DAY_S));
	entra.closed = false;
	jwks_free(jwks);
	assert_true(renewal_ended); /* a plain bool: the sanitizer would object */
	jwks = NULL;
}

static void what_is_unchanged_is_asked_without_a_fetch(void **state)
{
	uint64_t generation;

	assert_false(jwks_unchanged(jwks, 1, NOW_S));
	assert_int_equal(entra.fetches, 0);
	assert_int_equal(find_for("key-1", NOW_S, &generation), ERR_NONE);
	assert_true(jwks_unchanged(jwks, generation, NOW_S));
	assert_false(jwks_unchanged(jwks, generation + 1, NOW_S));
	assert_int_equal(entra.fetches, 1);
	assert_true(find("key-2", NOW_S + 1));
	assert_false(jwks_unchanged(jwks, generation, NOW_S + 1));
}

/* Every set lives an hour, and every thread goes through twenty of them at its own pace. */
static void *stir(void *arg)
{
	int *lost = arg;

	for (int i = 0; i < 200; i++) {
		*lost += !find("key-always", NOW_S + i * HOUR_S / 10);
		jwks_unchanged(jwks, 1, NOW_S);
		if (i % 50 == 49)
			find("key-none", NOW_S + i * HOUR_S / 10);
	}
	return NULL;
}

static void a_key_in_every_set_is_never_lost_to_64_threads(void **state)
{
	pthread_t threads[THREADS];
	int lost[THREADS] = {0};

	entra.max_age_s = HOUR_S;
	assert_true(find("key-1", NOW_S));
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, stir, &lost[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(lost[i], 0);
	}
	assert_true(entra.fetches >= 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_set_is_kept_as_long_as_its_server_says_from_an_hour_to_a_day),
		TEST(each_set_has_a_time_of_its_own),
		TEST(while_a_set_is_renewed_the_old_one_serves_and_nobody_waits),
		TEST(a_token_checked_before_has_an_aged_set_renewed_too),
		TEST(an_unknown_key_id_waits_for_the_renewal_under_way),
		TEST(a_set_past_its_time_serves_on_while_renewals_fail),
		TEST(without_a_thread_for_it_the_old_set_serves_on_and_a_moment_later_again),
		TEST(an_unchanged_set_is_kept_and_its_age_renewed),
		TEST(an_unchanged_set_counts_as_a_fetch_for_an_unknown_key_id),
		TEST(a_tag_goes_with_the_set_that_it_came_with),
		TEST(the_end_waits_for_a_renewal),
		TEST(what_is_unchanged_is_asked_without_a_fetch),
		TEST(a_key_in_every_set_is_never_lost_to_64_threads),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
