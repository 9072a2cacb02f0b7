#include "endpoints/admit.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

#define PLACES 3
#define SHARE 2
#define STATUS_CALL                                                                                \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"                                        \
	"call\",\"params\":{\"name\":\"status\"}}"

static struct exchange x;
static struct admission_pass passes[PLACES]; /* of calls that take long */

static int set_up(void **state)
{
	exchange_start(&x, "MCP_AUTH", "optional");
	admission_free(x.service.admission);
	x.service.admission = admission_new(&(struct admission_limits){PLACES, 0, 0, SHARE});
	return 0;
}

static void fill(void)
{
	for (int i = 0; i < PLACES; i++)
		assert_true(admission_enter_free(x.service.admission, &passes[i], ""));
}

static void empty(void)
{
	for (int i = 0; i < PLACES; i++)
		admission_leave(x.service.admission, &passes[i]);
}

static int tear_down(void **state)
{
	empty();
	exchange_done(&x);
	return 0;
}

static int post(const char *body)
{
	exchange_header(&x, "Content-Type", "application/json");
	return exchange_send(&x, "POST", "/mcp", body);
}

static void assert_shed(int status, int expected, const char *code)
{
	assert_int_equal(status, expected);
	assert_true(exchange_code_is(&x, code));
	assert_string_equal(exchange_answer_header(&x, "Retry-After"), "1");
}

static void without_a_place_a_call_is_503_whatever_its_endpoint(void **state)
{
	static const char *const PATHS[] = {
		"/hello", "/tools", "/echo", "/.well-known/oauth-protected-resource"};

	fill();
	for (size_t i = 0; i < COUNT_OF(PATHS); i++)
		assert_shed(exchange_send(&x, "GET", PATHS[i], NULL), 503, "overloaded");
	empty();
	for (size_t i = 0; i < COUNT_OF(PATHS); i++)
		check(exchange_send(&x, "GET", PATHS[i], NULL) == 200, "%s", PATHS[i]);
}

static void at_the_door_it_is_told_as_oauth_has_it(void **state)
{
	fill();
	assert_int_equal(exchange_send(&x, "GET", "/oauth/authorize", NULL), 503);
	assert_non_null(strstr(x.response.body, "\"temporarily_unavailable\""));
	assert_string_equal(exchange_answer_header(&x, "Retry-After"), "1");
}

static void what_it_deserves_comes_first(void **state)
{
	fill();
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 401);
	exchange_header(&x, "Authorization", "Bearer junk");
	assert_int_equal(exchange_send(&x, "GET", "/me", NULL), 401);
	assert_int_equal(exchange_send(&x, "DELETE", "/hello", NULL), 405);
	assert_int_equal(exchange_send(&x, "GET", "/nothing", NULL), 404);
}

static void what_tells_how_things_are_needs_no_place(void **state)
{
	fill();
	assert_int_equal(exchange_send(&x, "GET", "/", NULL), 200);
	assert_int_equal(exchange_send(&x, "GET", "/status", NULL), 200);
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=1", NULL), 200);
	assert_int_equal(exchange_send(&x, "OPTIONS", "/hello", NULL), 204);
}

static void so_does_the_tool_in_both_eras(void **state)
{
	static const char MODERN[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
		"\"status\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
		"\"io.modelcontextprotocol/clientCapabilities\":{}}}}";

	fill();
	assert_int_equal(post(STATUS_CALL), 200);
	assert_non_null(strstr(x.response.body, "\"underWay\\\":3"));
	exchange_header(&x, "MCP-Protocol-Version", "2026-07-28");
	exchange_header(&x, "Mcp-Method", "tools/call");
	exchange_header(&x, "Mcp-Name", "status");
	assert_int_equal(post(MODERN), 200);
	assert_non_null(strstr(x.response.body, "\"underWay\\\":3"));
}

static void no_other_message_is_spared(void **state)
{
	static const char *const BODIES[] = {"", "junk", "[" STATUS_CALL "]",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"name\":\"status\"}"
		"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
		"\"echo\",\"arguments\":{\"text\":\"status\"}}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":[\"status\"]}}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}", "\"status\"",
		"{\"jsonrpc\":\"2.0\",\"result\":{\"name\":\"status\"},\"id\":1}"};
	char large[5000];

	fill();
	for (size_t i = 0; i < COUNT_OF(BODIES); i++)
		assert_shed(post(BODIES[i]), 503, "overloaded");
	snprintf(large, sizeof(large), "%4500s%s", "", STATUS_CALL);
	assert_shed(post(large), 503, "overloaded");
}

/* What hello comes to for a client there, while that one has as many calls as it may. */
static int hello_from(const char *address)
{
	if (address)
		exchange_header(&x, "CLIENT-IP", address);
	return exchange_send(&x, "GET", "/hello", NULL);
}

static void hold_share_of(const char *share)
{
	autoerr(err);

	for (int i = 0; i < SHARE; i++)
		assert_true(admission_enter(
			x.service.admission, &passes[i], share, deadline_after(WHILE_MS), &err));
}

static void without_a_token_the_share_is_the_address(void **state)
{
	x.config.behind_front_end = true;
	hold_share_of("at 203.0.113.7");
	assert_shed(hello_from("203.0.113.7:1234"), 429, "too_many_requests");
	assert_int_equal(hello_from("203.0.113.8:1234"), 200);
	assert_int_equal(hello_from(NULL), 200);
}

static void an_address_that_anybody_may_have_written_counts_for_nothing(void **state)
{
	hold_share_of("at 203.0.113.7");
	assert_int_equal(hello_from("203.0.113.7:1234"), 200);
	x.config.behind_front_end = true;
	exchange_header(&x, "X-Forwarded-For", "203.0.113.7");
	exchange_header(&x, "X-Client-IP", "203.0.113.7");
	assert_int_equal(hello_from("203.0.113.8:1"), 200);
}

static void at_the_door_a_share_used_up_is_temporary_too(void **state)
{
	x.config.behind_front_end = true;
	hold_share_of("at 203.0.113.7");
	exchange_header(&x, "CLIENT-IP", "203.0.113.7:1");
	assert_int_equal(exchange_send(&x, "POST", "/oauth/token", NULL), 429);
	assert_non_null(strstr(x.response.body, "\"temporarily_unavailable\""));
}

static void a_place_that_is_free_comes_out_of_the_callers_share_too(void **state)
{
	struct admission *admission = x.service.admission;
	struct admission_pass late = {0};

	for (int i = 0; i < SHARE; i++)
		assert_true(admission_enter_free(admission, &passes[i], "me"));
	assert_false(admission_enter_free(admission, &late, "me"));
	assert_true(admission_enter_free(admission, &late, "you"));
	admission_leave(admission, &late);
}

static void no_end_of_a_call_keeps_its_place(void **state)
{
	struct admission_count count;

	for (int i = 0; i < 2000; i++) {
		exchange_send(&x, "GET", "/hello?name=%00", NULL);
		exchange_send(&x, "GET", "/me", NULL);
		exchange_send(&x, "POST", "/hello", "{");
		exchange_send(&x, "POST", "/mcp", "{");
		post("{");
		post(STATUS_CALL);
		x.request.body_too_large = true;
		exchange_send(&x, "POST", "/echo", NULL);
	}
	admission_count(x.service.admission, &count);
	assert_int_equal(count.in, 0);
	fill();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_place_a_call_is_503_whatever_its_endpoint),
		TEST(at_the_door_it_is_told_as_oauth_has_it),
		TEST(what_it_deserves_comes_first),
		TEST(what_tells_how_things_are_needs_no_place),
		TEST(so_does_the_tool_in_both_eras),
		TEST(no_other_message_is_spared),
		TEST(without_a_token_the_share_is_the_address),
		TEST(an_address_that_anybody_may_have_written_counts_for_nothing),
		TEST(at_the_door_a_share_used_up_is_temporary_too),
		TEST(a_place_that_is_free_comes_out_of_the_callers_share_too),
		TEST(no_end_of_a_call_keeps_its_place),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
