/* Users, scopes, grants, claims, expiries, refusals, refreshes and drops at random, against a plain
 * model: a list of all that was ever minted. */
#include "stage/minting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 150
#define STEPS 400
#define USERS 3
#define RECORDS (STEPS + 1)
#define ENTRIES 64 /* more than there are users and scopes: nothing has to leave */

static const char *const SCOPES[] = {"A", "B", "C", "A B", "B C", "D"};
static const char *const GRANTS[] = {NULL, "A", "B C", "A B C", "D a", "openid"};
static const char *const CLAIMS[] = {NULL, NULL, NULL, "one", "other"};

/* Token or refusal of that number. */
struct record {
	bool held; /* neither dropped, replaced, nor never to be kept */
	bool refusal;
	int user;
	const char *scope, *claims, *granted;
	int64_t expires_s, refresh_s;
};

static struct record records[RECORDS];
static int64_t now_s;
static unsigned long long seed;

static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}
#define ONE_OF(table) (table)[below(COUNT_OF(table))]

static bool has_name(const char *names, const char *name, size_t n)
{
	for (const char *p = names; p && *p; p++) {
		if ((p == names || p[-1] == ' ') && !strncasecmp(p, name, n) &&
			(!p[n] || p[n] == ' '))
			return true;
	}
	return false;
}

/* Every name of the scopes is one letter. */
static bool grants(const struct record *record, const char *scope)
{
	for (const char *p = scope; *p; p++) {
		if (*p != ' ' && !has_name(record->granted, p, 1))
			return false;
	}
	return !record->refusal;
}

static bool answers(const struct record *record, const struct minting_call *call)
{
	return record->held && record->user == *call->who - 'a' && record->expires_s > now_s &&
	       (!call->claims || (record->claims && !strcmp(record->claims, call->claims)));
}

static bool is_own(const struct record *record, const struct minting_call *call)
{
	return record->held && record->user == *call->who - 'a' &&
	       !strcmp(record->scope, call->scope);
}

/* Whether it may be what the call gets without a mint. */
static bool may_be(const struct record *record, const struct minting_call *call)
{
	return answers(record, call) && (is_own(record, call) || grants(record, call->scope));
}

static bool any_may_be(const struct minting_call *call)
{
	for (int i = 1; i < RECORDS; i++) {
		if (may_be(&records[i], call))
			return true;
	}
	return false;
}

static bool a_token_may_be(const struct minting_call *call)
{
	for (int i = 1; i < RECORDS; i++) {
		if (may_be(&records[i], call) && !records[i].refusal)
			return true;
	}
	return false;
}

static void set_next_mint(void)
{
	entra.refuses = below(4) == 0;
	entra.hold_s = below(2) ? now_s + below(30) : 0;
	entra.expires_s = now_s + below(100);
	entra.refresh_s = below(2) ? now_s + 1 + below(50) : 0;
	entra.granted = ONE_OF(GRANTS);
}

static struct record as_minted(int user, const char *scope, const char *claims)
{
	return (struct record){.held = !entra.refuses || entra.hold_s > now_s,
		.refusal = entra.refuses,
		.user = user,
		.scope = scope,
		.claims = claims,
		.granted = entra.granted,
		.expires_s = entra.refuses ? entra.hold_s : entra.expires_s,
		.refresh_s = entra.refresh_s};
}

static void get_one(void)
{
	const char who[] = {(char)('a' + below(USERS)), 0};
	struct minting_call call = {
		.who = who, .scope = ONE_OF(SCOPES), .claims = ONE_OF(CLAIMS), .now_s = now_s};
	bool known = any_may_be(&call), token = a_token_may_be(&call);
	int before = entra.mints, number;
	enum token_source source = TOKEN_CACHED;
	struct record *got;

	set_next_mint();
	number = minting_call(&call, &source);
	got = &records[abs(number)];
	assert_int_equal(entra.mints, before + !known);
	if (!known) {
		assert_int_equal(abs(number), entra.mints);
		for (int i = 1; i < RECORDS; i++)
			records[i].held = records[i].held && !is_own(&records[i], &call);
		*got = as_minted(*who - 'a', call.scope, call.claims);
	} else {
		assert_true(may_be(got, &call));
		assert_int_equal(got->refusal, !token); /* a token goes before a refusal */
	}
	assert_int_equal(number < 0, got->refusal);
	if (number > 0 && known) {
		bool due = got->refresh_s && got->refresh_s <= now_s;

		assert_int_equal(source, due ? TOKEN_CACHED_REFRESH : TOKEN_CACHED);
		got->refresh_s = due ? 0 : got->refresh_s;
	}
}

static void drop_one(void)
{
	int number = entra.mints ? 1 + (int)below((unsigned)entra.mints) : 1;
	const char who[] = {(char)('a' + below(USERS)), 0};
	const char *scope = ONE_OF(SCOPES);
	struct record *refused = &records[number];
	char text[24];

	snprintf(text, sizeof(text), "token-%d", number);
	minting_drop_for(who, scope, text);
	if (!refused->held || refused->refusal || refused->user != *who - 'a')
		return;
	for (int i = 1; i < RECORDS; i++) {
		struct minting_call call = {.who = who, .scope = scope};

		if (is_own(&records[i], &call) || grants(&records[i], scope))
			records[i].held = records[i].held &&
					  (records[i].refusal || records[i].user != *who - 'a');
	}
	refused->held = false;
}

static void refresh_one(void)
{
	int number = entra.mints ? 1 + (int)below((unsigned)entra.mints) : 1;
	struct record *old = &records[number];
	const char who[] = {(char)('a' + old->user), 0};
	int before = entra.mints;
	char text[24];

	set_next_mint();
	snprintf(text, sizeof(text), "token-%d", number);
	minting_refresh(who, text, now_s);
	assert_int_equal(entra.mints, before + (old->held && !old->refusal));
	if (entra.mints == before)
		return;
	if (entra.refuses) {
		old->refresh_s = now_s + 60;
	} else {
		records[entra.mints] = as_minted(old->user, old->scope, old->claims);
		old->held = false;
	}
}

static void the_cache_does_as_the_model_says(void **state)
{
	for (unsigned i = 1; i <= SEEDS; i++) {
		seed = i;
		now_s = NOW_S;
		memset(records, 0, sizeof(records));
		minting_restart(ENTRIES);
		entra = (struct endpoint_double){0};
		for (int step = 0; step < STEPS; step++) {
			unsigned what = below(12);

			if (what < 8)
				get_one();
			else if (what == 8)
				drop_one();
			else if (what == 9)
				refresh_one();
			else
				now_s += below(20);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, minting_set_up, minting_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_cache_does_as_the_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
