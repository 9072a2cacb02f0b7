#include "http/envelope.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

/* Both as a host 4.33 sent them, but for the address. */
static const char CAPTURED[] =
	"{\"Data\":{\"req\":{\"Url\":\"http://localhost:7071/api/Hello?id=7\",\"Method\":\"POST\","
	"\"Query\":{\"id\":\"7\"},\"Headers\":{\"Host\":[\"localhost:7071\"],\"Content-Type\":"
	"[\"application/json\"]},\"Params\":{},\"Identities\":[{\"AuthenticationType\":null,"
	"\"IsAuthenticated\":false,\"Actor\":null,\"BootstrapContext\":null,\"Claims\":[],"
	"\"Label\":null,\"Name\":null,\"NameClaimType\":"
	"\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name\",\"RoleClaimType\":"
	"\"http://schemas.microsoft.com/ws/2008/06/identity/claims/role\"}],"
	"\"Body\":\"{\\\"name\\\":\\\"Atlas\\\"}\"}},\"Metadata\":{\"Query\":{\"id\":\"7\"},"
	"\"Headers\":{\"Host\":\"localhost:7071\",\"Content-Type\":\"application/json\"},\"sys\":"
	"{\"MethodName\":\"Hello\",\"UtcNow\":\"2024-05-14T15:14:15.128919Z\",\"RandGuid\":"
	"\"7a85f722-f6ba-4add-9a45-7ed862be02ae\"},\"id\":\"\\\"7\\\"\",\"name\":\"\\\"Atlas\\\"\"}"
	"}";

static const struct request OUTER = {
	.method = "POST",
	.path = "/Hello",
	.query = "",
	.headers = {{"Host", "127.0.0.1:41234"}, {"X-Azure-Functions-HostVersion", "4.33.2.22572"},
		{"X-Azure-Functions-InvocationId", "fa4fcd1a-a965-431e-8f10-a15c07b4fe2a"},
		{"User-Agent", "Azure-Functions-Host/4.33.2.22572"},
		{"Content-Type", "application/json; charset=utf-8"}},
	.header_count = 5,
	.invocation_id = "fa4fcd1a-a965-431e-8f10-a15c07b4fe2a",
	.body = "",
};

static struct request outer_with(const char *body)
{
	struct request outer = OUTER;

	outer.body = body;
	outer.body_len = strlen(body);
	return outer;
}

static void each_call_is_an_envelope_and_no_probe_is(void **state)
{
	struct request outer = OUTER;

	assert_true(envelope_expected(&outer));
	outer.method = "GET";
	assert_false(envelope_expected(&outer));
	outer = OUTER;
	outer.invocation_id = NULL;
	assert_false(envelope_expected(&outer));
}

static void the_hosts_own_envelope_is_read(void **state)
{
	struct request outer = outer_with(CAPTURED);
	struct envelope envelope;
	autoerr(err);

	assert_true(envelope_open(&envelope, &outer, 1024, &err));
	assert_string_equal(envelope.inner.method, "POST");
	assert_string_equal(envelope.inner.path, "/Hello");
	assert_string_equal(envelope.inner.query, "id=7");
	assert_string_equal(request_header(&envelope.inner, "host"), "localhost:7071");
	assert_null(request_header(&envelope.inner, "User-Agent")); /* the host's own */
	assert_string_equal(envelope.inner.invocation_id, OUTER.invocation_id);
	assert_string_equal(envelope.inner.body, "{\"name\":\"Atlas\"}");
	assert_int_equal(envelope.inner.body_len, 16);
	assert_false(envelope.inner.body_too_large);
	assert_string_equal(envelope.binding, "req");
	envelope_done(&envelope);
}

/* The verdict on an envelope whose trigger has these members. */
static bool opens(struct envelope *envelope, const char *members, size_t body_max, struct err *err)
{
	char text[4096];
	struct request outer;

	snprintf(text, sizeof(text), "{\"Data\":{\"timer\":\"7\",\"in\":{%s}}}", members);
	outer = outer_with(text);
	return envelope_open(envelope, &outer, body_max, err);
}

static void the_query_is_the_urls_whatever_shape_query_has(void **state)
{
	static const char *const CASES[][2] = {
		{"\"Url\":\"http://h/a?x=%20y&z\",\"Method\":\"GET\",\"Query\":\"{}\"", "x=%20y&z"},
		{"\"Url\":\"http://h/a?\",\"Method\":\"GET\",\"Query\":{\"x\":\"y\"}", ""},
		{"\"Url\":\"http://h/a\",\"Method\":\"GET\"", ""},
		{"\"Url\":\"http://h/a?q=?\",\"Method\":\"GET\",\"Query\":null", "q=?"},
	};
	struct envelope envelope;
	autoerr(err);

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		assert_true(opens(&envelope, CASES[i][0], 64, &err));
		assert_string_equal(envelope.inner.query, CASES[i][1]);
		assert_string_equal(envelope.inner.body, "");
		assert_string_equal(envelope.binding, "in");
		envelope_done(&envelope);
	}
}

static void headers_are_arrays_or_strings_and_nothing_else(void **state)
{
	struct envelope envelope;
	autoerr(err);

	assert_true(opens(&envelope,
		"\"Url\":\"/\",\"Method\":\"GET\",\"Headers\":{\"A\":[\"1\",\"2\"],\"B\":\"3\","
		"\"C\":[],\"D\":7,\"E\":null,\"F\":[null]}",
		64, &err));
	assert_int_equal(envelope.inner.header_count, 3);
	assert_string_equal(request_header(&envelope.inner, "a"), "1");
	assert_int_equal(request_header_count(&envelope.inner, "a"), 2);
	assert_string_equal(request_header(&envelope.inner, "b"), "3");
	envelope_done(&envelope);
}

/* Of count fields, half of them of one name. */
static bool opens_with(int count, enum err_code *ret)
{
	struct envelope envelope;
	struct buf members;
	autoerr(err);
	bool good;

	buf_init(&members);
	buf_adds(&members, "\"Url\":\"/\",\"Method\":\"GET\",\"Headers\":{\"A\":[\"v\"");
	for (int i = 1; i < count / 2; i++)
		buf_adds(&members, ",\"v\"");
	buf_adds(&members, "]");
	for (int i = count / 2; i < count; i++)
		buf_addf(&members, ",\"H%d\":\"v\"", i);
	buf_adds(&members, "}");
	good = opens(&envelope, buf_text(&members), 64, &err);
	*ret = good ? ERR_NONE : err.code;
	envelope_done(&envelope);
	buf_done(&members);
	return good;
}

static void more_headers_than_there_is_room_for_are_refused_not_dropped(void **state)
{
	enum err_code code;

	assert_true(opens_with(HEADERS_MAX, &code));
	assert_false(opens_with(HEADERS_MAX + 1, &code));
	assert_int_equal(code, ERR_HEADERS_TOO_LARGE);
	assert_false(opens_with(2 * HEADERS_MAX, &code));
}

#define BODY(type, body)                                                                           \
	"\"Url\":\"/\",\"Method\":\"PUT\",\"Headers\":{\"Content-Type\":[\"" type                  \
	"\"]},\"Body\":\"" body "\""

static void bytes_and_forms_are_decoded_from_base64(void **state)
{
	static const struct {
		const char *members, *body;
		size_t n;
	} CASES[] = {
		{BODY("application/octet-stream", "AP8K"), "\0\xff\n", 3},
		{BODY("application/octet-stream", "AAECAwQ="), "\0\1\2\3\4", 5},
		{BODY("Application/Octet-Stream; x=y", "aGk="), "hi", 2},
		{BODY("multipart/form-data; boundary=x", "aA=="), "h", 1},
		{BODY("application/octet-stream", ""), "", 0},
		{BODY("text/plain", "AP8K"), "AP8K", 4},
		{BODY("application/json", "AP8K"), "AP8K", 4},
	};
	struct envelope envelope;
	autoerr(err);

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		check(opens(&envelope, CASES[i].members, 64, &err), "%s", CASES[i].members);
		check(envelope.inner.body_len == CASES[i].n, "%s", CASES[i].members);
		assert_memory_equal(envelope.inner.body, CASES[i].body, CASES[i].n);
		envelope_done(&envelope);
	}
}

static void a_body_over_the_limit_is_marked_not_kept(void **state)
{
	struct envelope envelope;
	autoerr(err);

	assert_true(opens(&envelope, BODY("text/plain", "12345"), 5, &err));
	assert_false(envelope.inner.body_too_large);
	envelope_done(&envelope);
	assert_true(opens(&envelope, BODY("text/plain", "123456"), 5, &err));
	assert_true(envelope.inner.body_too_large);
	assert_int_equal(envelope.inner.body_len, 0);
	envelope_done(&envelope);
	assert_true(opens(&envelope, BODY("application/octet-stream", "AAECAwQ="), 5, &err));
	assert_false(envelope.inner.body_too_large); /* what counts is what was sent */
	envelope_done(&envelope);
}

static void an_envelope_over_the_limit_is_answered_as_such(void **state)
{
	struct request outer = OUTER;
	struct envelope envelope;
	autoerr(err);

	outer.body_too_large = true;
	assert_true(envelope_open(&envelope, &outer, 5, &err));
	assert_true(envelope.inner.body_too_large);
	assert_string_equal(envelope.inner.path, "/Hello");
	envelope_done(&envelope);
}

static void what_is_no_envelope_is_refused(void **state)
{
	static const char *const BODIES[] = {"", "{}", "[]", "null", "not json", "{\"Data\":{}}",
		"{\"Data\":null}", "{\"Data\":{\"req\":{\"Url\":\"http://h/\"}}}",
		"{\"Data\":{\"req\":{\"Url\":7,\"Method\":\"GET\"}}}",
		"{\"data\":{\"req\":{\"Url\":\"/\",\"Method\":\"GET\"}}}",
		"{\"Data\":{\"req\":{\"Url\":\"/\",\"Method\":\"GET\"}}} x",
		"{\"Data\":{" BODY("text/plain", "\\u0000") "}}",
		"{\"Data\":{\"req\":{" BODY("application/octet-stream", "AP8") "}}}",
		"{\"Data\":{\"req\":{" BODY("application/octet-stream", "AP8!") "}}}"};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		struct request outer = outer_with(BODIES[i]);
		struct envelope envelope;
		autoerr(err);

		check(!envelope_open(&envelope, &outer, 64, &err), "%s", BODIES[i]);
		assert_int_equal(err.code, ERR_BAD_REQUEST);
		envelope_done(&envelope);
	}
}

/* The `res` output of a wrapped answer, within *ret_tree. */
static cJSON *wrapped(struct response *inner, cJSON **ret_tree)
{
	struct response outer;
	autoerr(err);

	response_init(&outer);
	assert_true(envelope_wrap(inner, &outer, &err));
	assert_int_equal(outer.status, 200); /* or the host would show nobody the answer */
	assert_string_equal(outer.headers[0].name, "Content-Type");
	assert_string_equal(outer.headers[0].value, "application/json");
	*ret_tree = cJSON_ParseWithLength(outer.body, outer.body_len);
	assert_non_null(*ret_tree);
	response_done(&outer);
	response_done(inner);
	return cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(*ret_tree, "Outputs"), "res");
}

static void an_answer_is_wrapped_with_status_headers_and_body_as_text(void **state)
{
	autofree_json cJSON *tree = NULL;
	struct response inner;
	int64_t status = 0;
	cJSON *res;

	response_init(&inner);
	inner.status = 404;
	response_body_static(&inner, "application/json", "{\"a\":\"\xc3\xa9\"}", 10);
	response_header(&inner, "Allow", "GET");
	res = wrapped(&inner, &tree);
	assert_true(json_integer(res, "statusCode", &status));
	assert_int_equal(status, 404);
	assert_string_equal(json_string(res, "body"), "{\"a\":\"\xc3\xa9\"}");
	res = cJSON_GetObjectItemCaseSensitive(res, "headers");
	assert_string_equal(json_string(res, "Content-Type"), "application/json");
	assert_string_equal(json_string(res, "Allow"), "GET");
	assert_true(cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(tree, "Logs")));
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(tree, "ReturnValue")));
}

static void an_empty_answer_is_wrapped_too(void **state)
{
	autofree_json cJSON *tree = NULL;
	struct response inner;

	response_init(&inner);
	assert_string_equal(json_string(wrapped(&inner, &tree), "body"), "");
}

static void bytes_that_are_no_text_are_not_wrapped(void **state)
{
	static const char *const BODIES[] = {"\xff\xfe", "a\0b", "\xc3"};
	static const size_t LENGTHS[] = {2, 3, 1};

	for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
		struct response inner, outer;
		autoerr(err);

		response_init(&inner);
		response_init(&outer);
		response_body_static(&inner, "application/octet-stream", BODIES[i], LENGTHS[i]);
		check(!envelope_wrap(&inner, &outer, &err), "body %zu", i);
		assert_int_equal(err.code, ERR_UNSUPPORTED_MEDIA_TYPE);
		assert_int_equal(outer.body_len, 0);
		response_done(&inner);
		response_done(&outer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_is_an_envelope_and_no_probe_is),
		cmocka_unit_test(the_hosts_own_envelope_is_read),
		cmocka_unit_test(the_query_is_the_urls_whatever_shape_query_has),
		cmocka_unit_test(headers_are_arrays_or_strings_and_nothing_else),
		cmocka_unit_test(more_headers_than_there_is_room_for_are_refused_not_dropped),
		cmocka_unit_test(bytes_and_forms_are_decoded_from_base64),
		cmocka_unit_test(a_body_over_the_limit_is_marked_not_kept),
		cmocka_unit_test(an_envelope_over_the_limit_is_answered_as_such),
		cmocka_unit_test(what_is_no_envelope_is_refused),
		cmocka_unit_test(an_answer_is_wrapped_with_status_headers_and_body_as_text),
		cmocka_unit_test(an_empty_answer_is_wrapped_too),
		cmocka_unit_test(bytes_that_are_no_text_are_not_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
