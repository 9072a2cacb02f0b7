#include "graph/answer.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

#define CHALLENGE "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMTcifX19"
#define ERROR(code) "{\"error\":{\"code\":\"" code "\",\"message\":\"words\"}}"

static struct err err; /* the last refusal */

static const struct err *refusal(int status, bool has_select, const char *head, const char *body)
{
	struct http_reply reply = reply_make(status, head, body);
	struct graph_request request = {.bad_request = has_select ? "In $select." : NULL};
	struct graph_answer answer;

	graph_answer_read(&reply, NOW_S, &answer);
	http_reply_done(&reply); /* the answer stands on its own */
	assert_false(graph_refusal(&answer, &request, &err));
	graph_answer_done(&answer);
	return &err;
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
		check(refusal(CASES[i].status, false, "", CASES[i].body)->code == CASES[i].code,
			"%d %s", CASES[i].status, CASES[i].body);
}

static void the_status_decides_where_the_body_says_nothing(void **state)
{
	static const char *const BODIES[] = {"", "<html></html>", "{\"error\":", "[]",
		"{\"error\":\"text\"}", "{\"error\":{\"code\":7}}", "{\"error\":{\"code\":\"\"}}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		refusal(403, false, "", BODIES[i]);
		check(err.code == ERR_GRAPH_FORBIDDEN, "%s", BODIES[i]);
		assert_string_equal(err.detail, "graph: HTTP status 403 code=-");
	}
}

static void status_400_is_the_clients_fault_only_with_a_select(void **state)
{
	refusal(400, true, "", ERROR("BadRequest"));
	assert_int_equal(err.code, ERR_BAD_REQUEST);
	assert_non_null(strstr(err.message, "$select"));
	assert_int_equal(refusal(400, false, "", ERROR("BadRequest"))->code, ERR_GRAPH_ERROR);
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

		refusal(status, false, "", CASES[i / 2].body);

		snprintf(expected, sizeof(expected), "graph: HTTP status %d code=%s", status,
			CASES[i / 2].code);
		assert_string_equal(err.detail, expected);
	}
}

static void the_code_is_read_though_other_text_is_odd(void **state)
{
	refusal(403, false, "",
		"{\"error\":{\"message\":\"\\ud83d "
		"\\u0000\",\"c\\u006fde\":\"access\\u0044enied\"}}");

	assert_string_equal(err_upstream(&err)->code, "accessDenied");
	refusal(403, false, "", "{\"error\":{\"code\":\"a\\u0000b\"}}");
	assert_string_equal(err_upstream(&err)->code, "");
}

static void an_overlong_code_is_left_out(void **state)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%0100d\"}}", 7);
	refusal(403, false, "", body);
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
		refusal(STATUSES[i % 2], false, HEADS[i / 2], "");
		check(err.code == ERR_INSUFFICIENT_CLAIMS, "%s", HEADS[i / 2]);
		assert_string_equal(err_upstream(&err)->claims, CHALLENGE);
	}
}

static void what_is_not_the_callers_own_has_its_own_sentence(void **state)
{
	static const struct {
		int status;
		const char *head, *code, *message;
	} CASES[] = {
		{403, "", "ErrorAccessDenied", "Closed."},
		{404, "", "ErrorItemNotFound", "No mail. Closed."},
		{404, "", "ErrorMailboxNotFound", "Closed."},
		{403,
			"WWW-Authenticate: Bearer error=\"insufficient_claims\", "
			"claims=\"" CHALLENGE "\"\r\n",
			"AccessDenied", ""},
		{401, "", "InvalidAuthenticationToken", ""},
		{503, "", "ErrorServerBusy", ""},
	};
	const struct graph_request request = {.not_found = "No mail.", .elsewhere = "Closed."};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct http_reply reply;
		struct graph_answer answer;
		char body[64];

		snprintf(body, sizeof(body), "{\"error\":{\"code\":\"%s\"}}", CASES[i].code);
		reply = reply_make(CASES[i].status, CASES[i].head, body);
		graph_answer_read(&reply, NOW_S, &answer);
		http_reply_done(&reply);
		assert_false(graph_refusal(&answer, &request, &err));
		graph_answer_done(&answer);
		check(!strcmp(err.message, CASES[i].message), "%s: %s", CASES[i].code, err.message);
	}
}

static void claims_are_taken_however_the_challenge_is_written(void **state)
{
	static const struct {
		const char *challenge, *claims;
	} CASES[] = {
		{"Bearer error = \"insufficient_claims\" , claims\t=\t\"" CHALLENGE "\"",
			CHALLENGE},
		{"bearer Claims=\"" CHALLENGE "\",ERROR=insufficient_claims", CHALLENGE},
		{"Bearer error=\"insufficient_claims\",claims=" CHALLENGE, CHALLENGE},
		{"Negotiate, Bearer realm=\"a, b=\\\"c\", error=\"insufficient_claims\", "
		 "claims=\"" CHALLENGE "\", Basic realm=\"x\"",
			CHALLENGE},
		{"Negotiate YII=, Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE "\"",
			CHALLENGE},
		{"Bearer error=\"invalid_token\", Bearer error=\"insufficient_claims\", "
		 "claims=\"" CHALLENGE "\"",
			CHALLENGE},
		{"Bearer error=\"insufficient_\\claims\", claims=\"" CHALLENGE "\"", CHALLENGE},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ\"", "eyJhIjoxfQ=="},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ=\"", "eyJhIjoxfQ=="},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoi8J-YgMO_In0\"",
			"eyJhIjoi8J+YgMO/In0="},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJ-_w==\"", "eyJ+/w=="},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char head[512];

		snprintf(head, sizeof(head), "WWW-Authenticate: %s\r\n", CASES[i].challenge);
		refusal(401, false, head, "");
		check(err.code == ERR_INSUFFICIENT_CLAIMS, "%s", head);
		assert_string_equal(err_upstream(&err)->claims, CASES[i].claims);
	}
}

static void what_is_no_claims_challenge_is_not_passed_on(void **state)
{
	static const char *const HEADS[] = {
		"WWW-Authenticate: Bearer error=\"invalid_token\", claims=\"" CHALLENGE "\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"a\\\"b\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJ-+w\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", realm=\"claims=" CHALLENGE
		"\"\r\n",
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", PoP claims=\"" CHALLENGE
		"\"\r\n",
		"WWW-Authenticate: Negotiate error=\"insufficient_claims\", claims=\"" CHALLENGE
		"\"\r\n",
		"X-WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"" CHALLENGE
		"\"\r\n",
	};

	for (size_t i = 0; i < COUNT_OF(HEADS); i++) {
		refusal(401, false, HEADS[i], "");
		check(err.code == ERR_INVALID_TOKEN && !*err_upstream(&err)->claims, "%s",
			HEADS[i]);
	}
	assert_int_equal(refusal(404, false,
				 "WWW-Authenticate: Bearer error=\"insufficient_claims\", "
				 "claims=\"" CHALLENGE "\"\r\n",
				 "")
				 ->code,
		ERR_NOT_FOUND);
}

static void claims_too_long_for_a_header_are_not_passed_on(void **state)
{
	char head[4096];

	snprintf(head, sizeof(head),
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"%02044d\"\r\n",
		0);
	refusal(401, false, head, "");
	assert_int_equal(err.code, ERR_INSUFFICIENT_CLAIMS);
	assert_int_equal(strlen(err_upstream(&err)->claims), 2044);
	snprintf(head, sizeof(head),
		"WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"%02048d\"\r\n",
		0);
	refusal(401, false, head, "");
	assert_int_equal(err.code, ERR_INVALID_TOKEN);
	assert_string_equal(err_upstream(&err)->claims, "");
}

static void a_throttle_says_how_long_whatever_graph_does(void **state)
{
	static const struct {
		const char *head;
		int seconds;
	} CASES[] = {
		{"Retry-After: 5\r\n", 5},
		{"retry-after:  7 \r\n", 7},
		{"Retry-After: 1.5\r\n", 2},
		{"Retry-After: Fri, 15 Jan 2027 08:00:30 GMT\r\n", 30},
		{"Retry-After: 30,120\r\n", 120},
		{"Retry-After: 30\r\nRetry-After: 120\r\n", 120},
		{"Retry-After: soon\r\n", 60},
		{"Retry-After: \r\n", 60},
		{"X-Retry-After: 5\r\n", 60},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(refusal(429, false, CASES[i].head, "")->retry_after_s == CASES[i].seconds,
			"%s", CASES[i].head);
}

static void a_user_without_a_licence_for_it_is_told_in_words(void **state)
{
	static const struct {
		const char *body, *sentence;
	} CASES[] = {
		{ERROR("MailboxNotEnabledForRESTAPI"), "This user has no Exchange Online mailbox."},
		{ERROR("ErrorMailboxNotFound"), "This user has no Exchange Online mailbox."},
		{"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"User's mysite not "
		 "found.\"}}",
			"This user has no OneDrive."},
		{"{\"error\":{\"code\":\"itemNotFound\",\"message\":\"mysite\"}}",
			"Microsoft Graph has no such thing."},
		{ERROR("ResourceNotFound"), "Microsoft Graph has no such thing."},
		{"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":7}}",
			"Microsoft Graph has no such thing."},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct err *said = refusal(404, false, "", CASES[i].body);

		assert_int_equal(said->code, ERR_NOT_FOUND);
		check(!strcmp(err_message(said), CASES[i].sentence), "%s: %s", CASES[i].body,
			err_message(said));
	}
}

static void a_refusal_carries_retry_after(void **state)
{
	assert_int_equal(refusal(429, false, "Retry-After: 9\r\n", "")->retry_after_s, 9);
	assert_int_equal(refusal(503, false, "Retry-After: 9\r\n", "")->retry_after_s, 9);
	assert_int_equal(refusal(429, false, "Date: x\r\n", "")->retry_after_s, 60);
	assert_int_equal(refusal(503, false, "Date: x\r\n", "")->retry_after_s, 0);
}

static void the_service_is_named_with_its_code_and_request_id(void **state)
{
	char head[256];

	refusal(403, false, "request-id: r-7\r\nclient-request-id: c-7\r\n", ERROR("accessDenied"));
	assert_string_equal(err_upstream(&err)->service, "graph");
	assert_string_equal(err_upstream(&err)->code, "accessDenied");
	assert_string_equal(err_upstream(&err)->id, "r-7");
	snprintf(head, sizeof(head), "request-id: %064d\r\n", 7);
	refusal(403, false, head, "");
	assert_string_equal(err_upstream(&err)->service, "graph");
	assert_string_equal(err_upstream(&err)->code, "");
	assert_string_equal(err_upstream(&err)->id, ""); /* too long to be one */
}

static void a_body_is_read_only_when_it_is_whole_json(void **state)
{
	static const struct {
		const char *body;
		bool cut, read;
	} CASES[] = {{"{\"a\":1}", false, true}, {"{\"a\":1}", true, false}, {"", false, false},
		{"<html>", false, false}, {"{\"a\":", false, false}, {"{} {}", false, false}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct http_reply reply = reply_make(200, "", CASES[i].body);
		struct graph_answer answer;

		reply.cut = CASES[i].cut;
		graph_answer_read(&reply, NOW_S, &answer);
		assert_int_equal(answer.status, 200);
		check((answer.body.text != NULL) == CASES[i].read, "%s", CASES[i].body);
		graph_answer_done(&answer);
		assert_null(answer.body.text);
		http_reply_done(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_of_graph_has_its_answer),
		cmocka_unit_test(the_status_decides_where_the_body_says_nothing),
		cmocka_unit_test(status_400_is_the_clients_fault_only_with_a_select),
		cmocka_unit_test(the_log_gets_the_deepest_code_and_never_the_message),
		cmocka_unit_test(the_code_is_read_though_other_text_is_odd),
		cmocka_unit_test(an_overlong_code_is_left_out),
		cmocka_unit_test(a_claims_challenge_is_found_wherever_it_stands),
		cmocka_unit_test(what_is_not_the_callers_own_has_its_own_sentence),
		cmocka_unit_test(claims_are_taken_however_the_challenge_is_written),
		cmocka_unit_test(what_is_no_claims_challenge_is_not_passed_on),
		cmocka_unit_test(claims_too_long_for_a_header_are_not_passed_on),
		cmocka_unit_test(a_throttle_says_how_long_whatever_graph_does),
		cmocka_unit_test(a_refusal_carries_retry_after),
		cmocka_unit_test(the_service_is_named_with_its_code_and_request_id),
		cmocka_unit_test(a_body_is_read_only_when_it_is_whole_json),
		cmocka_unit_test(a_user_without_a_licence_for_it_is_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
