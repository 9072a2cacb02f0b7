#include "door/authorize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "stage/support.h"

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define WHO "client_id=" DOOR "&redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcallback"
#define PKCE "&code_challenge_method=S256&code_challenge=" CHALLENGE
#define GOOD WHO "&response_type=code" PKCE
#define SENT                                                                                       \
	"https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/authorize?client_id=" DOOR       \
	"&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A7%2Fcallback&scope=api%3A%2F%"  \
	"2F" CLIENT "%2Faccess_as_user%20offline_access" PKCE

static struct config config;
static struct door *door;

static int set_up(void **state)
{
	settings_load(&config, "MCP_CLIENT_ID", DOOR);
	door = door_new(&config, NULL);
	return 0;
}

static int tear_down(void **state)
{
	door_free(door);
	config_done(&config);
	return 0;
}

/* The Location, or why there is none.  The caller frees it. */
static char *verdict(const char *query)
{
	struct buf location;
	autoerr(err);

	buf_init(&location);
	if (authorize_location(door, query, &location, &err))
		return location.data;
	assert_int_equal(location.len, 0);
	return xstrdup(err_info(err.code)->slug);
}

static void assert_verdict(const char *query, const char *expected)
{
	autofree char *got = verdict(query);

	check(!strcmp(got, expected), "%s\n gives %s\n not   %s", query, got, expected);
}

static void the_scope_is_ours_whatever_was_asked(void **state)
{
	static const char *const SCOPES[] = {"", "&scope=access_as_user", "&scope=openid+profile",
		"&scope=api%3A%2F%2F" CLIENT "%2F.default",
		"&scope=", "&scope=https%3A%2F%2Fgraph.microsoft.com%2FMail.Send",
		"&scope=api%3A%2F%2F" CLIENT "%2Faccess_as_user", "&scope=a,b"};

	for (size_t i = 0; i < COUNT_OF(SCOPES); i++) {
		char query[1024];

		snprintf(query, sizeof(query), "%s%s", GOOD, SCOPES[i]);
		assert_verdict(query, SENT);
	}
}

static void the_resource_is_dropped_and_has_to_be_ours(void **state)
{
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp", SENT);
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp%2F", SENT);
	assert_verdict(GOOD "&resource=", SENT);
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp%2F%2F",
		"invalid_target");
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools", "invalid_target");
	assert_verdict(
		GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp2", "invalid_target");
	assert_verdict(GOOD "&resource=https%3A%2F%2Fother.example%2Fmcp", "invalid_target");
	assert_verdict(GOOD "&resource=x,y", "invalid_target");
}

/* As URL parsers write one again: WHATWG URL, "URL serializing". */
static void a_resource_is_ours_as_any_reader_of_urls_writes_it(void **state)
{
	static const struct setting_change CHANGES[] = {{"MCP_CLIENT_ID", DOOR},
		{"MCP_RESOURCE", "https://Apim.Example.com:443/Tools/mcp"}};

	tear_down(NULL);
	settings_load_changed(&config, CHANGES, COUNT_OF(CHANGES));
	door = door_new(&config, NULL);
	assert_verdict(GOOD "&resource=https%3A%2F%2FApim.Example.com%3A443%2FTools%2Fmcp", SENT);
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%2FTools%2Fmcp", SENT);
	assert_verdict(GOOD "&resource=HTTPS%3A%2F%2Fapim.example.com%2FTools%2Fmcp%2F", SENT);
	assert_verdict(
		GOOD "&resource=https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp", "invalid_target");
	assert_verdict(GOOD "&resource=https%3A%2F%2Fapim.example.com%3A8443%2FTools%2Fmcp",
		"invalid_target");
	assert_verdict(
		GOOD "&resource=http%3A%2F%2Fapim.example.com%2FTools%2Fmcp", "invalid_target");
}

static void what_entra_understands_is_sent_on_encoded_anew(void **state)
{
	assert_verdict(GOOD "&state=a+b%2Cc%26d%3D%E2%82%AC&login_hint=a%40b.example&domain_hint="
			    "b.example&claims=%7B%22a%22%3A1%2C%22b%22%3A2%7D",
		SENT "&state=a%20b%2Cc%26d%3D%E2%82%AC&login_hint=a%40b.example&domain_hint="
		     "b.example&claims=%7B%22a%22%3A1%2C%22b%22%3A2%7D");
	assert_verdict(GOOD "&response_mode=query", SENT);
}

static void words_of_the_scope_become_claims(void **state)
{
	assert_verdict(
		GOOD "&scope=access_as_user+claims.eyJhIjoxfQ", SENT "&claims=%7B%22a%22%3A1%7D");
	assert_verdict(GOOD "&claims=%7B%22a%22%3A2%2C%22b%22%3A3%7D&scope=claims.eyJhIjoxfQ",
		SENT "&claims=%7B%22b%22%3A3%2C%22a%22%3A1%7D");
	assert_verdict(GOOD "&scope=claims.W10", "bad_request");
	assert_verdict(GOOD "&scope=claims.eyJhIjoxfQ,claims.eyJhIjoxfQ", "bad_request");
}

static void a_prompt_is_sent_on_only_as_one_that_locks_nobody_out(void **state)
{
	assert_verdict(GOOD "&prompt=login", SENT "&prompt=login");
	assert_verdict(GOOD "&prompt=select_account", SENT "&prompt=select_account");
	assert_verdict(GOOD "&prompt=none", SENT "&prompt=none");
	assert_verdict(GOOD "&prompt=consent", SENT);
	assert_verdict(GOOD "&prompt=login+consent", SENT);
	assert_verdict(GOOD "&prompt=LOGIN", SENT);
}

static void all_else_is_dropped(void **state)
{
	assert_verdict(GOOD "&nonce=n&id_token_hint=x&request=y&ui_locales=de&client_secret=s&"
			    "foo=1&foo=2&access_type=offline",
		SENT);
}

static void what_makes_no_code_with_pkce_is_refused(void **state)
{
	assert_verdict(WHO PKCE, "bad_request");
	assert_verdict(WHO "&response_type=token" PKCE, "unsupported_response_type");
	assert_verdict(WHO "&response_type=code+id_token" PKCE, "unsupported_response_type");
	assert_verdict(WHO "&response_type=Code" PKCE, "unsupported_response_type");
	assert_verdict(GOOD "&response_mode=form_post", "bad_request");
	assert_verdict(GOOD "&response_mode=fragment", "bad_request");
	assert_verdict(WHO "&response_type=code", "bad_request");
	assert_verdict(WHO "&response_type=code&code_challenge=" CHALLENGE, "bad_request");
	assert_verdict(WHO
		"&response_type=code&code_challenge_method=plain&code_challenge=" CHALLENGE,
		"bad_request");
	assert_verdict(WHO "&response_type=code&code_challenge_method=S256", "bad_request");
	assert_verdict(WHO "&response_type=code&code_challenge_method=S256&code_challenge=short",
		"bad_request");
	assert_verdict(GOOD "x", "bad_request");
	assert_verdict(WHO "&response_type=code&code_challenge_method=S256&code_challenge="
			   "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c%2B",
		"bad_request");
}

static void who_asks_and_where_to_come_back_are_checked_first(void **state)
{
	assert_verdict("", "invalid_client");
	assert_verdict("client_id=x", "invalid_client");
	assert_verdict("client_id=" DOOR, "bad_request");
	assert_verdict("client_id=" DOOR "&redirect_uri=https%3A%2F%2Fevil.example%2F",
		"invalid_redirect_uri");
}

/* The Functions host joins them with a comma in one of its modes. */
static void what_came_twice_is_refused_by_count_or_by_grammar(void **state)
{
	static const char *const PAIRS[][2] = {{"client_id", DOOR},
		{"redirect_uri", "http://localhost/"}, {"response_type", "code"},
		{"code_challenge", CHALLENGE}, {"code_challenge_method", "S256"},
		{"response_mode", "query"}, {"resource", "https://apim.example.com/tools/mcp"},
		{"login_hint", "a@b.example"}, {"domain_hint", "b.example"}, {"prompt", "login"},
		{"claims", "%7B%7D"}};

	assert_verdict(GOOD "&state=a&state=a", "bad_request");
	assert_verdict(GOOD "&scope=a&scope=b", "bad_request");
	assert_verdict(GOOD "&CLIENT_ID=" DOOR, "bad_request");
	for (size_t twice = 0; twice < COUNT_OF(PAIRS); twice++) {
		struct buf counted, joined;
		autofree char *got = NULL;

		buf_init(&counted);
		buf_init(&joined);
		for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
			const char *name = PAIRS[i][0], *value = PAIRS[i][1];

			buf_addf(&counted, "%s=%s&", name, value);
			buf_addf(&joined, "%s=%s", name, value);
			if (i == twice)
				buf_addf(&joined, ",%s", value);
			buf_adds(&joined, "&");
		}
		got = verdict(buf_text(&counted));
		check(!strncmp(got, "https:", 6), "once: %s", got);
		buf_addf(&counted, "%s=%s", PAIRS[twice][0], PAIRS[twice][1]);
		assert_verdict(buf_text(&counted), "bad_request");
		free(got);
		got = verdict(buf_text(&joined));
		check(strncmp(got, "https:", 6) != 0, "%s joined: %s", PAIRS[twice][0], got);
		buf_done(&counted);
		buf_done(&joined);
	}
}

static void no_value_may_be_too_long(void **state)
{
	static const struct {
		const char *name;
		int max;
	} CASES[] = {{"state", 4096}, {"login_hint", 512}, {"domain_hint", 512}};
	static char query[16384];

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *at_most = NULL;
		int n = snprintf(query, sizeof(query), "%s&%s=", GOOD, CASES[i].name);

		memset(query + n, 'a', (size_t)CASES[i].max + 1);
		query[n + CASES[i].max + 1] = '\0';
		assert_verdict(query, "bad_request");
		query[n + CASES[i].max] = '\0';
		at_most = verdict(query);
		check(!strncmp(at_most, "https:", 6), "%s", CASES[i].name);
	}
}

static void claims_are_one_json_object_of_4_kib_and_the_location_is_bounded(void **state)
{
	static char query[70000], value[4200];
	int n = snprintf(query, sizeof(query), "%s&claims=", GOOD);

	assert_verdict(GOOD "&claims=%5B1%5D", "bad_request");
	assert_verdict(GOOD "&claims=x", "bad_request");
	memset(value, ' ', sizeof(value));
	memcpy(value, "{}", 2);
	for (size_t i = 2; i < 4097; i++)
		value[i] = '+';
	snprintf(query + n, sizeof(query) - (size_t)n, "%%7B%%7D%.4095s", value + 2);
	assert_verdict(query, "bad_request");
	/* each of 4,000 three bytes long, and 3,000 more of state */
	snprintf(query + n, sizeof(query) - (size_t)n, "%%7B%%7D%.4000s&state=%.3000s", value + 2,
		value + 2);
	assert_verdict(query, "bad_request");
	memset(query, 'a', sizeof(query) - 1);
	query[sizeof(query) - 1] = '\0';
	assert_verdict(query, "bad_request");
}

static void the_remedy_is_the_command_that_adds_the_address(void **state)
{
	struct buf about, remedy;

	buf_init(&about);
	buf_init(&remedy);
	authorize_help(door,
		"client_id=" DOOR
		"&redirect_uri=https%3A%2F%2Fchatgpt.com%2Fconnector%2Foauth%2Fa1",
		&about, &remedy);
	assert_string_equal(buf_text(&about), "https://chatgpt.com/connector/oauth/a1");
	assert_string_equal(buf_text(&remedy),
		"make redirect-uri RG=GROUP URI='https://chatgpt.com/connector/oauth/a1'");
	buf_done(&about);
	buf_done(&remedy);
}

/* Its registration is not the public one's, which is to have no more addresses than it needs. */
static void the_remedy_for_a_client_of_its_own_registers_nothing_at_the_public_one(void **state)
{
	static const struct setting_change CHANGES[] = {{"MCP_CLIENT_ID", DOOR},
		{"ALLOWED_CLIENT_IDS", CLIENT}, {"MCP_REDIRECT_URIS", "https://a.example/cb"}};
	struct buf about, remedy;

	tear_down(NULL);
	settings_load_changed(&config, CHANGES, COUNT_OF(CHANGES));
	door = door_new(&config, NULL);
	buf_init(&about);
	buf_init(&remedy);
	authorize_help(door, "client_id=" CLIENT "&redirect_uri=https%3A%2F%2Fb.example%2Fcb",
		&about, &remedy);
	assert_string_equal(buf_text(&remedy),
		"make redirect-uri RG=GROUP URI='https://b.example/cb' REGISTERED=yes");
	buf_done(&about);
	buf_done(&remedy);
}

/* Nobody's sentences stand on a page of ours. */
static void only_what_may_be_an_address_is_shown(void **state)
{
	static char query[1024] = "redirect_uri=https://a.example/";
	static const char *const BAD[] = {"redirect_uri=Your+account+is+locked.+Call+us.",
		"redirect_uri=https%3A%2F%2Fa.example%2F%E2%80%AEcb", query};
	struct buf about, remedy;

	memset(query + strlen(query), 'a', 300);
	buf_init(&about);
	buf_init(&remedy);
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		authorize_help(door, BAD[i], &about, &remedy);
		check(!about.len && !remedy.len, "%s: %s", BAD[i], buf_text(&about));
	}
	authorize_help(door, "redirect_uri=cursor%3A%2F%2Fx", &about, &remedy);
	assert_string_equal(buf_text(&about), "cursor://x");
	buf_done(&about);
	buf_done(&remedy);
}

static void what_could_run_something_else_is_in_no_command(void **state)
{
	static const char *const URIS[] = {"https%3A%2F%2Fa.example%2F'%3Bid%3B'",
		"cursor%3A%2F%2Fx", "https%3A%2F%2Fa.example%2F%22",
		"https%3A%2F%2Fa.example%2F%60id%60", "https%3A%2F%2Fa.example%2Fa%2Cb",
		"https%3A%2F%2Fa.example%2F%24(shell%2Bid)",
		"https%3A%2F%2Fa.example%2F%24%7BHOME%7D", "https%3A%2F%2Fa.example%2Fa%23b"};

	for (size_t i = 0; i < COUNT_OF(URIS); i++) {
		char query[256];
		struct buf about, remedy;

		buf_init(&about);
		buf_init(&remedy);
		snprintf(query, sizeof(query), "client_id=" DOOR "&redirect_uri=%s", URIS[i]);
		authorize_help(door, query, &about, &remedy);
		check(about.len && !remedy.len, "%s: %s", URIS[i], buf_text(&remedy));
		buf_done(&about);
		buf_done(&remedy);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_scope_is_ours_whatever_was_asked),
		TEST(the_resource_is_dropped_and_has_to_be_ours),
		TEST(a_resource_is_ours_as_any_reader_of_urls_writes_it),
		TEST(what_entra_understands_is_sent_on_encoded_anew),
		TEST(words_of_the_scope_become_claims),
		TEST(a_prompt_is_sent_on_only_as_one_that_locks_nobody_out),
		TEST(all_else_is_dropped),
		TEST(what_makes_no_code_with_pkce_is_refused),
		TEST(who_asks_and_where_to_come_back_are_checked_first),
		TEST(what_came_twice_is_refused_by_count_or_by_grammar),
		TEST(no_value_may_be_too_long),
		TEST(claims_are_one_json_object_of_4_kib_and_the_location_is_bounded),
		TEST(the_remedy_is_the_command_that_adds_the_address),
		TEST(the_remedy_for_a_client_of_its_own_registers_nothing_at_the_public_one),
		TEST(only_what_may_be_an_address_is_shown),
		TEST(what_could_run_something_else_is_in_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
