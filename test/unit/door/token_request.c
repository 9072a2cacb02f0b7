#include "door/token_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "stage/support.h"

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"
#define OTHER "aaaaaaaa-93b4-4f26-8a7d-2e6f1b3c4d50"
#define CIMD "https%3A%2F%2Fapp.example%2Fclient.json"
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CODE                                                                                       \
	"grant_type=authorization_code&code=c0de&code_verifier=" VERIFIER                          \
	"&redirect_uri=http%3A%2F%2F127.0.0.1%3A7%2Fcallback"
#define REFRESH "grant_type=refresh_token&refresh_token=r.1"
#define SCOPE "&scope=api%3A%2F%2F" CLIENT "%2Faccess_as_user%20offline_access"
#define SENT_CODE(id)                                                                              \
	"client_id=" id "&grant_type=authorization_code" SCOPE "&code=c0de&redirect_uri="          \
	"http%3A%2F%2Flocalhost%3A7%2Fcallback&code_verifier=" VERIFIER
#define SENT_REFRESH "client_id=" DOOR "&grant_type=refresh_token" SCOPE "&refresh_token=r.1"

static struct config config;
static struct door *door;
static struct request request; /* headers added here go with the next */

static int set_up(void **state)
{
	static const struct setting_change CHANGES[] = {
		{"MCP_CLIENT_ID", DOOR}, {"ALLOWED_CLIENT_IDS", OTHER}};

	settings_load_changed(&config, CHANGES, COUNT_OF(CHANGES));
	door = door_new(&config, NULL);
	return 0;
}

static int tear_down(void **state)
{
	door_free(door);
	config_done(&config);
	return 0;
}

static void header(const char *name, const char *value)
{
	request.headers[request.header_count++] = (struct header){name, value};
}

/* The form for Entra, or why there is none.  The caller frees it. */
static char *verdict(const char *body)
{
	struct token_request read;
	autoerr(err);
	char *got;

	if (!request_header(&request, "Content-Type"))
		header("Content-Type", "application/x-www-form-urlencoded");
	request.body = body;
	request.body_len = strlen(body);
	if (token_request_read(door, &request, &read, &err))
		got = xstrdup(buf_text(&read.form));
	else
		got = xstrdup(err_info(err.code)->slug);
	token_request_done(&read);
	request = (struct request){0};
	return got;
}

static void assert_verdict(const char *body, const char *expected)
{
	autofree char *got = verdict(body);

	check(!strcmp(got, expected), "%s\n gives %s\n not   %s", body, got, expected);
}

/* The same with HTTP Basic. */
static void assert_with_basic(const char *pair, const char *body, const char *expected)
{
	struct buf value;

	buf_init(&value);
	buf_adds(&value, "Basic ");
	b64_encode(&value, pair, strlen(pair));
	header("Authorization", buf_text(&value));
	assert_verdict(body, expected);
	buf_done(&value);
}

static void a_code_is_asked_for_with_our_scope_and_entras_redirect(void **state)
{
	assert_verdict(CODE "&client_id=" DOOR, SENT_CODE(DOOR));
	assert_verdict(CODE "&client_id=" DOOR "&scope=openid&resource="
			    "https%3A%2F%2Fapim.example.com%2Ftools%2Fmcp%2F&state=x&nonce=y",
		SENT_CODE(DOOR));
	assert_verdict(CODE "&client_id=" CIMD, SENT_CODE(DOOR));
}

static void a_refresh_is_asked_for_with_our_scope(void **state)
{
	assert_verdict(REFRESH "&client_id=" DOOR, SENT_REFRESH);
	assert_verdict(
		REFRESH "&client_id=" CIMD "&scope=x&code=left&redirect_uri=out", SENT_REFRESH);
}

static void the_public_client_sends_no_secret_and_no_assertion(void **state)
{
	assert_verdict(REFRESH "&client_id=" DOOR "&client_secret=s&client_assertion=a&"
			       "client_assertion_type=t",
		SENT_REFRESH);
	assert_verdict(REFRESH "&client_id=" CIMD "&client_secret=", SENT_REFRESH);
}

static void an_allowed_client_sends_its_own(void **state)
{
	assert_verdict(CODE "&client_id=" OTHER "&client_secret=s%26",
		"client_id=" OTHER "&grant_type=authorization_code" SCOPE "&client_secret=s%26"
		"&code=c0de&redirect_uri=http%3A%2F%2Flocalhost%3A7%2Fcallback&code_"
		"verifier=" VERIFIER);
	assert_verdict(REFRESH "&client_id=" OTHER
			       "&client_assertion=a.b&client_assertion_type=urn%3Ax",
		"client_id=" OTHER "&grant_type=refresh_token" SCOPE
		"&client_assertion_type=urn%3Ax&client_assertion=a.b&refresh_token=r.1");
	assert_verdict(REFRESH "&client_id=" OTHER "&client_assertion=a.b",
		"client_id=" OTHER "&grant_type=refresh_token" SCOPE "&refresh_token=r.1");
	assert_verdict(REFRESH "&client_id=" OTHER "&client_secret=",
		"client_id=" OTHER "&grant_type=refresh_token" SCOPE "&refresh_token=r.1");
}

static void http_basic_is_read_as_if_it_stood_in_the_form(void **state)
{
	assert_with_basic(CIMD ":", REFRESH, SENT_REFRESH);
	assert_with_basic(CIMD ":s", REFRESH, SENT_REFRESH);
	assert_with_basic("https://app.example:8443/client.json:", REFRESH, SENT_REFRESH);
	assert_with_basic(DOOR ":", REFRESH "&client_id=" DOOR, SENT_REFRESH);
	assert_with_basic(OTHER ":a%3Ab+c:d", REFRESH,
		"client_id=" OTHER "&grant_type=refresh_token" SCOPE
		"&client_secret=a%3Ab%20c%3Ad&refresh_token=r.1");
}

static void http_basic_that_says_something_else_is_refused(void **state)
{
	assert_with_basic(OTHER ":s", REFRESH "&client_id=" DOOR, "bad_request");
	assert_with_basic(OTHER ":s", REFRESH "&client_secret=t", "bad_request");
	assert_with_basic("x:s", REFRESH, "invalid_client");
	assert_with_basic(":s", REFRESH, "invalid_client");
	assert_with_basic(DOOR, REFRESH, "bad_request");
	assert_with_basic(DOOR ":s&client_id=x", REFRESH, "bad_request");
	assert_with_basic(DOOR ":%0a", REFRESH, "bad_request");
	header("Authorization", "Basic YTpiAGM="); /* with a NUL in it */
	assert_verdict(REFRESH, "bad_request");
	header("Authorization", "Basic !");
	assert_verdict(REFRESH, "bad_request");
	header("Authorization", "Bearer x");
	assert_verdict(REFRESH "&client_id=" DOOR, "invalid_client");
	header("Authorization", "Basic eDp5");
	header("Authorization", "Basic eDp5");
	assert_verdict(REFRESH, "bad_request");
}

static void http_basic_and_a_verifier_have_a_longest_form(void **state)
{
	static char value[8300] = "Basic ", body[512];

	memset(value + strlen(value), 'A', 8192 - 6 + 1);
	header("Authorization", value);
	assert_verdict(REFRESH "&client_id=" DOOR, "invalid_client");
	snprintf(body, sizeof(body),
		"grant_type=authorization_code&code=c&client_id=" DOOR
		"&redirect_uri=http%%3A%%2F%%2Flocalhost%%2F&code_verifier=%0129d",
		1);
	assert_verdict(body, "bad_request");
}

static void other_grants_are_not_sent_on(void **state)
{
	static const char *const OTHERS[] = {"password", "client_credentials", "device_code",
		"urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
		"urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange", "Authorization_code",
		"refresh_token%20"};

	for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
		char body[256];

		snprintf(body, sizeof(body), "grant_type=%s&client_id=" DOOR, OTHERS[i]);
		assert_verdict(body, "unsupported_grant_type");
	}
	assert_verdict("client_id=" DOOR, "bad_request");
}

static void strangers_foreign_resources_and_foreign_redirects_are_refused(void **state)
{
	assert_verdict(CODE, "invalid_client");
	assert_verdict(CODE "&client_id=00000000-93b4-4f26-8a7d-2e6f1b3c4d50", "invalid_client");
	assert_verdict(CODE "&client_id=" DOOR "&resource=https%3A%2F%2Fgraph.microsoft.com",
		"invalid_target");
	assert_verdict("grant_type=authorization_code&code=c&code_verifier=" VERIFIER
		       "&client_id=" DOOR "&redirect_uri=https%3A%2F%2Fevil.example%2F",
		"invalid_redirect_uri");
}

static void what_entra_would_use_the_code_up_for_is_refused_before(void **state)
{
	assert_verdict("grant_type=authorization_code&code=c&client_id=" DOOR
		       "&redirect_uri=http%3A%2F%2Flocalhost%2F",
		"bad_request");
	assert_verdict("grant_type=authorization_code&code=c&code_verifier=short&client_id=" DOOR
		       "&redirect_uri=http%3A%2F%2Flocalhost%2F",
		"bad_request");
	assert_verdict("grant_type=authorization_code&code=c&code_verifier=" VERIFIER "%2B&"
		       "client_id=" DOOR "&redirect_uri=http%3A%2F%2Flocalhost%2F",
		"bad_request");
	assert_verdict("grant_type=authorization_code&code=c&code_verifier=" VERIFIER
		       "&client_id=" DOOR,
		"bad_request");
	assert_verdict("grant_type=authorization_code&code_verifier=" VERIFIER "&client_id=" DOOR
		       "&redirect_uri=http%3A%2F%2Flocalhost%2F",
		"bad_request");
	assert_verdict("grant_type=refresh_token&client_id=" DOOR, "bad_request");
}

static void only_one_form_is_taken(void **state)
{
	static const char *const NAMES[] = {"grant_type", "client_id", "client_secret", "code",
		"redirect_uri", "code_verifier", "refresh_token", "resource", "scope",
		"client_assertion", "client_assertion_type"};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
		char body[1024];

		snprintf(body, sizeof(body), "%s&client_id=" DOOR "&%s=a&%s=a", CODE, NAMES[i],
			NAMES[i]);
		assert_verdict(body, "bad_request");
	}
	header("Content-Type", "application/json");
	assert_verdict("{}", "unsupported_media_type");
	header("Content-Type", "multipart/form-data; boundary=x");
	assert_verdict(CODE, "unsupported_media_type");
	header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
	assert_verdict(REFRESH "&client_id=" DOOR, SENT_REFRESH);
	assert_verdict(REFRESH "&client_id=" DOOR "&x=%00", "bad_request");
	assert_verdict(REFRESH "&client_id=" DOOR "&x=%0D%0AX-Evil%3A%201", "bad_request");
}

static void a_refresh_asks_for_claims_and_a_code_does_not(void **state)
{
	assert_verdict(REFRESH "&client_id=" DOOR "&scope=x+claims.eyJhIjoxfQ",
		SENT_REFRESH "&claims=%7B%22a%22%3A1%7D");
	assert_verdict(REFRESH "&client_id=" DOOR
			       "&scope=claims.eyJhIjoxfQ&claims=%7B%22a%22%3A2%7D",
		SENT_REFRESH "&claims=%7B%22a%22%3A1%7D");
	assert_verdict(REFRESH "&client_id=" DOOR "&scope=claims.W10", "bad_request");
	assert_verdict(REFRESH "&client_id=" DOOR "&claims=x", "bad_request");
	assert_verdict(REFRESH "&client_id=" DOOR "&claims=%7B%7D&claims=%7B%7D", "bad_request");
	assert_verdict(CODE "&client_id=" DOOR "&scope=x+claims.eyJhIjoxfQ", SENT_CODE(DOOR));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_is_asked_for_with_our_scope_and_entras_redirect),
		TEST(a_refresh_is_asked_for_with_our_scope),
		TEST(the_public_client_sends_no_secret_and_no_assertion),
		TEST(an_allowed_client_sends_its_own),
		TEST(http_basic_is_read_as_if_it_stood_in_the_form),
		TEST(http_basic_that_says_something_else_is_refused),
		TEST(http_basic_and_a_verifier_have_a_longest_form),
		TEST(other_grants_are_not_sent_on),
		TEST(strangers_foreign_resources_and_foreign_redirects_are_refused),
		TEST(what_entra_would_use_the_code_up_for_is_refused_before),
		TEST(only_one_form_is_taken),
		TEST(a_refresh_asks_for_claims_and_a_code_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
