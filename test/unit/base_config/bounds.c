/* How long a setting may be, and of which characters. */
#include <stdio.h>
#include <string.h>

#include "stage/support.h"

/* A longer value would be no mistake of the grammar: only its length is. */
static const struct bound {
	const char *name, *start;
	size_t longest; /* bytes */
} BOUNDS[] = {
	{"CLIENT_SECRET", "", 1024},
	{"APIM_GATEWAY_URL", "https://h/", 2048},
	{"AUTHORITY_HOST", "https://", 267},
	{"GRAPH_BASE_URL", "https://", 267},
	{"GRAPH_SCOPE", "", 512},
	{"CONSENT_REDIRECT_URI", "https://h/", 256},
	{"REQUIRED_SCOPE", "", 128},
	{"ALLOWED_CLIENT_IDS", CLIENT ",", 16384},
	{"ALLOWED_ORIGINS", "https://h,https://", 16384},
	{"MCP_RESOURCE", "https://h/", 2048},
	{"ACCESS_TOKEN", "", 16384},
	{"ACCESS_TOKEN_COMMAND", "", 8192},
};

/* What is found wrong with a complete configuration that has this setting; "": nothing.  The value
 * is its own, named and never shown. */
static const char *problem_with(const char *name, const char *value)
{
	const struct setting_change changes[] = {
		{"MANAGED_IDENTITY", strncmp(name, "IDENTITY_", 9) ? NULL : "system"},
		{"CLIENT_SECRET", strncmp(name, "IDENTITY_", 9) ? "s3cr3t" : NULL}, {name, value},
		{"IDENTITY_ENDPOINT", "http://127.0.0.1/msi"}, {"IDENTITY_HEADER", "h34der"}};
	bool credential = !strcmp(name, "CLIENT_SECRET");
	static char text[256];
	struct config config;

	*text = '\0';
	settings_load_changed(&config, changes + (credential ? 2 : 0), credential ? 1 : 5);
	if (config.problem_count) {
		assert_int_equal(config.problem_count, 1);
		assert_string_equal(config.problems[0].name, name);
		snprintf(text, sizeof(text), "%s", config.problems[0].text);
	}
	config_done(&config);
	return text;
}

/* start and as many letters or, in a list, ends of an entry as make n bytes; the caller frees it.
 */
static char *value_of(const char *start, size_t n)
{
	char *value = xcalloc(n + 1, 1);
	size_t len = strlen(start);

	memset(value, strchr(start, ',') && *start != 'h' ? ',' : 'a', n);
	memcpy(value, start, len);
	return value;
}

static void a_value_has_a_longest_length_and_its_excess_is_named_as_that(void **state)
{
	for (size_t i = 0; i < COUNT_OF(BOUNDS); i++) {
		const struct bound *bound = &BOUNDS[i];
		autofree char *fits = value_of(bound->start, bound->longest);
		autofree char *over = value_of(bound->start, bound->longest + 1);
		const char *text;
		char expected[64];

		text = problem_with(bound->name, fits);
		check(!*text, "%s of %zu: %s", bound->name, bound->longest, text);
		text = problem_with(bound->name, over);
		snprintf(expected, sizeof(expected), "is longer than %zu bytes; ", bound->longest);
		check(!strncmp(text, expected, strlen(expected)), "%s of %zu: \"%s\"", bound->name,
			bound->longest + 1, text);
	}
}

static const char *far_too_long(const char *name)
{
	static char value[100001];

	(void)name;
	if (!*value)
		memset(value, 'x', sizeof(value) - 1);
	return value;
}

static void no_setting_is_taken_at_any_length(void **state)
{
	struct config config;

	config_load(&config, far_too_long);
	for (size_t i = 0; i < config.problem_count; i++)
		assert_null(strstr(config.problems[i].text, "xx"));
	assert_null(config.client_secret.data);
	assert_null(config.access_token.data);
	assert_null(config.identity_header.data);
	assert_string_equal(config.access_token_command, "");
	assert_string_equal(config.identity_endpoint, "");
	assert_string_equal(config.required_scope, "access_as_user");
	assert_string_equal(config.graph_scope, "https://graph.microsoft.com/User.Read");
	config_done(&config);
}

struct grammar {
	const char *name;
	const char *good[8], *bad[12]; /* up to NULL */
};

static const struct grammar GRAMMARS[] = {
	{"REQUIRED_SCOPE", {"access_as_user", "Tools.Read", "a:b/c", "!#[]~,"},
		{"caf\xc3\xa9", "\xff", "a b", " ", "a\"b", "a\\b", "a\x7f", "a\tb"}},
	{"GRAPH_SCOPE", {"https://graph.microsoft.com/.default", "a b", "a b c"},
		{"caf\xc3\xa9", "a  b", " a", "a ", " ", "a\"b", "a\\b", "a\tb"}},
	{"APIM_GATEWAY_URL", {"https://h/a-b_c.d~e/f:@!$&'()*+,;="},
		{"https://h/caf\xc3\xa9", "https://h/\xff", "https://h/a|b", "https://h/a^b",
			"https://h/`"}},
	{"MCP_RESOURCE", {"https://h/mcp/"}, {"https://h/caf\xc3\xa9", "https://h/[a]"}},
	{"CONSENT_REDIRECT_URI", {"https://h/back"}, {"https://h/caf\xc3\xa9", "https://h/a|b"}},
	{"CLIENT_SECRET", {"aB~ 8Q.%+&=<x"}, {"caf\xc3\xa9", "a\x7f"}},
	{"ACCESS_TOKEN", {"eyJ.e30.AQID", "a-._~+/="}, {"caf\xc3\xa9", "a b", "a,b", "a\"b"}},
	{"ALLOWED_CLIENT_IDS", {CLIENT ",,"}, {",", " ", " , ,", "\xc3\xa9"}},
	{"ALLOWED_ORIGINS", {"https://h,"}, {",", " ", " , ,", "https://caf\xc3\xa9"}},
	{"IDENTITY_HEADER", {"853B9A84-5BFA-4B22-A3F3-0B9A43D9AD8A"}, {"caf\xc3\xa9", "a\nb"}},
};

static void a_value_keeps_its_grammar(void **state)
{
	for (size_t i = 0; i < COUNT_OF(GRAMMARS); i++) {
		const struct grammar *grammar = &GRAMMARS[i];

		for (size_t j = 0; grammar->good[j]; j++)
			check(!*problem_with(grammar->name, grammar->good[j]), "%s=%s: %s",
				grammar->name, grammar->good[j],
				problem_with(grammar->name, grammar->good[j]));
		for (size_t j = 0; grammar->bad[j]; j++)
			check(*problem_with(grammar->name, grammar->bad[j]), "%s=%s is taken",
				grammar->name, grammar->bad[j]);
	}
}

static void the_platforms_identity_is_asked_in_plain_http_on_this_machine_only(void **state)
{
	static const char *const GOOD[] = {"http://localhost:8081/msi/token",
		"http://127.0.0.1:41/msi/token/", "http://169.254.129.3:8081/msi/token",
		"http://169.254.255.254/", "https://identity.example/token"};
	static const char *const BAD[] = {"http://identity.example/token", "http://10.0.0.4/msi",
		"http://169.254.1.2.evil.example/", "http://169.254.1/", "http://169.254.1.256/",
		"http://169.254.01.2/", "http://169.2540.1.2/", "http://170.254.1.2/",
		"http://169.255.1.2/", "http://user@169.254.1.2/", "http://169.254.1.2/?a=b",
		"ftp://localhost/", "msi", "https://h/\xc3\xa9"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(!*problem_with("IDENTITY_ENDPOINT", GOOD[i]), "%s is refused", GOOD[i]);
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(*problem_with("IDENTITY_ENDPOINT", BAD[i]), "%s is taken", BAD[i]);
}

static void the_platforms_variables_are_no_matter_to_an_app_that_does_not_use_them(void **state)
{
	const struct setting_change changes[] = {
		{"IDENTITY_ENDPOINT", "http://identity.example"}, {"IDENTITY_HEADER", "a b"}};
	struct config config;

	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0);
	assert_string_equal(config.identity_endpoint, "");
	assert_null(config.identity_header.data);
	config_done(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_has_a_longest_length_and_its_excess_is_named_as_that),
		cmocka_unit_test(no_setting_is_taken_at_any_length),
		cmocka_unit_test(a_value_keeps_its_grammar),
		cmocka_unit_test(
			the_platforms_identity_is_asked_in_plain_http_on_this_machine_only),
		cmocka_unit_test(
			the_platforms_variables_are_no_matter_to_an_app_that_does_not_use_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
