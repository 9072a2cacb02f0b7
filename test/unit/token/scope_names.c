/* Permissions as Entra names them: which a token was granted, and whether they hold a scope. */
#include "token/scope_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stage/support.h"

#define GRAPH "https://graph.microsoft.com/"
#define ASKED GRAPH "User.Read"

static void assert_reads(const char *answered, const char *asked, const char *expected)
{
	autofree char *names = scope_names_read(answered, asked);

	check(expected ? names && !strcmp(names, expected) : !names, "%s: %s", answered, names);
}

static void a_name_is_read_short_or_behind_graphs_address_or_id(void **state)
{
	static const char *const ANSWERS[] = {"User.Read Mail.Read", GRAPH "User.Read Mail.Read",
		"User.Read " GRAPH "Mail.Read", "HTTPS://Graph.Microsoft.COM/User.Read Mail.Read",
		"https://graph.microsoft.us/User.Read https://dod-graph.microsoft.us/Mail.Read",
		"https://microsoftgraph.chinacloudapi.cn/User.Read Mail.Read",
		"00000003-0000-0000-c000-000000000000/User.Read Mail.Read",
		"https://graph.microsoft.com//User.Read Mail.Read", " User.Read  Mail.Read "};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++)
		assert_reads(ANSWERS[i], ASKED, "User.Read Mail.Read");
}

static void the_resource_that_was_asked_for_is_graph_too(void **state)
{
	assert_reads("http://127.0.0.1:7071/Mail.Read", "http://127.0.0.1:7071/User.Read Mail.Read",
		"Mail.Read");
	assert_reads("http://127.0.0.1:7072/Mail.Read", "http://127.0.0.1:7071/User.Read", NULL);
	assert_reads("http://127.0.0.1:7071/Mail.Read", "User.Read", NULL);
}

static void a_name_of_another_resource_is_left_out(void **state)
{
	static const char *const ANSWERS[] = {"https://vault.azure.net/User.Read",
		"https://graph.microsoft.com.evil.example/User.Read",
		"https://evil.example/https://graph.microsoft.com/User.Read",
		"http://graph.microsoft.com/User.Read", "graph.microsoft.com/User.Read",
		"https://graph.microsoft.com/x/User.Read", "https://graph.microsoft.co/User.Read",
		"00000003-0000-0000-c000-000000000001/User.Read", "x/User.Read"};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++)
		assert_reads(ANSWERS[i], ASKED, NULL);
	assert_reads("https://vault.azure.net/User.Read Mail.Read", ASKED, "Mail.Read");
}

static void what_is_no_permission_is_left_out(void **state)
{
	static const char *const ANSWERS[] = {"", " ", "/", "//", "/ /", ".default",
		GRAPH ".default", GRAPH, "https://", "a\nb", "a\tb", "a\"b", "a\\b", "\xc3\xa9",
		"a\x7f", "a\x01"};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++)
		assert_reads(ANSWERS[i], ASKED, NULL);
	assert_reads("a\"b " GRAPH ".default openid Mail.Read a\tb", ASKED, "openid Mail.Read");
}

static void so_much_is_kept_and_whole_names_only(void **state)
{
	struct buf answer;
	char *names;
	size_t n;

	buf_init(&answer);
	for (int i = 0; i < 2000; i++)
		buf_addf(&answer, "%sName%d.Read ", i % 2 ? GRAPH : "", i);
	names = scope_names_read(buf_text(&answer), ASKED);
	n = strlen(names);
	assert_in_range(n, SCOPE_NAMES_BYTES_MAX - 20, SCOPE_NAMES_BYTES_MAX);
	assert_string_equal(names + n - strlen(".Read"), ".Read");
	assert_true(scope_names_hold(names, "Name0.Read Name100.Read"));
	assert_false(scope_names_hold(names, "Name1999.Read"));
	free(names);
	buf_done(&answer);
	/* one that is too long is passed over, not what follows it */
	buf_init(&answer);
	for (int i = 0; i < SCOPE_NAMES_BYTES_MAX; i++)
		buf_adds(&answer, "a");
	buf_adds(&answer, " Mail.Read");
	assert_reads(buf_text(&answer), ASKED, "Mail.Read");
	buf_done(&answer);
}

static void names_hold_a_scope_of_which_they_have_every_permission(void **state)
{
	static const struct {
		const char *names, *scope;
		bool holds;
	} CASES[] = {
		{"User.Read", "User.Read", true},
		{"User.Read", GRAPH "User.Read", true},
		{"user.read", "https://graph.microsoft.us/USER.READ", true},
		{"Mail.Read User.Read", "User.Read Mail.Read", true},
		{"Mail.Read User.Read", GRAPH "User.Read " GRAPH "Mail.Read", true},
		{"Mail.Read", "  Mail.Read  ", true},
		{"Mail.Read", "Mail.Read Mail.Read", true},
		{"Mail.Read", "User.Read Mail.Read", false},
		{"Mail.Read", "Mail.Read User.Read", false},
		{"Mail.ReadWrite", "Mail.Read", false},
		{"Mail.Read", "Mail.ReadWrite", false},
		{"Mail.Read", "Mail", false},
		{"Mail.Read", "ail.Read", false},
		{"User.Read Mail", "User.Read Mail.Read", false},
		{"Mail.Read", GRAPH ".default", false},
		{"Mail.Read", ".default", false},
		{"Mail.Read", GRAPH, false},
		{"Mail.Read", "", false},
		{"Mail.Read", " ", false},
		{"", "Mail.Read", false},
		{"", "", false},
		{NULL, "Mail.Read", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(scope_names_hold(CASES[i].names, CASES[i].scope) == CASES[i].holds,
			"%s in %s", CASES[i].scope, CASES[i].names);
}

/* Whatever bytes come: only names that were asked about as a whole are ever held. */
static void no_bytes_of_an_answer_make_names_of_their_own(void **state)
{
	static const char PARTS[][8] = {"Mail", ".Read", " ", "/", "https:/", "\"", "\n", "."};
	unsigned seed = 1;

	for (int i = 0; i < 20000; i++) {
		char answer[128] = "";
		autofree char *names = NULL;

		for (int j = 0; j < 12; j++) {
			seed = seed * 1103515245u + 12345u;
			strcat(answer, PARTS[(seed >> 16) % COUNT_OF(PARTS)]);
		}
		names = scope_names_read(answer, ASKED);
		if (scope_names_hold(names, "Mail.Read"))
			check(strstr(answer, "Mail.Read") != NULL, "%s", answer);
		check(!scope_names_hold(names, ".Read"), "%s", answer);
		check(!names || !strpbrk(names, "/\"\n"), "%s", answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_short_or_behind_graphs_address_or_id),
		cmocka_unit_test(the_resource_that_was_asked_for_is_graph_too),
		cmocka_unit_test(a_name_of_another_resource_is_left_out),
		cmocka_unit_test(what_is_no_permission_is_left_out),
		cmocka_unit_test(so_much_is_kept_and_whole_names_only),
		cmocka_unit_test(names_hold_a_scope_of_which_they_have_every_permission),
		cmocka_unit_test(no_bytes_of_an_answer_make_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
