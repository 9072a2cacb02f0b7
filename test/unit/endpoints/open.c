/* The open endpoints: hello, echo, tools and status, each by way of dispatch(). */
#include "endpoints/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "stage/exchange.h"

static struct exchange x;

static int set_up(void **state)
{
	exchange_start(&x, NULL, NULL);
	return 0;
}

static int set_up_unconfigured(void **state)
{
	exchange_start_unconfigured(&x);
	return 0;
}

static int tear_down(void **state)
{
	exchange_done(&x);
	return 0;
}

static void assert_greets(const char *target, const char *body, const char *message)
{
	autofree_json cJSON *answer = NULL;

	check(exchange_send(&x, body ? "POST" : "GET", target, body) == 200, "%s", target);
	answer = exchange_json(&x);
	assert_string_equal(json_string(answer, "message"), message);
	assert_int_equal(cJSON_GetArraySize(answer), 1);
}

static void hello_greets_by_query_or_body_or_the_world(void **state)
{
	assert_greets("/hello", NULL, "Hello, World!");
	assert_greets("/hello?name=Adele", NULL, "Hello, Adele!");
	assert_greets("/hello?name=", NULL, "Hello, World!");
	assert_greets("/hello", "", "Hello, World!");
	assert_greets("/hello", "{}", "Hello, World!");
	assert_greets("/hello?name=a,b", NULL, "Hello, a,b!");
}

static void hellos_query_wins_over_its_body(void **state)
{
	assert_greets("/hello?name=Query", "{\"name\":\"Body\"}", "Hello, Query!");
	assert_greets("/hello?name=Query", "not json", "Hello, Query!");
	assert_greets("/hello?name=", "{\"name\":\"Body\"}", "Hello, World!");
	assert_greets("/hello?other=1", "{\"name\":\"Body\"}", "Hello, Body!");
}

static void hello_keeps_every_character(void **state)
{
	assert_greets(
		"/hello?name=%E2%82%AC%F0%9F%98%80", NULL, "Hello, \xe2\x82\xac\xf0\x9f\x98\x80!");
	assert_greets(
		"/hello", "{\"name\":\"\\u20ac \\\"<b>%s\\\\\"}", "Hello, \xe2\x82\xac \"<b>%s\\!");
	assert_greets("/hello?name=%25s%25n", NULL, "Hello, %s%n!");
}

/* {"name":"<count characters of four bytes>"} */
static int hello_of_length(int count)
{
	struct buf body;
	int status;

	buf_init(&body);
	buf_adds(&body, "{\"name\":\"");
	for (int i = 0; i < count; i++)
		buf_adds(&body, "\xf0\x9f\x98\x80");
	buf_adds(&body, "\"}");
	status = exchange_send(&x, "POST", "/hello", buf_text(&body));
	buf_done(&body);
	return status;
}

static void a_name_has_at_most_256_characters_not_bytes(void **state)
{
	assert_int_equal(hello_of_length(256), 200);
	assert_int_equal(x.response.body_len, strlen("{\"message\":\"Hello, !\"}") + 4 * 256);
	assert_int_equal(hello_of_length(257), 400);
	assert_true(exchange_code_is(&x, "bad_request"));
}

static void a_name_holds_no_control_characters(void **state)
{
	static const char *const BAD[] = {"/hello?name=a%0Ab", "/hello?name=%09", "/hello?name=%7F",
		"/hello?name=%1B[2J", "/hello?name=%C2%85", "/hello?name=%00", "/hello?name=%FF"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(exchange_send(&x, "GET", BAD[i], NULL) == 400, "%s", BAD[i]);
	assert_int_equal(exchange_send(&x, "POST", "/hello", "{\"name\":\"a\\nb\"}"), 400);
	assert_int_equal(exchange_send(&x, "POST", "/hello", "{\"name\":\"\\u009b\"}"), 400);
}

static void hellos_body_is_an_object_with_a_string(void **state)
{
	static const char *const BAD[] = {"[]", "\"Adele\"", "7", "{\"name\":7}",
		"{\"name\":[\"a\"]}", "{\"name\":{}}", "{\"name\":true}", "{", "name=Adele",
		"{} {}", "{\"nobody\":null}", "{\"name\":\"Adele\",\"x\":1}", "{\"name\":\"\xff\"}",
		"{\"name\":\"\\u0000\"}", "{\"name\":\"Adele\",\"name\":\"Adele\"}",
		"{\"name\":\"a\",\"\\u006eame\":\"b\"}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(exchange_send(&x, "POST", "/hello", BAD[i]) == 400, "%s", BAD[i]);
		assert_true(exchange_code_is(&x, "bad_request"));
	}
}

static void a_byte_order_mark_before_hellos_body_is_skipped(void **state)
{
	assert_int_equal(
		exchange_send(&x, "POST", "/hello", "\xef\xbb\xbf{\"name\":\"Ada\"}"), 200);
	assert_string_equal(x.response.body, "{\"message\":\"Hello, Ada!\"}");
	assert_int_equal(exchange_send(&x, "POST", "/hello", "\xef\xbb\xbf"), 200);
	assert_string_equal(x.response.body, "{\"message\":\"Hello, World!\"}");
	assert_int_equal(exchange_send(&x, "POST", "/hello", "{}\xef\xbb\xbf"), 400);
}

static void what_is_null_in_hellos_body_is_absent(void **state)
{
	static const char *const NONE[] = {"null", " null\n", "{\"name\":null}"};

	for (size_t i = 0; i < COUNT_OF(NONE); i++) {
		check(exchange_send(&x, "POST", "/hello", NONE[i]) == 200, "%s", NONE[i]);
		assert_string_equal(x.response.body, "{\"message\":\"Hello, World!\"}");
	}
}

static void echo_returns_the_very_bytes(void **state)
{
	static const char BYTES[] = "a\0\xff\r\n\x80z";

	x.request.body_len = sizeof(BYTES) - 1;
	assert_int_equal(exchange_send(&x, "PUT", "/echo", BYTES), 200);
	assert_int_equal(x.response.body_len, sizeof(BYTES) - 1);
	assert_memory_equal(x.response.body, BYTES, sizeof(BYTES) - 1);
	assert_int_equal(exchange_send(&x, "GET", "/echo", NULL), 200);
	assert_int_equal(x.response.body_len, 0);
}

static void echo_returns_only_types_a_browser_does_not_run(void **state)
{
	static const char *const CASES[][2] = {
		{"application/json", "application/json"},
		{"application/json; charset=utf-8", "application/json; charset=utf-8"},
		{"text/plain;charset=utf-16", "text/plain;charset=utf-16"},
		{"TEXT/PLAIN", "TEXT/PLAIN"},
		{"application/octet-stream", "application/octet-stream"},
		{"text/html", "application/octet-stream"},
		{"text/plainx", "application/octet-stream"},
		{"image/svg+xml", "application/octet-stream"},
		{"application/xhtml+xml", "application/octet-stream"},
		{"text/javascript", "application/octet-stream"},
		{"text/html, application/json", "application/octet-stream"},
		{"", "application/octet-stream"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		exchange_header(&x, "Content-Type", CASES[i][0]);
		assert_int_equal(exchange_send(&x, "POST", "/echo", "<script>"), 200);
		assert_string_equal(exchange_answer_header(&x, "Content-Type"), CASES[i][1]);
	}
	exchange_send(&x, "POST", "/echo", "x");
	assert_string_equal(exchange_answer_header(&x, "Content-Type"), "application/octet-stream");
}

/* What /me makes of a query, as the tool's arguments; "!" when refused.  The caller frees it. */
static char *me_arguments(const char *query)
{
	struct request request = {.query = query};
	struct http_exchange exchange = {.call = {.service = &x.service}, .request = &request};
	const struct row_state *row = service_row(&x.service, service_find(&x.service, "/me"));
	autofree_json cJSON *arguments = NULL;
	autoerr(err);

	if (!me_read(&exchange, &arguments, &err) ||
		!schema_check(row->arguments, arguments, &err)) {
		assert_int_equal(err.code, ERR_BAD_REQUEST);
		return xstrdup("!");
	}
	return json_print(arguments);
}

static void assert_me_arguments(const char *query, const char *expected)
{
	autofree char *arguments = me_arguments(query);

	check(!strcmp(arguments, expected), "%s: %s", query, arguments);
}

static void me_selects_names_separated_by_commas(void **state)
{
	static const char *const BAD[] = {"", ",", "a,", ",a", "a,,b", "a b", " a", "a;b", "a/b",
		"a%26$expand=x", "a%2Cb/c", "a\xc3\xa9", "a%0A", "manager($levels=max)", "a%23"};

	assert_me_arguments("", "{}");
	assert_me_arguments("$select=displayName", "{\"select\":[\"displayName\"]}");
	assert_me_arguments("$SELECT=_x,Y9", "{\"select\":[\"_x\",\"Y9\"]}");
	assert_me_arguments("%24select=a%2Cb", "{\"select\":[\"a\",\"b\"]}");
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		char query[64];

		snprintf(query, sizeof(query), "$select=%s", BAD[i]);
		assert_me_arguments(query, "!");
	}
}

/* count names of length characters each. */
static bool may_select(int count, int length)
{
	autofree char *arguments = NULL;
	struct buf query;

	buf_init(&query);
	buf_adds(&query, "$select=");
	for (int i = 0; i < count; i++) {
		buf_adds(&query, i ? "," : "");
		for (int j = 0; j < length; j++)
			buf_adds(&query, "n");
	}
	arguments = me_arguments(buf_text(&query));
	buf_done(&query);
	return strcmp(arguments, "!") != 0;
}

static void me_selects_at_most_64_names_of_at_most_128_characters(void **state)
{
	assert_true(may_select(64, 1) && may_select(1, 128) && may_select(50, 128));
	assert_false(may_select(65, 1) || may_select(1, 129));
}

static void me_includes_only_parts_that_there_are(void **state)
{
	static const char *const BAD[] = {"", ",", "photo,", ",photo", "photo,,manager", "Photo",
		"photos", "phot", "photo manager", "photo, manager", "me", "photo;manager", "*"};

	assert_me_arguments("include=photo", "{\"include\":[\"photo\"]}");
	assert_me_arguments("include=manager,photo", "{\"include\":[\"manager\",\"photo\"]}");
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		char query[64];

		snprintf(query, sizeof(query), "include=%s", BAD[i]);
		assert_me_arguments(query, "!");
	}
}

static void tools_lists_every_row_that_is_a_tool(void **state)
{
	autofree_json cJSON *answer = NULL;
	const cJSON *list;
	int n = 0;

	assert_int_equal(exchange_send(&x, "GET", "/tools", NULL), 200);
	answer = exchange_json(&x);
	list = cJSON_GetObjectItemCaseSensitive(answer, "tools");
	for (size_t i = 0; i < endpoint_count; i++) {
		if (endpoints[i].tool)
			assert_string_equal(json_string(cJSON_GetArrayItem(list, n++), "name"),
				endpoints[i].name);
	}
	assert_int_equal(cJSON_GetArraySize(list), n);
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void status_says_who_is_calling(void **state)
{
	autofree_json cJSON *anonymous = NULL, *invalid = NULL;
	const cJSON *state_of;

	assert_int_equal(exchange_send(&x, "GET", "/status", NULL), 200);
	anonymous = exchange_json(&x);
	state_of = member(anonymous, "authentication");
	assert_string_equal(json_string(state_of, "state"), "anonymous");
	exchange_header(&x, "Authorization", "Bearer e30.e30.AQID");
	assert_int_equal(exchange_send(&x, "GET", "/status", NULL), 200);
	invalid = exchange_json(&x);
	state_of = member(invalid, "authentication");
	assert_string_equal(json_string(state_of, "state"), "invalid");
	assert_string_equal(json_string(state_of, "code"), "invalid_token");
}

static void status_names_what_is_missing(void **state)
{
	autofree_json cJSON *answer = NULL;
	const cJSON *configuration, *first;

	exchange_send(&x, "GET", "/status", NULL);
	answer = exchange_json(&x);
	configuration = member(answer, "configuration");
	assert_true(cJSON_IsFalse(member(configuration, "complete")));
	first = cJSON_GetArrayItem(member(configuration, "problems"), 0);
	assert_string_equal(json_string(first, "setting"), "CLIENT_ID");
}

static void status_never_shows_the_secret(void **state)
{
	exchange_send(&x, "GET", "/status", NULL);
	assert_null(strstr(x.response.body, "s3cr3t"));
	assert_non_null(strstr(x.response.body, "\"complete\":true"));
}

static void status_is_ready_only_when_configured(void **state)
{
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=1", NULL), 200);
	exchange_done(&x);
	exchange_start_unconfigured(&x);
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=1", NULL), 503);
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=0", NULL), 200);
	assert_int_equal(exchange_send(&x, "GET", "/status?ready=%", NULL), 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hello_greets_by_query_or_body_or_the_world),
		TEST(hellos_query_wins_over_its_body),
		TEST(hello_keeps_every_character),
		TEST(a_name_has_at_most_256_characters_not_bytes),
		TEST(a_name_holds_no_control_characters),
		TEST(hellos_body_is_an_object_with_a_string),
		TEST(a_byte_order_mark_before_hellos_body_is_skipped),
		TEST(what_is_null_in_hellos_body_is_absent),
		TEST(echo_returns_the_very_bytes),
		TEST(echo_returns_only_types_a_browser_does_not_run),
		TEST(me_selects_names_separated_by_commas),
		TEST(me_selects_at_most_64_names_of_at_most_128_characters),
		TEST(me_includes_only_parts_that_there_are),
		TEST(tools_lists_every_row_that_is_a_tool),
		TEST(status_says_who_is_calling),
		cmocka_unit_test_setup_teardown(
			status_names_what_is_missing, set_up_unconfigured, tear_down),
		TEST(status_never_shows_the_secret),
		TEST(status_is_ready_only_when_configured),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
