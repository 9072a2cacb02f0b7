#include "token/jwks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/keyed.h"

#define V1_ISSUER "https://sts.windows.net/" TENANT "/"
#define V2_ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define DAY_S 86400
#define THREADS 32

/* What Entra would answer; every fetch hands out a copy, or fails when there is none. */
static struct {
	cJSON *document;
	_Atomic(int) fetches;
	int waiters_wanted; /* the fetch goes on once so many threads wait for it */
} entra;

static struct jwks *jwks;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	entra.fetches++;
	if (entra.waiters_wanted)
		waiters_await(entra.waiters_wanted);
	if (!entra.document)
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no answer");
	ret->keys = cJSON_Duplicate(entra.document, true);
	return true;
}

static cJSON *publish(const char *kid, const char *issuer)
{
	cJSON *jwk = keypair_jwk(keyed_pair, kid, issuer);

	cJSON_Delete(entra.document);
	entra.document = cJSON_CreateObject();
	cJSON_AddItemToArray(json_add_array(entra.document, "keys"), jwk);
	return jwk;
}

static void add_key(cJSON *jwk)
{
	cJSON_AddItemToArray(cJSON_GetObjectItem(entra.document, "keys"), jwk);
}

/* A new key, beside the old one for a while. */
static void roll_over(void)
{
	publish("key-1", NULL);
	add_key(keypair_jwk(keyed_pair, "key-2", NULL));
}

static void go_silent(void)
{
	cJSON_Delete(entra.document);
	entra.document = NULL;
}

static int set_up(void **state)
{
	entra.fetches = entra.waiters_wanted = 0;
	waiters_reset();
	publish("key-1", NULL);
	jwks = jwks_new(&keyed_config, fetch, NULL);
	return 0;
}

static int tear_down(void **state)
{
	jwks_free(jwks);
	go_silent();
	return 0;
}

static enum err_code find_as(const char *kid, const char *issuer, int64_t now_s)
{
	struct jwks_query query = {kid, issuer, strcmp(issuer, V1_ISSUER) ? TOKEN_V2 : TOKEN_V1,
		now_s, deadline_after(WHILE_MS)};
	struct rsa_key *key = NULL;
	uint64_t generation;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, &generation, &err))
		return err.code;
	if (!key)
		return ERR_INTERNAL;
	rsa_key_free(key);
	return ERR_NONE;
}

static enum err_code find(const char *kid, int64_t now_s)
{
	return find_as(kid, V2_ISSUER, now_s);
}

static void the_first_need_fetches_and_later_ones_do_not(void **state)
{
	assert_int_equal(entra.fetches, 0);
	assert_int_equal(find("key-1", NOW_S), ERR_NONE);
	assert_int_equal(find("key-1", NOW_S + DAY_S - 1), ERR_NONE);
	assert_int_equal(entra.fetches, 1);
}

static void an_unknown_key_id_causes_one_fetch_that_can_bring_it(void **state)
{
	find("key-1", NOW_S);
	roll_over();
	assert_int_equal(find("key-2", NOW_S + 1), ERR_NONE);
	assert_int_equal(entra.fetches, 2);
}

static void an_unknown_key_id_is_asked_for_less_and_less_often(void **state)
{
	int fetches = 1;

	find("key-1", NOW_S);
	for (int i = 0; i < 300; i++) { /* after 2, 4, 8, 16 and then every 30 s */
		assert_int_equal(find("junk", NOW_S + 10 + i), ERR_INVALID_TOKEN);
		fetches += i == 0 || i == 2 || i == 6 || i == 14 || (i && i % 30 == 0);
		assert_int_equal(entra.fetches, fetches);
	}
}

static void a_clock_set_back_does_not_stop_fetches(void **state)
{
	go_silent();
	assert_int_equal(find("key-1", NOW_S), ERR_UPSTREAM_TIMEOUT);
	publish("key-1", NULL);
	assert_int_equal(find("key-1", NOW_S - 3600), ERR_NONE);
	publish("key-2", NULL);
	assert_int_equal(find("key-2", NOW_S - 3600), ERR_NONE);
	publish("key-3", NULL);
	assert_int_equal(find("key-3", NOW_S - 7200), ERR_NONE);
}

static void old_keys_serve_on_while_fetches_fail(void **state)
{
	find("key-1", NOW_S);
	go_silent();
	assert_int_equal(find("key-1", NOW_S + 2 * DAY_S), ERR_NONE);
	broadcasts_await(2);
	assert_int_equal(find("key-1", NOW_S + 2 * DAY_S + 9), ERR_NONE);
	broadcasts_await(3);
	roll_over();
	assert_int_equal(find("key-2", NOW_S + 2 * DAY_S + 99), ERR_NONE);
	assert_int_equal(entra.fetches, 4);
}

static void a_key_that_could_not_be_fetched_is_not_the_tokens_fault(void **state)
{
	find("key-1", NOW_S);
	go_silent();
	assert_int_equal(find("key-2", NOW_S + 10), ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(find("key-2", NOW_S + 11), ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(entra.fetches, 2);
	roll_over();
	assert_int_equal(find("key-2", NOW_S + 12), ERR_NONE);
	assert_int_equal(entra.fetches, 3);
}

static void a_set_without_a_usable_key_does_not_replace_the_old_one(void **state)
{
	find("key-1", NOW_S);
	cJSON_Delete(entra.document);
	entra.document = cJSON_Parse("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"x\"}]}");
	assert_int_equal(find("key-1", NOW_S + DAY_S), ERR_NONE);
	broadcasts_await(2);
	assert_int_equal(find("key-1", NOW_S + DAY_S + 1), ERR_NONE);
	assert_int_equal(find("x", NOW_S + DAY_S + 1), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(entra.fetches, 2);
}

static void without_any_key_the_failure_is_the_upstreams(void **state)
{
	go_silent();
	assert_int_equal(find("key-1", NOW_S), ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(find("key-1", NOW_S + 1), ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(entra.fetches, 1); /* attempts are 2 s apart */
	entra.document = cJSON_Parse("{\"keys\":[]}");
	assert_int_equal(find("key-1", NOW_S + 2), ERR_UPSTREAM_UNAVAILABLE);
	publish("key-1", NULL);
	assert_int_equal(find("key-1", NOW_S + 4), ERR_NONE);
	assert_int_equal(entra.fetches, 3);
}

static void add_spoilt(const char *kid, const char *member, const char *json)
{
	cJSON *jwk = keypair_jwk(keyed_pair, kid, NULL);

	cJSON_DeleteItemFromObject(jwk, member);
	if (json)
		cJSON_AddItemToObject(jwk, member, cJSON_Parse(json));
	add_key(jwk);
}

static void bad_entries_are_passed_over_and_the_rest_kept(void **state)
{
	static const char *const BAD[][2] = {{"kty", "\"EC\""}, {"kty", NULL}, {"use", "\"enc\""},
		{"n", NULL}, {"n", "\"AQAB\""}, {"n", "\"not base64!\""}, {"n", "7"}, {"e", NULL},
		{"e", "\"AA\""}, {"e", "\"Ag\""}, {"e", "\"AQ\""}};
	char kid[16];

	cJSON_Delete(entra.document);
	entra.document = cJSON_Parse("{\"keys\":[null,7,\"x\",[],{}]}");
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		snprintf(kid, sizeof(kid), "bad-%zu", i);
		add_spoilt(kid, BAD[i][0], BAD[i][1]);
	}
	add_spoilt("plain", "use", NULL);
	assert_int_equal(find("plain", NOW_S), ERR_NONE);
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		snprintf(kid, sizeof(kid), "bad-%zu", i);
		check(find(kid, NOW_S + (int)i * 60) == ERR_INVALID_TOKEN, "%s = %s", BAD[i][0],
			BAD[i][1]);
	}
}

static void more_entries_than_there_is_room_for_are_passed_over(void **state)
{
	for (int i = 0; i < 80; i++)
		add_key(keypair_jwk(keyed_pair, "filler", NULL));
	assert_int_equal(find("key-1", NOW_S), ERR_NONE);
	assert_int_equal(find("filler", NOW_S), ERR_NONE);
}

static void a_key_serves_only_the_issuer_it_names(void **state)
{
	static const struct {
		const char *template, *issuer;
		enum err_code code;
	} CASES[] = {
		{NULL, V2_ISSUER, ERR_NONE},
		{NULL, V1_ISSUER, ERR_NONE},
		{"https://login.microsoftonline.com/{tenantid}/v2.0", V2_ISSUER, ERR_NONE},
		{"https://login.microsoftonline.com/{tenantid}/v2.0", V1_ISSUER, ERR_NONE},
		{"https://sts.windows.net/{tenantid}/", V1_ISSUER, ERR_NONE},
		{"https://sts.windows.net/{tenantid}/", V2_ISSUER, ERR_INVALID_TOKEN},
		{V2_ISSUER, V2_ISSUER, ERR_NONE},
		{"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
			V2_ISSUER, ERR_INVALID_TOKEN},
		{"https://login.partner.microsoftonline.cn/{tenantid}/v2.0", V2_ISSUER,
			ERR_INVALID_TOKEN},
		{"{tenantid}", V2_ISSUER, ERR_INVALID_TOKEN},
		{"https://login.microsoftonline.com/{tenantid}{tenantid}/v2.0", V2_ISSUER,
			ERR_INVALID_TOKEN},
		{"", V2_ISSUER, ERR_INVALID_TOKEN},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		tear_down(NULL);
		set_up(NULL);
		publish("key-1", CASES[i].template);
		check(find_as("key-1", CASES[i].issuer, NOW_S) == CASES[i].code, "%s for %s",
			CASES[i].template, CASES[i].issuer);
	}
}

static void of_keys_with_one_id_the_issuers_own_is_taken(void **state)
{
	publish("key-1", "https://login.partner.microsoftonline.cn/{tenantid}/v2.0");
	add_key(keypair_jwk(keyed_pair, "key-1", V2_ISSUER));
	add_key(keypair_jwk(keyed_pair, "key-1", "https://elsewhere.example/"));
	assert_int_equal(find("key-1", NOW_S), ERR_NONE);
}

static void a_key_outlives_the_set_it_came_from(void **state)
{
	struct jwks_query query = {"key-1", V2_ISSUER, TOKEN_V2, NOW_S, deadline_after(WHILE_MS)};
	struct rsa_key *key = NULL;
	uint64_t generation;
	autoerr(err);

	assert_true(jwks_find(jwks, &query, &key, &generation, &err));
	publish("key-2", NULL);
	assert_int_equal(find("key-2", NOW_S + 1), ERR_NONE);
	assert_false(rsa_verify_rs256(key, "x", 1, "y", 1)); /* the sanitizer would object */
	rsa_key_free(key);
}

struct seeker {
	pthread_t thread;
	const char *kid;
	enum err_code code;
};

static void *seek(void *arg)
{
	struct seeker *seeker = arg;

	seeker->code = find(seeker->kid, NOW_S + 1);
	return NULL;
}

/* Many threads ask at once; the fetch goes on when all but its own thread wait for it. */
static void seek_together(const char *kid, enum err_code expected)
{
	struct seeker seekers[THREADS];

	waiters_reset();
	entra.waiters_wanted = THREADS - 1;
	for (int i = 0; i < THREADS; i++) {
		seekers[i].kid = kid;
		pthread_create(&seekers[i].thread, NULL, seek, &seekers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(seekers[i].thread, NULL);
		assert_int_equal(seekers[i].code, expected);
	}
}

static void concurrent_first_needs_share_one_fetch(void **state)
{
	seek_together("key-1", ERR_NONE);
	assert_int_equal(entra.fetches, 1);
}

static void concurrent_needs_of_a_new_key_share_one_fetch(void **state)
{
	find("key-1", NOW_S);
	roll_over();
	seek_together("key-2", ERR_NONE);
	assert_int_equal(entra.fetches, 2);
}

static void concurrent_first_needs_share_a_failure(void **state)
{
	go_silent();
	seek_together("key-1", ERR_UPSTREAM_TIMEOUT);
	assert_int_equal(entra.fetches, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_need_fetches_and_later_ones_do_not),
		TEST(an_unknown_key_id_causes_one_fetch_that_can_bring_it),
		TEST(an_unknown_key_id_is_asked_for_less_and_less_often),
		TEST(a_clock_set_back_does_not_stop_fetches),
		TEST(old_keys_serve_on_while_fetches_fail),
		TEST(a_key_that_could_not_be_fetched_is_not_the_tokens_fault),
		TEST(a_set_without_a_usable_key_does_not_replace_the_old_one),
		TEST(without_any_key_the_failure_is_the_upstreams),
		TEST(bad_entries_are_passed_over_and_the_rest_kept),
		TEST(more_entries_than_there_is_room_for_are_passed_over),
		TEST(a_key_serves_only_the_issuer_it_names),
		TEST(of_keys_with_one_id_the_issuers_own_is_taken),
		TEST(a_key_outlives_the_set_it_came_from),
		TEST(concurrent_first_needs_share_one_fetch),
		TEST(concurrent_needs_of_a_new_key_share_one_fetch),
		TEST(concurrent_first_needs_share_a_failure),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
