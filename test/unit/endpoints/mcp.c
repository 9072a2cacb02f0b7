/* /mcp before and around the protocol: who may call at all. */
#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

#define PING "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"

static struct exchange x;

static int set_up(void **state)
{
	exchange_start(&x, "MCP_AUTH", "optional");
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

/* The status of a ping with that header, sent twice or once. */
static int ping_with(const char *name, const char *value, const char *second)
{
	exchange_header(&x, "Content-Type", "application/json");
	exchange_header(&x, name, value);
	if (second)
		exchange_header(&x, name, second);
	return exchange_send(&x, "POST", "/mcp", PING);
}

static void pages_of_the_gateways_and_this_machines_origins_may_call(void **state)
{
	static const char *const GOOD[] = {"https://apim.example.com", "HTTPS://APIM.example.com",
		"http://localhost", "http://localhost:6274", "http://127.0.0.1:1", "http://[::1]"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(ping_with("Origin", GOOD[i], NULL) == 200, "%s", GOOD[i]);
}

static void pages_of_other_origins_may_not(void **state)
{
	static const char *const BAD[] = {"", "null", "https:", "https:/", "https://",
		"https://apim", "https://apim.example.com/tools", "https://apim.example.com.evil",
		"https://apim.example.com:8443", "http://apim.example.com", "https://evil.example",
		"http://localhost.evil", "http://127.0.0.1.evil", "http://localhost:1@evil.example",
		"http://localhost:x", "http://localhost:", "http://[::1]:1/"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(ping_with("Origin", BAD[i], NULL) == 403, "\"%s\"", BAD[i]);
		assert_true(exchange_code_is(&x, "origin_not_allowed"));
	}
}

static void two_origins_are_none(void **state)
{
	assert_int_equal(ping_with("Origin", "http://localhost", "https://evil.example"), 403);
	assert_int_equal(ping_with("Origin", "http://localhost", "http://localhost"), 403);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_of_the_gateways_and_this_machines_origins_may_call),
		TEST(pages_of_other_origins_may_not),
		TEST(two_origins_are_none),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
