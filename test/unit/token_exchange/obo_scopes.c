/* What one user's calls for many scopes cost in exchanges, and what is whose. */
#include "token/obo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/engine.h"

#define G "https://graph.microsoft.com/"
#define NO_CONSENT                                                                                 \
	"{\"error\":\"invalid_grant\",\"error_codes\":[65001],\"suberror\":\"consent_required\"}"

static const char *const TEN[] = {G "User.Read", G "Mail.Read", G "Mail.ReadBasic",
	G "Calendars.Read", G "Files.Read", G "People.Read", G "Chat.Read", G "Tasks.Read",
	G "Sites.Read.All", G "Contacts.Read " G "User.Read"};
#define ALL_TEN                                                                                    \
	"openid profile " G "Mail.ReadBasic Mail.Read User.Read Calendars.Read files.read "        \
	"People.Read Chat.Read Tasks.Read Sites.Read.All CONTACTS.READ " G ".default"

struct asking {
	const char *assertion, *tenant, *scope; /* tenant NULL: Ada's */
};

static struct entra_request request_of(const struct asking *asking, struct caller *caller)
{
	struct entra_request request;

	*caller = engine_caller(asking->assertion);
	if (asking->tenant)
		caller->tenant_id = (char *)asking->tenant;
	request = engine_request(caller);
	request.scope = asking->scope;
	return request;
}

/* The token that comes, or the error's code, and "!" behind it where an exchange was made. */
static void ask(const struct asking *asking, char ret[64], struct err *err)
{
	struct caller caller;
	struct entra_request request = request_of(asking, &caller);
	struct secret token = {0};
	enum token_source source = TOKEN_CACHED;
	int calls = upstream.call_count;
	bool good = obo_token(&engine.obo, &request, &token, &source, err);

	snprintf(ret, 64, "%s%s", good ? token.data : err_info(err->code)->slug,
		source != TOKEN_CACHED_REFRESH && upstream.call_count > calls ? "!" : "");
	secret_done(&token);
	secret_done(&caller.token);
}

static void assert_asks(const struct asking *asking, const char *expected)
{
	char outcome[64];
	autoerr(err);

	ask(asking, outcome, &err);
	assert_string_equal(outcome, expected);
}

static void assert_gets(const char *scope, const char *expected)
{
	assert_asks(&(struct asking){.assertion = "a", .scope = scope}, expected);
}

/* scope: JSON; NULL: the answer does not say. */
static void will_grant(const char *token, const char *scope)
{
	struct buf body;

	buf_init(&body);
	buf_addf(&body, "{\"access_token\":\"%s\",\"expires_in\":3600", token);
	if (scope)
		buf_addf(&body, ",\"scope\":%s", scope);
	buf_adds(&body, "}");
	upstream_answers(200, "", buf_text(&body));
	buf_done(&body);
}

static void one_exchange_serves_ten_tools_of_one_user(void **state)
{
	autofree char *scope = NULL;

	will_grant("g1", "\"" ALL_TEN "\"");
	for (size_t i = 0; i < COUNT_OF(TEN); i++)
		assert_gets(TEN[i], i ? "g1" : "g1!");
	scope = upstream_field(0, "scope");
	assert_string_equal(scope, TEN[0]); /* and no more than that was asked for */
}

static void an_exchange_is_made_for_what_no_token_holds_and_for_that_alone(void **state)
{
	autofree char *scope = NULL;

	will_grant("g1", "\"User.Read\"");
	will_grant("g2", "\"User.Read Mail.Read\"");
	assert_gets(G "User.Read", "g1!");
	assert_gets(G "Mail.Read", "g2!");
	scope = upstream_field(1, "scope");
	assert_string_equal(scope, G "Mail.Read");
	assert_gets(G "Mail.Read " G "User.Read", "g2");
	assert_gets(G "User.Read", "g1");
}

static void an_answer_that_does_not_say_grants_what_was_asked(void **state)
{
	static const char *const ANSWERS[] = {NULL, "null"};

	for (size_t i = 0; i < COUNT_OF(ANSWERS); i++) {
		const char *who = i ? "b" : "a";

		will_grant("g1", ANSWERS[i]);
		will_grant("g2", "\"\"");
		assert_asks(&(struct asking){who, NULL, G "Mail.Read " G "User.Read"}, "g1!");
		assert_asks(&(struct asking){who, NULL, G "Mail.Read"}, "g1");
		assert_asks(&(struct asking){who, NULL, G "Files.Read"}, "g2!");
		assert_asks(&(struct asking){who, NULL, G "Files.Read"}, "g2");
	}
}

static void what_it_says_that_is_no_scope_grants_nothing_to_others(void **state)
{
	static const char *const ANSWERS[] = {"[\"Mail.Read\"]", "{\"Mail.Read\":1}", "7", "true",
		"\"\"", "\"https://vault.azure.net/Mail.Read\"", "\"Mail.Read\\u0001\"",
		"\"Mail.Read,User.Read\"", "\"Mail.ReadWrite\"", "\"Mail\"",
		"\"https://graph.microsoft.com/.default\"", "\"\\\"Mail.Read\\\"\""};

	for (int i = 0; i < (int)COUNT_OF(ANSWERS); i++) {
		char who[8];

		snprintf(who, sizeof(who), "u%d", i);
		upstream_reset();
		will_grant("g1", ANSWERS[i]);
		will_grant("g2", NULL);
		assert_asks(&(struct asking){who, NULL, G "User.Read Mail.Read"}, "g1!");
		assert_asks(&(struct asking){who, NULL, G "User.Read Mail.Read"}, "g1");
		assert_asks(&(struct asking){who, NULL, G "Mail.Read"}, "g2!");
	}
}

static void a_default_scope_has_a_token_of_its_own_that_serves_the_others(void **state)
{
	will_grant("g1", "\"User.Read Mail.Read " G ".default\"");
	will_grant("g2", "\"User.Read Mail.Read " G ".default\"");
	assert_gets(G "User.Read", "g1!");
	assert_gets(G ".default", "g2!");
	assert_gets(G ".default", "g2");
	assert_gets(G "Mail.Read", "g2");
}

static void consent_that_is_missing_for_one_scope_hurts_no_other(void **state)
{
	char outcome[64];
	autoerr(err);

	upstream_answers(400, "", NO_CONSENT);
	will_grant("g1", "\"User.Read\"");
	ask(&(struct asking){"a", NULL, G "Mail.Read"}, outcome, &err);
	assert_string_equal(outcome, "consent_required!");
	assert_non_null(strstr(err_upstream(&err)->consent,
		"&scope=https%3A%2F%2Fgraph.microsoft.com%2FMail.Read"));
	assert_null(strstr(err_upstream(&err)->consent, "User.Read"));
	assert_gets(G "User.Read", "g1!");
	assert_gets(G "User.Read", "g1");
	assert_gets(G "Mail.Read", "consent_required"); /* held */
}

static void consent_that_was_given_meanwhile_serves_at_once(void **state)
{
	upstream_answers(400, "", NO_CONSENT);
	will_grant("g1", "\"User.Read Mail.Read\"");
	assert_gets(G "Mail.Read", "consent_required!");
	assert_gets(G "User.Read", "g1!");
	assert_gets(G "Mail.Read", "g1");
}

static void a_token_that_graph_refused_serves_no_scope_again(void **state)
{
	const struct asking asking = {"a", NULL, G "Mail.Read"};
	struct caller caller;
	struct entra_request request = request_of(&asking, &caller);
	struct secret token = {0};

	will_grant("g1", "\"User.Read Mail.Read\"");
	will_grant("g2", "\"User.Read Mail.Read\"");
	assert_gets(G "User.Read", "g1!");
	assert_gets(G "Mail.Read", "g1");
	secret_set(&token, "g1", 2);
	obo_drop(&engine.obo, &request, &token);
	assert_gets(G "User.Read", "g2!");
	assert_gets(G "Mail.Read", "g2");
	secret_done(&token);
	secret_done(&caller.token);
}

/* Of tenant, application and assertion any one that differs is another user's. */
static void a_token_serves_its_own_users_scopes_alone(void **state)
{
	static const char *const TENANTS[] = {TENANT, "22222222-2222-3333-4444-555555555555"};
	static const char *const ASSERTIONS[] = {"a", "b", "ab"};
	static const char *const CLIENTS[] = {CLIENT, "77777777-7777-8888-9999-aaaaaaaaaaaa"};
	int number = 0;

	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 12; i++) {
			struct asking asking = {ASSERTIONS[i % 3], TENANTS[i / 3 % 2], TEN[i % 10]};
			char token[8], expected[16];

			snprintf(token, sizeof(token), "g%d", number++ % 12);
			snprintf(expected, sizeof(expected), "%s%s", token, round ? "" : "!");
			free(engine.config.client_id);
			engine.config.client_id = xstrdup(CLIENTS[i / 6]);
			if (!round)
				will_grant(token, "\"" ALL_TEN "\"");
			else
				asking.scope = TEN[(i + 3) % 10];
			assert_asks(&asking, expected);
		}
	}
	assert_int_equal(upstream.call_count, 12);
}

static void a_renewal_asks_for_what_its_token_was_got_for(void **state)
{
	struct token_cache *cache = engine.obo.cache;
	autofree char *scope = NULL;

	upstream_answers(200, "",
		"{\"access_token\":\"g1\",\"expires_in\":3600,\"refresh_in\":1000,"
		"\"scope\":\"User.Read Mail.Read\"}");
	will_grant("g2", "\"Mail.Read\"");
	will_grant("g3", "\"User.Read\"");
	assert_gets(G "Mail.Read", "g1!");
	upstream.now_s = NOW_S + 1101;
	assert_gets(G "User.Read", "g1");
	obo_done(&engine.obo); /* lets the renewal end */
	obo_init(&engine.obo, &engine.entra, cache);
	scope = upstream_field(1, "scope");
	assert_string_equal(scope, G "Mail.Read");
	assert_gets(G "Mail.Read", "g2");
	assert_gets(G "User.Read", "g3!"); /* which it is granted no more */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_set_up, engine_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_exchange_serves_ten_tools_of_one_user),
		TEST(an_exchange_is_made_for_what_no_token_holds_and_for_that_alone),
		TEST(an_answer_that_does_not_say_grants_what_was_asked),
		TEST(what_it_says_that_is_no_scope_grants_nothing_to_others),
		TEST(a_default_scope_has_a_token_of_its_own_that_serves_the_others),
		TEST(consent_that_is_missing_for_one_scope_hurts_no_other),
		TEST(consent_that_was_given_meanwhile_serves_at_once),
		TEST(a_token_that_graph_refused_serves_no_scope_again),
		TEST(a_token_serves_its_own_users_scopes_alone),
		TEST(a_renewal_asks_for_what_its_token_was_got_for),
	};

	log_set_level(LOG_ERROR);
	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
