/* Who waits for which document, and for how long; and that nobody's key ids spend others' fetches.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "base/log.h"
#include "stage/keyed.h"
#include "token/jwks.h"
#include "token/key_budget.h"

#define V1_ISSUER "https://sts.windows.net/" TENANT "/"
#define V2_ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define A_MOMENT_MS 20
#define EARLY 8

static struct jwks *jwks;

/* What Entra would answer, for each document. */
static struct {
	_Atomic(int) fetches[TOKEN_VERSION__COUNT];
	_Atomic(bool) closed[TOKEN_VERSION__COUNT]; /* fetches wait for it to be opened */
	const char *kids[2];
} entra;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	cJSON *keys;

	entra.fetches[version]++;
	while (entra.closed[version])
		sched_yield();
	ret->issuer = xstrdup(version == TOKEN_V2 ? V2_ISSUER : V1_ISSUER);
	if (version == TOKEN_V1)
		return true;
	keys = json_add_array(ret->keys = cJSON_CreateObject(), "keys");
	for (int i = 0; i < 2; i++) {
		if (entra.kids[i])
			cJSON_AddItemToArray(keys, keypair_jwk(keyed_pair, entra.kids[i], NULL));
	}
	return true;
}

static void publish(const char *kid, const char *other)
{
	entra.kids[0] = kid;
	entra.kids[1] = other;
}

static int set_up(void **state)
{
	for (int i = 0; i < TOKEN_VERSION__COUNT; i++) {
		entra.fetches[i] = 0;
		entra.closed[i] = false;
	}
	publish("key-1", NULL);
	jwks = jwks_new(&keyed_config, fetch, NULL);
	return 0;
}

static int tear_down(void **state)
{
	entra.closed[TOKEN_V1] = entra.closed[TOKEN_V2] = false;
	jwks_free(jwks);
	return 0;
}

static _Thread_local int retry_after_s; /* of the last refusal */

static enum err_code find_by(struct jwks_query query)
{
	struct rsa_key *key = NULL;
	uint64_t generation;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, &generation, &err)) {
		retry_after_s = err.retry_after_s;
		return err.code;
	}
	rsa_key_free(key);
	return ERR_NONE;
}

static enum err_code find(const char *kid, int64_t after_s)
{
	return find_by((struct jwks_query){
		kid, V2_ISSUER, TOKEN_V2, NOW_S + after_s, deadline_after(WHILE_MS)});
}

static enum err_code find_within(enum token_version version, int64_t ms)
{
	return find_by((struct jwks_query){"key-1", version == TOKEN_V1 ? V1_ISSUER : V2_ISSUER,
		version, NOW_S, deadline_after(ms)});
}

static void a_v2_token_neither_asks_for_the_v1_document_nor_waits_for_it(void **state)
{
	entra.closed[TOKEN_V1] = true;
	assert_int_equal(find_within(TOKEN_V2, WHILE_MS), ERR_NONE);
	assert_int_equal(entra.fetches[TOKEN_V1], 0);
	assert_int_equal(find_within(TOKEN_V1, A_MOMENT_MS), ERR_UPSTREAM_TIMEOUT);
	while (entra.fetches[TOKEN_V1] == 0) /* it is begun, maybe not by then */
		sched_yield();
	assert_int_equal(find_within(TOKEN_V2, WHILE_MS), ERR_NONE);
	publish("key-2", NULL);
	assert_int_equal(find("key-2", 1), ERR_NONE); /* nor does one whose key is new */
	assert_int_equal(entra.fetches[TOKEN_V1], 1);
}

static void a_v1_token_waits_for_the_v1_document_once(void **state)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(find_within(TOKEN_V1, WHILE_MS), ERR_NONE);
	assert_int_equal(entra.fetches[TOKEN_V1], 1);
	assert_int_equal(entra.fetches[TOKEN_V2], 1);
}

static void *find_aside(void *ret)
{
	*(enum err_code *)ret = find_within(TOKEN_V2, WHILE_MS);
	return NULL;
}

static void whoever_has_no_time_left_leaves_and_the_fetch_goes_on_for_the_others(void **state)
{
	enum err_code other = ERR_INTERNAL;
	pthread_t thread;

	waiters_reset();
	entra.closed[TOKEN_V2] = true;
	assert_int_equal(find_within(TOKEN_V2, 0), ERR_UPSTREAM_TIMEOUT);
	pthread_create(&thread, NULL, find_aside, &other);
	waiters_await(2);
	assert_int_equal(find_within(TOKEN_V2, A_MOMENT_MS), ERR_UPSTREAM_TIMEOUT);
	entra.closed[TOKEN_V2] = false;
	pthread_join(thread, NULL);
	assert_int_equal(other, ERR_NONE);
	assert_int_equal(entra.fetches[TOKEN_V2], 1);
}

static void a_key_at_hand_needs_no_time(void **state)
{
	assert_int_equal(find_within(TOKEN_V2, WHILE_MS), ERR_NONE);
	assert_int_equal(find_within(TOKEN_V2, 0), ERR_NONE);
}

static void a_strangers_key_id_keeps_no_new_key_from_its_users(void **state)
{
	find("key-1", 0);
	assert_int_equal(find("junk", 1), ERR_INVALID_TOKEN);
	publish("key-2", NULL);
	assert_int_equal(find("key-2", 2), ERR_NONE);
}

static void a_key_that_one_answer_lacked_is_asked_for_again_at_once(void **state)
{
	find("key-1", 0);
	publish("key-2", NULL);
	assert_int_equal(find("key-2", 1), ERR_NONE);
	publish("key-1", "key-2");
	assert_int_equal(find("key-1", 1), ERR_NONE);
	publish("key-2", NULL);
	assert_int_equal(find("key-3", 2), ERR_INVALID_TOKEN);
	assert_int_equal(find("key-1", 2), ERR_INVALID_TOKEN);
	publish("key-1", "key-2");
	assert_int_equal(find("key-1", 4), ERR_NONE); /* and after 2 s where that did not help */
}

static void *find_new_key(void *second)
{
	find("key-2", *(int *)second);
	return NULL;
}

static void a_new_key_that_many_wanted_too_early_is_asked_for_again_as_soon(void **state)
{
	int seconds[EARLY];
	pthread_t threads[EARLY];

	find("key-1", 0);
	waiters_reset();
	entra.closed[TOKEN_V2] = true;
	for (int i = 0; i < EARLY; i++) {
		seconds[i] = 1 + i;
		pthread_create(&threads[i], NULL, find_new_key, &seconds[i]);
		waiters_await(1 + i);
	}
	entra.closed[TOKEN_V2] = false; /* an answer from before it was published */
	for (int i = 0; i < EARLY; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(entra.fetches[TOKEN_V2], 2);
	publish("key-1", "key-2");
	assert_int_equal(find("key-2", EARLY + 2), ERR_NONE);
}

static void a_fetch_withheld_is_not_the_tokens_fault_and_says_how_long(void **state)
{
	char kid[32];

	find("key-1", 0);
	for (int i = 0; i < KEY_BUDGET; i++) {
		snprintf(kid, sizeof(kid), "junk-%d", i);
		assert_int_equal(find(kid, 1), ERR_INVALID_TOKEN);
	}
	publish("key-1", "key-2");
	assert_int_equal(find("key-2", 2), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(retry_after_s, 29);
	assert_int_equal(find("junk-0", 2), ERR_INVALID_TOKEN); /* which was asked for */
	assert_int_equal(find("key-1", 2), ERR_NONE);
	assert_int_equal(entra.fetches[TOKEN_V2], 1 + KEY_BUDGET);
	assert_int_equal(find("more-junk", 31), ERR_INVALID_TOKEN);
	assert_int_equal(find("key-2", 31), ERR_NONE); /* brought by the stranger's own fetch */
	assert_int_equal(entra.fetches[TOKEN_V2], 2 + KEY_BUDGET);
}

/* From within the fetch of another thread's unknown key: it must not be waited for. */
static bool fetch_while_known_key_is_used(void *context, enum token_version version,
	const struct jwks_answer *held, struct jwks_answer *ret, struct err *err)
{
	enum err_code *code = context;

	if (entra.fetches[version] > 0)
		*code = find("key-1", 1);
	return fetch(NULL, version, held, ret, err);
}

static void known_keys_are_served_during_a_fetch(void **state)
{
	enum err_code code = ERR_INTERNAL;

	jwks_free(jwks);
	jwks = jwks_new(&keyed_config, fetch_while_known_key_is_used, &code);
	assert_int_equal(find("key-1", 0), ERR_NONE);
	assert_int_equal(find("key-2", 1), ERR_INVALID_TOKEN);
	assert_int_equal(code, ERR_NONE);
	assert_int_equal(entra.fetches[TOKEN_V2], 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_v2_token_neither_asks_for_the_v1_document_nor_waits_for_it),
		TEST(a_v1_token_waits_for_the_v1_document_once),
		TEST(whoever_has_no_time_left_leaves_and_the_fetch_goes_on_for_the_others),
		TEST(a_key_at_hand_needs_no_time),
		TEST(a_strangers_key_id_keeps_no_new_key_from_its_users),
		TEST(a_key_that_one_answer_lacked_is_asked_for_again_at_once),
		TEST(a_new_key_that_many_wanted_too_early_is_asked_for_again_as_soon),
		TEST(known_keys_are_served_during_a_fetch),
		TEST(a_fetch_withheld_is_not_the_tokens_fault_and_says_how_long),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
