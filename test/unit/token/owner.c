/* Whose a Graph token or a profile is. */
#include "token/owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "stage/support.h"

static struct caller ada(enum caller_kind kind)
{
	return (struct caller){
		.kind = kind, .tenant_id = (char *)TENANT, .object_id = (char *)ADA_ID};
}

/* A token with those claims that nobody has signed. */
static struct secret token_of(const char *claims)
{
	struct secret token = {0};
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "e30.");
	b64url_encode(&text, claims, strlen(claims));
	buf_adds(&text, ".c2ln");
	secret_set(&token, text.data, text.len);
	buf_done(&text);
	return token;
}

static void ids_are_one_in_any_case_and_in_graphs_short_form(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} CASES[] = {
		{ADA_ID, ADA_ID, true},
		{ADA_ID, "AAAAAAAA-0001-4000-8000-00000000ADA0", true},
		{ADA_ID, "aaaaaaaa-0001-4000-8000-00000000ada1", false},
		{"00000000-0000-0000-3b1b-5d6e7f809a1b", "3b1b5d6e7f809a1b", true},
		{"00000000-0000-0000-0b1b-5d6e7f809a1b", "0b1b5d6e7f809a1b", true},
		{"10000000-0000-0000-3b1b-5d6e7f809a1b", "3b1b5d6e7f809a1b", false},
		{ADA_ID, "", false},
		{ADA_ID, "aaaaaaaa", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		check(owner_same(CASES[i].a, CASES[i].b) == CASES[i].same, "%zu", i);
		check(owner_same(CASES[i].b, CASES[i].a) == CASES[i].same, "%zu", i);
	}
}

static void a_token_that_names_another_user_or_tenant_differs(void **state)
{
	static const struct {
		const char *claims;
		bool differs;
	} CASES[] = {
		{"{\"oid\":\"" ADA_ID "\",\"tid\":\"" TENANT "\"}", false},
		{"{\"oid\":\"aaaaaaaa-0002-4000-8000-0000000000b0\"}", true},
		{"{\"oid\":\"" ADA_ID "\",\"tid\":\"99999999-2222-3333-4444-555555555555\"}", true},
		{"{}", false},
		{"{\"oid\":7,\"tid\":null}", false},
	};
	struct caller caller = ada(CALLER_USER);

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct secret token = token_of(CASES[i].claims);

		check(owner_differs(&token, &caller) == CASES[i].differs, "%s", CASES[i].claims);
		secret_done(&token);
	}
}

static void a_token_that_cannot_be_read_says_nothing(void **state)
{
	static const char *const OPAQUE[] = {"EwBwA8l6BAAU", "a.b", "a.b.c", "e30.!.c2ln", ""};
	struct caller caller = ada(CALLER_USER);

	for (size_t i = 0; i < COUNT_OF(OPAQUE); i++) {
		struct secret token = {(char *)OPAQUE[i], strlen(OPAQUE[i])};

		check(!owner_differs(&token, &caller), "%s", OPAQUE[i]);
	}
}

static void the_profile_expected_is_the_callers_as_far_as_the_token_tells(void **state)
{
	struct caller caller = ada(CALLER_USER);
	autofree char *user = owner_expected(&caller);
	autofree char *passed_on = NULL, *opaque = NULL;
	struct secret token = token_of("{\"oid\":\"" ADA_ID "\"}");

	assert_string_equal(user, ADA_ID);
	caller = (struct caller){.kind = CALLER_GRAPH, .token = token};
	passed_on = owner_expected(&caller);
	assert_string_equal(passed_on, ADA_ID);
	secret_done(&token);
	caller.token = (struct secret){(char *)"opaque", 6};
	opaque = owner_expected(&caller);
	assert_null(opaque);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_one_in_any_case_and_in_graphs_short_form),
		cmocka_unit_test(a_token_that_names_another_user_or_tenant_differs),
		cmocka_unit_test(a_token_that_cannot_be_read_says_nothing),
		cmocka_unit_test(the_profile_expected_is_the_callers_as_far_as_the_token_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
