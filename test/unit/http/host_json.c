#include "http/host_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage/support.h"

static char folder[] = "/tmp/host_json-XXXXXX";
static char root[64], file[64];

static int set_up(void **state)
{
	assert_non_null(mkdtemp(folder));
	snprintf(root, sizeof(root), "FUNCTIONS_APP_ROOT_PATH=%s", folder);
	snprintf(file, sizeof(file), "%s/host.json", folder);
	return 0;
}

static int tear_down(void **state)
{
	unlink(file);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *out = fopen(file, "w");

	fputs(text, out);
	fclose(out);
}

/* With host.json as it is and one app setting (NULL: none). */
static bool envelopes(const char *setting)
{
	char *environment[] = {"PATH=/bin", root, (char *)setting, NULL};

	return host_sends_envelopes(environment);
}

#define CUSTOM(members) "{\"version\":\"2.0\",\"customHandler\":{\"description\":{}" members "}}"
#define ON(flag) ",\"enable" flag "HttpRequest\":true"
#define OFF(flag) ",\"enable" flag "HttpRequest\":false"

static void envelopes_come_only_where_both_flags_are_off(void **state)
{
	static const struct {
		const char *text;
		bool envelopes;
	} CASES[] = {{CUSTOM(""), true}, {CUSTOM(OFF("Forwarding") OFF("Proxying")), true},
		{CUSTOM(ON("Forwarding")), false}, {CUSTOM(ON("Proxying")), false},
		{CUSTOM(ON("Forwarding") OFF("Proxying")), false},
		{CUSTOM(OFF("Forwarding") ON("Proxying")), false},
		{CUSTOM(",\"ENABLEforwardingHTTPRequest\":\"True\""), false},
		{CUSTOM(",\"enableForwardingHttpRequest\":\"false\""), true},
		{"{\"configurationProfile\":\"mcp-custom-handler\",\"customHandler\":{}}", false},
		{"{\"configurationProfile\":\"mcp-custom-handler\",\"customHandler\":{\"x\":1" OFF(
			 "Proxying") "}}",
			true},
		{"\xef\xbb\xbf// as the host takes it\n" CUSTOM("/**/"), true}, {"{}", true}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		write_file(CASES[i].text);
		check(envelopes(NULL) == CASES[i].envelopes, "%s", CASES[i].text);
	}
}

static void an_app_setting_goes_before_the_file(void **state)
{
	write_file(CUSTOM(ON("Forwarding")));
	assert_true(envelopes(
		"AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest=false"));
	assert_true(
		envelopes("azurefunctionsjobhost:CUSTOMHANDLER:enableforwardinghttprequest=False"));
	assert_false(envelopes("AzureFunctionsJobHost__customHandler__enableForwarding=false"));
	assert_false(envelopes(
		"AzureFunctionsJobHost__customHandler_enableForwardingHttpRequest=false"));
	write_file(CUSTOM(OFF("Forwarding")));
	assert_false(
		envelopes("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest=TRUE"));
}

static void without_a_host_json_that_can_be_read_none_are_expected(void **state)
{
	static const char *const TEXTS[] = {"", "{", "not JSON", "{\"customHandler\":{}} x"};

	unlink(file);
	assert_false(envelopes(NULL));
	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		write_file(TEXTS[i]);
		check(!envelopes(NULL), "%s", TEXTS[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes_come_only_where_both_flags_are_off),
		cmocka_unit_test(an_app_setting_goes_before_the_file),
		cmocka_unit_test(without_a_host_json_that_can_be_read_none_are_expected),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
