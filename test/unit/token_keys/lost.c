/* A key that an answer of Entra lacks though it was live a moment ago: asked for again at once. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "stage/keyed.h"
#include "token/jwks.h"

#define ISSUER "https://login.microsoftonline.com/" TENANT "/v2.0"
#define DAY_S 86400
#define ANSWERS_MAX 16

static struct jwks *jwks;

/* What Entra would answer, one after the other: the letters are the key ids; NULL: nothing. */
static struct {
	const char *answers[ANSWERS_MAX];
	_Atomic(int) fetches;
	char sent[16]; /* the tag that came with the last fetch; "": none */
} entra;

static bool fetch(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err)
{
	const char *kids = entra.answers[entra.fetches++];
	cJSON *keys;

	snprintf(entra.sent, sizeof(entra.sent), "%s", held->etag ? held->etag : "");
	if (!kids)
		return err_set(err, ERR_UPSTREAM_TIMEOUT, "no answer");
	ret->keys = cJSON_CreateObject();
	keys = json_add_array(ret->keys, "keys");
	for (const char *kid = kids; *kid; kid++)
		cJSON_AddItemToArray(
			keys, keypair_jwk(keyed_pair, (const char[]){*kid, '\0'}, NULL));
	ret->uri = xstrdup("https://login.microsoftonline.com/keys");
	ret->etag = xstrdup(kids);
	return true;
}

static void answers(size_t count, const char *const list[])
{
	memcpy(entra.answers, list, count * sizeof(*list));
}
#define ANSWERS(...)                                                                               \
	answers(COUNT_OF(((const char *const[]){__VA_ARGS__})), (const char *const[]){__VA_ARGS__})

static int set_up(void **state)
{
	memset(&entra, 0, sizeof(entra));
	waiters_reset();
	jwks = jwks_new(&keyed_config, fetch, NULL);
	return 0;
}

static int tear_down(void **state)
{
	jwks_free(jwks);
	return 0;
}

static enum err_code find(const char *kid, int64_t now_s)
{
	struct jwks_query query = {kid, ISSUER, TOKEN_V2, now_s, deadline_after(WHILE_MS)};
	struct rsa_key *key = NULL;
	uint64_t generation;
	autoerr(err);

	if (!jwks_find(jwks, &query, &key, &generation, &err))
		return err.code;
	rsa_key_free(key);
	return ERR_NONE;
}

/* The set is renewed, once its time is over, behind a caller whom it serves. */
static void renew(const char *kid)
{
	assert_int_equal(find(kid, NOW_S + DAY_S), ERR_NONE);
	broadcasts_await(2);
}

static void a_key_that_a_renewal_has_lost_is_asked_for_again_before_anybody_needs_it(void **state)
{
	ANSWERS("ab", "b", "abc");
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	renew("b");
	assert_int_equal(find("a", NOW_S + DAY_S), ERR_NONE);
	assert_int_equal(find("c", NOW_S + DAY_S), ERR_NONE);
	assert_int_equal(entra.fetches, 3);
	assert_string_equal(entra.sent, ""); /* not: is it still the one that lacks it? */
}

static void a_lost_key_does_not_wait_for_what_made_up_ids_have_spent(void **state)
{
	ANSWERS("a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "b", "ab");
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	for (char kid = '0'; kid <= '9'; kid++)
		assert_int_equal(find((const char[]){kid, '\0'}, NOW_S + 1), ERR_INVALID_TOKEN);
	assert_int_equal(find("junk", NOW_S + 1), ERR_UPSTREAM_UNAVAILABLE);
	assert_int_equal(find("a", NOW_S + 1), ERR_NONE);
}

static void what_two_answers_lack_is_gone_and_asked_for_as_any_unknown_key(void **state)
{
	ANSWERS("ab", "b", "b", "b");
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	renew("b");
	assert_int_equal(entra.fetches, 3);
	assert_int_equal(find("a", NOW_S + DAY_S), ERR_INVALID_TOKEN);
	assert_int_equal(find("a", NOW_S + DAY_S + 1), ERR_INVALID_TOKEN);
	assert_int_equal(entra.fetches, 4);
}

/* Of two servers one may be behind, and the other asked first. */
static void what_either_answer_has_is_trusted(void **state)
{
	ANSWERS("ab", "bc", "ab", "abc");
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	assert_int_equal(find("c", NOW_S), ERR_NONE);
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	assert_int_equal(find("b", NOW_S), ERR_NONE);
	assert_int_equal(entra.fetches, 3);
	assert_int_equal(find("d", NOW_S), ERR_INVALID_TOKEN);
	assert_string_equal(entra.sent, ""); /* the set held is no server's */
}

static void when_asking_again_fails_the_answer_at_hand_is_taken(void **state)
{
	static const char *const USELESS[] = {NULL, ""};

	for (size_t i = 0; i < COUNT_OF(USELESS); i++) {
		tear_down(state);
		set_up(state);
		ANSWERS("ab", "bc", USELESS[i], "abc");
		assert_int_equal(find("a", NOW_S), ERR_NONE);
		renew("b");
		assert_int_equal(find("c", NOW_S + DAY_S), ERR_NONE);
		assert_int_equal(entra.fetches, 3);
		assert_int_equal(find("a", NOW_S + DAY_S), ERR_NONE);
		assert_string_equal(entra.sent, "bc");
	}
}

static void an_answer_that_only_adds_keys_is_asked_for_once(void **state)
{
	ANSWERS("ab", "cba");
	assert_int_equal(find("a", NOW_S), ERR_NONE);
	renew("b");
	assert_int_equal(find("c", NOW_S + DAY_S), ERR_NONE);
	assert_int_equal(entra.fetches, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_that_a_renewal_has_lost_is_asked_for_again_before_anybody_needs_it),
		TEST(a_lost_key_does_not_wait_for_what_made_up_ids_have_spent),
		TEST(what_two_answers_lack_is_gone_and_asked_for_as_any_unknown_key),
		TEST(what_either_answer_has_is_trusted),
		TEST(when_asking_again_fails_the_answer_at_hand_is_taken),
		TEST(an_answer_that_only_adds_keys_is_asked_for_once),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, keyed_set_up, keyed_tear_down);
}
