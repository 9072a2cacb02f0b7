#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

#define CHALLENGE "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMTcifX19"
#define ERROR(code) "{\"error\":{\"code\":\"" code "\",\"message\":\"words\"}}"

static struct err refusal(int status, bool has_select, const char *head, const char *body)
{
	struct http_reply reply = reply_make(status, head, body);
	struct err err = {0};

	assert_false(graph_refusal(&reply, has_select, &err));
	http_reply_done(&reply);
	return err;
}

static void a_select_is_names_separated_by_commas(void **state)
{
	static const char *const GOOD[] = {"displayName", "a,b,c", "_x,Y9", "mail,mail"};
	static const char *const BAD[] = {"", ",", "a,", ",a", "a,,b", "a b", " a", "a;b", "a/b",
		"a&$expand=x", "a%2Cb", "a\xc3\xa9", "a\n", "manager($levels=max)", "a#"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(graph_select_valid(GOOD[i]), "%s", GOOD[i]);
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!graph_select_valid(BAD[i]), "%s", BAD[i]);
}

static void a_selected_name_has_at_most_64_characters(void **state)
{
	char name[66];

	memset(name, 'n', 65);
	name[65] = '\0';
	assert_false(graph_select_valid(name));
	name[64] = '\0';
	assert_true(graph_select_valid(name));
}

static void at_most_64_names_are_selected(void **state)
{
	struct buf names;

	buf_init(&names, 1024);
	buf_adds(&names, "a");
	for (int i = 1; i < 64; i++)
		buf_adds(&names, ",a");
	assert_true(graph_select_valid(buf_text(&names)));
	buf_adds(&names, ",a");
	assert_false(graph_select_valid(buf_text(&names)));
	buf_done(&names);
}

static void every_refusal_of_graph_has_its_answer(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum err_code code;
	} CASES[] = {
		{401, ERROR("InvalidAuthenticationToken"), ERR_INVALID_TOKEN},
		{403, ERROR("Authorization_RequestDenied"), ERR_GRAPH_FORBIDDEN},
		{403, ERROR("accessDenied"), ERR_GRAPH_FORBIDDEN},
		{404, ERROR("Request_ResourceNotFound"), ERR_NOT_FOUND},
		{404, ERROR("itemNotFound"), ERR_NOT_FOUND},
		{404, ERROR("ImageNotFound"), ERR_NOT_FOUND},
		{429, ERROR("TooManyRequests"), ERR_THROTTLED},
		{429, ERROR("activityLimitReached"), ERR_THROTTLED},
		{429, ERROR("throttledRequest"), ERR_THROTTLED},
		{429, ERROR("UnknownError"), ERR_THROTTLED},
		{503, ERROR("serviceNotAvailable"), ERR_UPSTREAM_UNAVAILABLE},
		{504, ERROR("gatewayTimeout"), ERR_UPSTREAM_TIMEOUT},
		{400, ERROR("BadRequest"), ERR_GRAPH_ERROR},
		{202, "{}", ERR_GRAPH_ERROR},
		{204, "", ERR_GRAPH_ERROR},
		{301, "", ERR_GRAPH_ERROR},
		{409, ERROR("x"), ERR_GRAPH_ERROR},
		{500, ERROR("generalException"), ERR_GRAPH_ERROR},
		{502, "<html>bad gateway</html>", ERR_GRAPH_ERROR},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(refusal(CASES[i].status, false, "", CASES[i].body).code == CASES[i].code,
			"%d %s", CASES[i].status, CASES[i].body);
}

static void the_status_decides_where_the_body_says_nothing(void **state)
{
	static const char *const BODIES[] = {"", "<html></html>", "{\"error\":", "[]",
		"{\"error\":\"text\"}", "{\"error\":{\"code\":7}}", "{\"error\":{\"code\":\"\"}}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		struct err err = refusal(403, false, "", BODIES[i]);

		check(err.code == ERR_GRAPH_FORBIDDEN, "%s", BODIES[i]);
		assert_string_equal(err.detail, "graph: HTTP status 403 code=-");
	}
}

static void status_400_is_the_clients_fault_only_with_a_select(void **state)
{
	struct err err = refusal(400, true, "", ERROR("BadRequest"));

	assert_int_equal(err.code, ERR_BAD_REQUEST);
	assert_non_null(strstr(err.message, "$select"));
	assert_int_equal(refusal(400, false, "", ERROR("BadRequest")).code, ERR_GRAPH_ERROR);
}

static void the_log_gets_the_deepest_code_and_never_the_message(void **state)
{
	static const struct {
		const char *body, *code;
	} CASES[] = {
		{ERROR("outer"), "outer"},
		{"{\"error\":{\"code\":\"outer\",\"innerError\":{\"code\":\"inner\"}}}", "inner"},
		{"{\"error\":{\"code\":\"outer\",\"innererror\":{\"code\":\"inner\",\"innererror\":"
		 "{\"code\":\"deepest\"}}}}",
			"deepest"},
		{"{\"error\":{\"code\":\"outer\",\"innerError\":{\"date\":\"x\"}}}", "outer"},
		{"{\"error\":{\"code\":\"\",\"innerError\":{\"code\":\"inner\"}}}", "inner"},
		{"{\"error\":{\"code\":\"outer\",\"innerError\":{\"code\":\"\"}}}", "outer"},
	};
	static const int STATUSES[] = {404, 429};
	char expected[80];

	for (size_t i = 0; i < COUNT_OF(CASES) * COUNT_OF(STATUSES); i++) {
		int status = STATUSES[i % 2];
		struct err err = refusal(status, false, "", CASES[i / 2].body);

		snprintf(expected, sizeof(expected), "graph: HTTP status %d code=%s", status,
			CASES[i / 2].code);
		assert_string_equal(err.detail, expected);
	}
}

static void an_overlong_code_is_left_out(void **state)
{
	char body[256];
	struct err err;

	snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%0100d\"}}", 7);
	err = refusal(403, false, "", body);
	assert_string_equal(err.detail, "graph: HTTP status 403 code=-");
}

static void a_claims_challenge_is_found_wherever_it_stands(void **state)
{
	static const char *const HEADS[] = {
		"WWW-Authenticate: Bearer realm=\"\", error=\"insufficient_claims\", "
		"claims=\"" CHALLENGE "\"\r\n",
		"www-authenticate: Bearer claims=\"" CHALLENGE
		"\", error=\"insufficient_claims\"\r\n",
		"WWW-Authenticate: Bearer realm=\"\", client_id=\"00000003\", claims=\"" CHALLENGE
		"\", authorization_uri=\"https://x/authorize\", error=\"insufficient_claims\"\r\n",
		"WWW-Authenticate: Negotiate\r\nContent-Type: text/plain\r\n"
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE
		"\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"not base64!\"\r\n"
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE
		"\"\r\n",
	};
	static const int STATUSES[] = {401, 403};

	for (size_t i = 0; i < COUNT_OF(HEADS) * COUNT_OF(STATUSES); i++) {
		struct err err = refusal(STATUSES[i % 2], false, HEADS[i / 2], "");

		check(err.code == ERR_INSUFFICIENT_CLAIMS, "%s", HEADS[i / 2]);
		assert_string_equal(err.claims, CHALLENGE);
	}
}

static void what_is_no_claims_challenge_is_not_passed_on(void **state)
{
	static const char *const HEADS[] = {
		"WWW-Authenticate: Bearer error=\"invalid_token\", claims=\"" CHALLENGE "\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"a\\\"b\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJ-_w==\"\r\n",
		"X-WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE
		"\"\r\n",
	};

	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		struct err err = refusal(401, false, HEADS[i], "");

		check(err.code == ERR_INVALID_TOKEN && !*err.claims, "%s", HEADS[i]);
	}
	assert_int_equal(refusal(404, false,
				 "WWW-Authenticate: Bearer error=\"insufficient_claims\", "
				 "claims=\"" CHALLENGE "\"\r\n",
				 "")
				 .code,
		ERR_NOT_FOUND);
}

static void claims_too_long_for_a_header_are_not_passed_on(void **state)
{
	char head[4096];
	struct err err;

	snprintf(head, sizeof(head),
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"%02044d\"\r\n",
		0);
	err = refusal(401, false, head, "");
	assert_int_equal(err.code, ERR_INSUFFICIENT_CLAIMS);
	assert_int_equal(strlen(err.claims), 2044);
	snprintf(head, sizeof(head),
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"%02048d\"\r\n",
		0);
	err = refusal(401, false, head, "");
	assert_int_equal(err.code, ERR_INVALID_TOKEN);
	assert_string_equal(err.claims, "");
}

static void retry_after_is_seconds_or_a_date_rounded_up_within_an_hour(void **state)
{
	static const struct {
		const char *value;
		int seconds;
	} CASES[] = {
		{"5", 5},
		{"0", 0},
		{"0.2", 1},
		{"1.0", 1},
		{"1.5", 2},
		{" 7 ", 7},
		{"3600", 3600},
		{"3601", 3600},
		{"99999999999999999999", 3600},
		{"", 0},
		{"-5", 0},
		{"soon", 0},
		{"5 minutes", 0},
		{"1e3", 0},
		{"inf", 0},
		{"nan", 0},
		{"0x10", 0},
		{".", 0},
		{"Fri, 15 Jan 2027 08:00:30 GMT", 30},
		{"Fri, 15 Jan 2027 08:00:00 GMT", 0},
		{"Fri, 15 Jan 2027 07:59:00 GMT", 0},
		{"Fri, 15 Jan 2027 10:00:00 GMT", 3600},
		{"Fri, 15 Jan 2027 08:00:30", 0},
		{"Fri, 15 Jan 2027 08:00:30 GMT+1", 0},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char head[128];
		struct http_reply reply;

		snprintf(head, sizeof(head), "Retry-After: %s\r\n", CASES[i].value);
		reply = reply_make(429, head, "");
		check(graph_retry_after_s(&reply, NOW_S) == CASES[i].seconds, "%s", CASES[i].value);
		http_reply_done(&reply);
	}
}

static void a_refusal_carries_retry_after(void **state)
{
	assert_int_equal(refusal(429, false, "Retry-After: 9\r\n", "").retry_after_s, 9);
	assert_int_equal(refusal(503, false, "Retry-After: 9\r\n", "").retry_after_s, 9);
	assert_int_equal(refusal(429, false, "Date: x\r\n", "").retry_after_s, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_select_is_names_separated_by_commas),
		cmocka_unit_test(a_selected_name_has_at_most_64_characters),
		cmocka_unit_test(at_most_64_names_are_selected),
		cmocka_unit_test(every_refusal_of_graph_has_its_answer),
		cmocka_unit_test(the_status_decides_where_the_body_says_nothing),
		cmocka_unit_test(status_400_is_the_clients_fault_only_with_a_select),
		cmocka_unit_test(the_log_gets_the_deepest_code_and_never_the_message),
		cmocka_unit_test(an_overlong_code_is_left_out),
		cmocka_unit_test(a_claims_challenge_is_found_wherever_it_stands),
		cmocka_unit_test(what_is_no_claims_challenge_is_not_passed_on),
		cmocka_unit_test(claims_too_long_for_a_header_are_not_passed_on),
		cmocka_unit_test(retry_after_is_seconds_or_a_date_rounded_up_within_an_hour),
		cmocka_unit_test(a_refusal_carries_retry_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
