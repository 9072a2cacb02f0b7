#include "door/registration.h"

#include <string.h>

#include "base/json.h"
#include "stage/support.h"

#define DOOR "5d0c7e1a-93b4-4f26-8a7d-2e6f1b3c4d50"

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

static enum err_code refusal(const char *metadata)
{
	char *answer;
	autoerr(err);

	assert_false(registration_answer(door, metadata, strlen(metadata), &answer, &err));
	return err.code;
}

static void everyone_is_the_public_client_with_the_addresses_that_are_acceptable(void **state)
{
	static const char METADATA[] =
		"{\"client_name\":\"VS Code\",\"redirect_uris\":[\"http://127.0.0.1:33418/\","
		"\"cursor://anysphere.cursor-mcp/oauth/callback\",\"https://vscode.dev/redirect\","
		"\"https://evil.example/\",7,null],\"token_endpoint_auth_method\":"
		"\"client_secret_basic\",\"grant_types\":[\"password\"],\"scope\":\"x\"}";
	autofree char *answer = NULL;
	autoerr(err);

	assert_true(registration_answer(door, METADATA, strlen(METADATA), &answer, &err));
	assert_string_equal(answer,
		"{\"client_id\":\"" DOOR
		"\",\"client_name\":\"VS Code\",\"redirect_uris\":[\"http://127.0.0.1:33418/\","
		"\"https://vscode.dev/redirect\"],\"token_endpoint_auth_method\":\"none\","
		"\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":"
		"[\"code\"],\"scope\":\"api://" CLIENT "/access_as_user\"}");
}

static void a_client_without_a_name_is_given_none(void **state)
{
	static const char *const NAMELESS[] = {"{\"redirect_uris\":[\"http://localhost/\"]}",
		"{\"redirect_uris\":[\"http://localhost/\"],\"client_name\":7}"};

	for (size_t i = 0; i < COUNT_OF(NAMELESS); i++) {
		autofree char *answer = NULL;
		autoerr(err);

		assert_true(
			registration_answer(door, NAMELESS[i], strlen(NAMELESS[i]), &answer, &err));
		assert_null(strstr(answer, "client_name"));
	}
}

static void a_client_that_can_come_back_nowhere_is_refused(void **state)
{
	assert_int_equal(refusal("{}"), ERR_INVALID_REDIRECT_URI);
	assert_int_equal(refusal("{\"redirect_uris\":[]}"), ERR_INVALID_REDIRECT_URI);
	assert_int_equal(
		refusal("{\"redirect_uris\":\"http://localhost/\"}"), ERR_INVALID_REDIRECT_URI);
	assert_int_equal(refusal("{\"redirect_uris\":{\"a\":\"http://localhost/\"}}"),
		ERR_INVALID_REDIRECT_URI);
	assert_int_equal(
		refusal("{\"redirect_uris\":[\"https://evil.example/\",\"javascript:x\"]}"),
		ERR_INVALID_REDIRECT_URI);
}

static void what_is_no_client_metadata_is_refused(void **state)
{
	static char huge[65538];

	assert_int_equal(refusal(""), ERR_INVALID_CLIENT_METADATA);
	assert_int_equal(refusal("[]"), ERR_INVALID_CLIENT_METADATA);
	assert_int_equal(refusal("redirect_uris=x"), ERR_INVALID_CLIENT_METADATA);
	assert_int_equal(
		refusal("{\"redirect_uris\":[],\"redirect_uris\":[\"http://localhost/\"]}"),
		ERR_INVALID_CLIENT_METADATA);
	memset(huge, ' ', sizeof(huge) - 1);
	assert_int_equal(refusal(huge), ERR_BODY_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everyone_is_the_public_client_with_the_addresses_that_are_acceptable),
		TEST(a_client_without_a_name_is_given_none),
		TEST(a_client_that_can_come_back_nowhere_is_refused),
		TEST(what_is_no_client_metadata_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
