/* A file's bytes: from Graph itself, or after its one redirect, which is followed without the token
 * and to nowhere else. */
#include "graph/download.h"

#include <stdio.h>
#include <string.h>

#include "stage/engine.h"

#define ADDRESS "https://contoso-my.sharepoint.com/x/download.aspx?tempauth=s3cret"
#define REDIRECT "Location: " ADDRESS "\r\n"

static const struct graph_request CONTENT = {
	.method = "GET",
	.path = "/v1.0/me/drive/items/7/content",
	.headers = {{"Prefer", "IdType=\"ImmutableId\""}},
	.scope = "https://graph.microsoft.com/Files.Read",
	.not_found = "There is no file of this id.",
};

static struct err err;
static struct graph_errand errand;

static bool ask(struct download *ret)
{
	struct caller caller = engine_caller("user.assertion.x");
	bool good;

	errand = engine_errand(&caller);
	good = graph_download(&engine.graph, &CONTENT, &errand, ret, &err);
	secret_done(&caller.token);
	return good;
}

static int set_up(void **state)
{
	engine_set_up(state);
	engine_will_grant("g1");
	return 0;
}

static int tear_down(void **state)
{
	err_done(&err);
	return engine_tear_down(state);
}

static void assert_bytes(const char *expected)
{
	struct download file;

	assert_true(ask(&file));
	assert_string_equal(buf_text(&file.bytes), expected);
	assert_false(file.too_long || file.none);
	download_done(&file);
	assert_int_equal(engine.graph.downloads, 0);
}

/* Whatever is said of the failure holds nothing of the address. */
static void assert_fails(const char *code)
{
	struct download file;

	assert_false(ask(&file));
	assert_string_equal(err_info(err.code)->slug, code);
	assert_null(strstr(err.detail, "s3cret"));
	assert_null(strstr(err.detail, "sharepoint"));
	assert_null(strstr(err_message(&err), "sharepoint"));
	assert_int_equal(engine.graph.downloads, 0);
	assert_true(upstream_is_done());
}

static void graph_may_answer_with_the_bytes_themselves(void **state)
{
	struct download file;

	upstream_answers(200, "Content-Type: text/plain; charset=utf-8\r\n", "{not JSON");
	assert_true(ask(&file));
	assert_string_equal(buf_text(&file.bytes), "{not JSON");
	assert_string_equal(file.media_type, "text/plain; charset=utf-8");
	download_done(&file);
	assert_non_null(strstr(upstream.calls[1].headers, "Accept: */*\n"));
	assert_non_null(strstr(upstream.calls[1].headers, "Prefer: IdType=\"ImmutableId\"\n"));
	assert_int_equal(upstream.calls[1].body_max, DOWNLOAD_BYTES_MAX);
}

static void its_redirect_is_followed_without_anything_of_the_caller(void **state)
{
	const struct upstream_call *sent = &upstream.calls[2];

	upstream_answers(302, REDIRECT, "Object moved");
	upstream_answers(200, "Content-Type: text/csv\r\n", "a,b");
	assert_bytes("a,b");
	assert_true(upstream_is_done());
	assert_string_equal(sent->url, ADDRESS);
	assert_string_equal(sent->method, "GET");
	assert_null(strstr(sent->headers, "Authorization"));
	assert_null(strstr(sent->headers, "g1"));
	assert_null(strstr(sent->headers, "client-request-id"));
	assert_null(strstr(sent->headers, "Prefer"));
	assert_null(strcasestr(sent->headers, "Accept-Encoding"));
	assert_non_null(strstr(sent->headers, "Accept: */*\n"));
	assert_int_equal(sent->body_max, DOWNLOAD_BYTES_MAX);
	assert_true(sent->left_ms <= engine.config.graph_deadline_ms);
}

static void a_redirect_to_elsewhere_is_not_followed(void **state)
{
	static const char *const HEADS[] = {"Location: https://evil.example/s3cret\r\n",
		"Location: http://contoso-my.sharepoint.com/s3cret\r\n",
		"Location: http://127.0.0.1/s3cret\r\n", "Location: /s3cret\r\n", "Location:\r\n",
		"", REDIRECT REDIRECT, REDIRECT "location: https://evil.example/s3cret\r\n"};

	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		upstream_answers(302, HEADS[i], "");
		assert_fails("graph_error");
	}
}

static void a_second_redirect_is_not_followed(void **state)
{
	upstream_answers(302, REDIRECT, "");
	upstream_answers(302, REDIRECT, "");
	assert_fails("graph_error");
}

static void only_a_302_is_a_redirect(void **state)
{
	static const int STATUSES[] = {301, 303, 307, 308};

	for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
		upstream_answers(STATUSES[i], REDIRECT, "");
		assert_fails("graph_error");
	}
}

static void what_the_host_refuses_is_not_taken_for_the_users_or_graphs_refusal(void **state)
{
	static const struct {
		int status;
		const char *code;
	} CASES[] = {{206, "graph_error"}, {204, "graph_error"}, {401, "graph_error"},
		{403, "graph_error"}, {404, "graph_error"}, {500, "graph_error"},
		{429, "throttled"}, {503, "upstream_unavailable"}, {504, "upstream_timeout"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		upstream_answers(302, REDIRECT, "");
		upstream_answers(CASES[i].status, "Retry-After: 7\r\n", ADDRESS);
		assert_fails(CASES[i].code);
		assert_int_equal(err.retry_after_s, 7);
	}
}

static void a_fault_of_the_host_is_none_of_graphs(void **state)
{
	upstream_answers(302, REDIRECT, "");
	upstream_fails(ERR_UPSTREAM_UNAVAILABLE);
	assert_fails("upstream_unavailable");
	assert_int_equal(engine.graph.health.failures, 0);
	assert_int_equal(engine.graph.health.calls, 1);
}

static void refusals_of_graph_are_as_of_any_request(void **state)
{
	upstream_answers(404, "", "{\"error\":{\"code\":\"itemNotFound\"}}");
	assert_fails("not_found");
	assert_string_equal(err_message(&err), "There is no file of this id.");
	upstream_answers(429, "Retry-After: 1\r\n", "");
	upstream_answers(200, "", "x");
	assert_bytes("x");
	upstream_answers(401, "", "");
	engine_will_grant("g2");
	upstream_answers(302, REDIRECT, "");
	upstream_answers(200, "", "y");
	assert_bytes("y");
}

static void of_a_file_that_is_too_long_there_are_no_bytes(void **state)
{
	struct download file;

	upstream_answers(302, REDIRECT, "");
	upstream_answers_cut("half");
	assert_true(ask(&file));
	assert_true(file.too_long);
	assert_int_equal(file.bytes.len, 0);
	download_done(&file);
	upstream_answers_cut("half");
	assert_true(ask(&file));
	assert_true(file.too_long);
	assert_int_equal(file.bytes.len, 0);
	download_done(&file);
}

static void of_what_has_no_bytes_graph_says_so_with_a_405(void **state)
{
	struct download file;

	upstream_answers(405, "", "{\"error\":{\"code\":\"ErrorInvalidRequest\"}}");
	assert_true(ask(&file));
	assert_true(file.none);
	assert_int_equal(file.bytes.len, 0);
	download_done(&file);
}

static void no_more_are_held_at_once_than_may_be(void **state)
{
	struct download files[DOWNLOADS_AT_ONCE], more;

	for (size_t i = 0; i < DOWNLOADS_AT_ONCE; i++) {
		upstream_answers(200, "", "x");
		assert_true(ask(&files[i]));
	}
	assert_false(ask(&more));
	assert_int_equal(err.code, ERR_OVERLOADED);
	assert_true(err.retry_after_s > 0);
	assert_true(upstream_is_done());
	download_done(&files[0]);
	upstream_answers(200, "", "x");
	assert_true(ask(&files[0]));
	for (size_t i = 0; i < DOWNLOADS_AT_ONCE; i++)
		download_done(&files[i]);
	assert_int_equal(engine.graph.downloads, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(graph_may_answer_with_the_bytes_themselves),
		TEST(its_redirect_is_followed_without_anything_of_the_caller),
		TEST(a_redirect_to_elsewhere_is_not_followed),
		TEST(a_second_redirect_is_not_followed),
		TEST(only_a_302_is_a_redirect),
		TEST(what_the_host_refuses_is_not_taken_for_the_users_or_graphs_refusal),
		TEST(a_fault_of_the_host_is_none_of_graphs),
		TEST(refusals_of_graph_are_as_of_any_request),
		TEST(of_a_file_that_is_too_long_there_are_no_bytes),
		TEST(of_what_has_no_bytes_graph_says_so_with_a_405),
		TEST(no_more_are_held_at_once_than_may_be),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
