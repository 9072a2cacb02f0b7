/* A token that serves other scopes of its key than the one it was minted for. */
#include "stage/minting.h"

#include <stdio.h>
#include <string.h>

#define G "https://graph.microsoft.com/"
#define MAIL G "Mail.Read"
#define FILES G "Files.Read"
#define USER G "User.Read"
#define ALL "openid User.Read Files.Read Mail.Read"

/* The number of the token and where it came from; or minus that of a refusal. */
static void assert_call(const struct minting_call *call, const char *expected)
{
	static const char *const SOURCES[] = {"", " refresh", " minted"};
	enum token_source source = TOKEN_CACHED;
	int number = minting_call(call, &source);
	char outcome[32];

	snprintf(outcome, sizeof(outcome), "%d%s", number, SOURCES[source]);
	assert_string_equal(outcome, expected);
}

static void assert_at(int64_t after_s, const char *scope, const char *expected)
{
	assert_call(&(struct minting_call){.who = "a", .scope = scope, .now_s = NOW_S + after_s},
		expected);
}

static void assert_claims(const char *scope, const char *claims, const char *expected)
{
	assert_call(
		&(struct minting_call){
			.who = "a", .scope = scope, .claims = claims, .now_s = NOW_S},
		expected);
}

static void a_token_that_was_granted_more_serves_the_other_scopes(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_at(0, FILES, "1");
	assert_at(0, USER " " MAIL, "1");
	assert_at(0, G "Chat.Read", "2 minted");
	assert_at(0, MAIL " " G "Chat.Read", "3 minted");
	assert_int_equal(token_cache_count(cache), 3);
}

static void one_that_was_granted_nothing_more_serves_its_own_scope(void **state)
{
	static const char *const GRANTS[] = {NULL, "", "openid", "Files"};

	for (size_t i = 0; i < COUNT_OF(GRANTS); i++) {
		minting_set_up(state);
		entra.granted = GRANTS[i];
		assert_at(0, MAIL, "1 minted");
		assert_at(0, MAIL, "1");
		assert_at(0, FILES, "2 minted");
		assert_at(0, MAIL, "1");
		if (i + 1 < COUNT_OF(GRANTS))
			minting_tear_down(state);
	}
}

static void it_serves_no_other_key(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_call(&(struct minting_call){.who = "b", .scope = MAIL, .now_s = NOW_S}, "2 minted");
	assert_call(&(struct minting_call){.who = "b", .scope = FILES, .now_s = NOW_S}, "2");
	assert_at(0, FILES, "1");
}

static void it_serves_them_until_the_second_before_it_expires(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_at(99, FILES, "1");
	entra.expires_s = NOW_S + 200;
	assert_at(100, FILES, "2 minted");
	assert_at(100, MAIL, "2");
}

static void nor_does_it_with_a_clock_that_was_set_back(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_at(-60, FILES, "1");
	assert_at(-61, FILES, "2 minted");
}

static void it_does_not_serve_claims_that_it_was_not_minted_with(void **state)
{
	entra.granted = ALL;
	assert_claims(MAIL, NULL, "1 minted");
	assert_claims(FILES, "one", "2 minted");
	assert_claims(USER, "one", "2");
	assert_claims(USER, "other", "3 minted");
	assert_claims(FILES, NULL, "2");
}

static void a_refusal_is_held_for_its_scope_alone(void **state)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + 30;
	assert_at(0, MAIL, "-1");
	entra.refuses = false;
	assert_at(0, FILES, "2 minted");
	assert_at(0, FILES, "2");
	assert_at(0, MAIL, "-1");
	assert_at(29, MAIL, "-1");
	assert_at(30, MAIL, "3 minted");
}

/* The user has consented in the meantime. */
static void a_token_that_came_to_hold_its_scope_ends_a_refusal(void **state)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + 30;
	assert_at(0, MAIL, "-1");
	entra.refuses = false;
	entra.granted = ALL;
	assert_at(1, FILES, "2 minted");
	assert_at(1, MAIL, "2");
}

static void a_refused_token_is_found_under_no_scope(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_at(0, FILES, "1");
	minting_drop_for("a", FILES, "token-1");
	assert_int_equal(token_cache_count(cache), 0);
	assert_at(0, MAIL, "2 minted");
}

static void nor_does_another_token_serve_the_scope_that_one_was_refused_for(void **state)
{
	assert_at(0, USER, "1 minted");
	assert_at(0, MAIL, "2 minted");
	entra.granted = ALL;
	assert_at(0, FILES, "3 minted");
	minting_drop_for("a", MAIL, "token-2");
	entra.granted = NULL;
	assert_at(0, MAIL, "4 minted");
	assert_at(0, USER, "1"); /* which does not hold Mail.Read */
	assert_at(0, FILES, "5 minted");
}

static void a_token_that_was_replaced_already_takes_none_with_it(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	minting_drop_for("a", MAIL, "token-1");
	assert_at(0, MAIL, "2 minted");
	minting_drop_for("a", MAIL, "token-1"); /* as calls at once do */
	minting_drop_for("b", MAIL, "token-2");
	assert_at(0, FILES, "2");
}

static void a_refusal_outlives_the_tokens_that_are_dropped(void **state)
{
	entra.refuses = true;
	entra.hold_s = NOW_S + 30;
	assert_at(0, MAIL, "-1");
	entra.refuses = false;
	assert_at(0, FILES, "2 minted");
	minting_drop_for("a", FILES, "token-2");
	assert_at(0, MAIL, "-1");
}

static void serving_another_scope_is_a_use(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	assert_call(&(struct minting_call){.who = "b", .now_s = NOW_S}, "2 minted");
	assert_call(&(struct minting_call){.who = "c", .now_s = NOW_S}, "3 minted");
	assert_at(0, FILES, "1"); /* now b is the oldest */
	assert_call(&(struct minting_call){.who = "d", .now_s = NOW_S}, "4 minted");
	assert_at(0, FILES, "1");
	assert_call(&(struct minting_call){.who = "b", .now_s = NOW_S}, "5 minted");
}

static void all_scopes_of_a_key_count_towards_the_bound(void **state)
{
	char scope[] = "A";

	for (; *scope <= 'Z'; ++*scope)
		minting_call(&(struct minting_call){.who = "a", .scope = scope, .now_s = NOW_S},
			&(enum token_source){0});
	assert_int_equal(token_cache_count(cache), MINTING_BOUND);
}

static const char *minted_scope, *minted_claims;

static bool note(const struct token_wish *wish, struct minted *ret, struct err *err)
{
	minted_scope = wish->scope;
	minted_claims = wish->claims;
	secret_set(&ret->token, "token-9", strlen("token-9"));
	ret->expires_s = NOW_S + 300;
	return true;
}

static void refresh(const char *scope)
{
	unsigned char key[SHA256_SIZE];
	struct token_wish wish = {.key = key, .scope = scope, .now_s = NOW_S + 50, .mint = note};
	struct secret token = {0};
	autoerr(err);

	minting_key(key, "a");
	secret_set(&token, "token-1", strlen("token-1"));
	assert_true(token_cache_refresh(cache, &wish, &token, 60, &err));
	secret_done(&token);
}

static void a_refresh_is_for_what_the_token_was_minted_for_whoever_asks(void **state)
{
	entra.granted = ALL;
	entra.refresh_s = NOW_S + 50;
	assert_claims(MAIL, "one", "1 minted");
	assert_at(49, FILES, "1");
	assert_at(50, FILES, "1 refresh");
	assert_at(50, MAIL, "1"); /* one is asked, of whatever scope */
	refresh(FILES);
	assert_string_equal(minted_scope, MAIL);
	assert_string_equal(minted_claims, "one");
	assert_at(50, MAIL, "9");
}

static void a_refreshed_token_serves_what_it_is_granted_now(void **state)
{
	entra.granted = ALL;
	assert_at(0, MAIL, "1 minted");
	refresh(MAIL);
	assert_at(50, MAIL, "9");
	assert_at(50, FILES, "2 minted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, minting_set_up, minting_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_that_was_granted_more_serves_the_other_scopes),
		TEST(one_that_was_granted_nothing_more_serves_its_own_scope),
		TEST(it_serves_no_other_key),
		TEST(it_serves_them_until_the_second_before_it_expires),
		TEST(nor_does_it_with_a_clock_that_was_set_back),
		TEST(it_does_not_serve_claims_that_it_was_not_minted_with),
		TEST(a_refusal_is_held_for_its_scope_alone),
		TEST(a_token_that_came_to_hold_its_scope_ends_a_refusal),
		TEST(a_refused_token_is_found_under_no_scope),
		TEST(nor_does_another_token_serve_the_scope_that_one_was_refused_for),
		TEST(a_token_that_was_replaced_already_takes_none_with_it),
		TEST(a_refusal_outlives_the_tokens_that_are_dropped),
		TEST(serving_another_scope_is_a_use),
		TEST(all_scopes_of_a_key_count_towards_the_bound),
		TEST(a_refresh_is_for_what_the_token_was_minted_for_whoever_asks),
		TEST(a_refreshed_token_serves_what_it_is_granted_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
