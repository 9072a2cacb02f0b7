#include "http/message.h"

#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

static struct buf value;
static bool found;

static int set_up(void **state)
{
	buf_init(&value);
	return 0;
}

static int tear_down(void **state)
{
	buf_done(&value);
	return 0;
}

/* Reads the parameter into value and found. */
static bool reads(const char *query, const char *name)
{
	struct request request = {.query = query};
	autoerr(err);

	buf_done(&value);
	found = false;
	if (request_query(&request, name, &value, &found, &err))
		return true;
	assert_int_equal(err.code, ERR_BAD_REQUEST);
	assert_false(found);
	return false;
}

static void assert_reads(const char *query, const char *name, const char *expected)
{
	check(reads(query, name) && found, "%s", query);
	assert_string_equal(buf_text(&value), expected);
}

static void a_parameter_is_decoded(void **state)
{
	assert_reads("name=Adele", "name", "Adele");
	assert_reads("a=b&name=x+y%20z%2b%26%3D&c", "name", "x y z+&=");
	assert_reads("name=%C3%A9%c3%a9", "name", "\xc3\xa9\xc3\xa9");
	assert_reads("name=a=b", "name", "a=b");
	assert_reads("&&name=x&", "name", "x");
}

static void a_parameter_without_a_value_is_there_and_empty(void **state)
{
	assert_reads("name", "name", "");
	assert_reads("name=", "name", "");
	assert_reads("name=&x=y", "name", "");
}

static void an_absent_parameter_is_not_found(void **state)
{
	static const char *const QUERIES[] = {
		"", "&", "=x", "nam=x", "names=x", "x=name", "xname=y"};

	for (size_t i = 0; i < COUNT_OF(QUERIES); i++) {
		assert_true(reads(QUERIES[i], "name"));
		check(!found, "%s", QUERIES[i]);
	}
}

static void names_ignore_case_and_may_be_encoded(void **state)
{
	assert_reads("NAME=x", "name", "x");
	assert_reads("%24select=mail", "$select", "mail");
	assert_reads("$Select=mail", "$select", "mail");
	assert_reads("%6eame=x", "name", "x");
}

static void repeated_values_are_joined_with_commas(void **state)
{
	assert_reads("$select=a&x=y&%24SELECT=b&$select=c,d", "$select", "a,b,c,d");
	assert_reads("name=&name=x", "name", ",x");
}

static void broken_encoding_is_refused(void **state)
{
	static const char *const BAD[] = {"name=%", "name=%4", "name=%4&a=b", "name=%zz",
		"name=%4g", "name=%%41", "name=a%00b", "name=%c3", "name=%ff", "name=%ed%a0%80",
		"name=\xff", "name=x&name=%"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!reads(BAD[i], "name"), "%s", BAD[i]);
}

static void broken_encoding_elsewhere_is_nobodys_business(void **state)
{
	assert_reads("a=%zz&%=1&%00=2&name=x", "name", "x");
}

static void a_value_has_a_limit(void **state)
{
	char *query = calloc(1, QUERY_VALUE_MAX + 8);

	memcpy(query, "name=", 5);
	memset(query + 5, 'x', QUERY_VALUE_MAX);
	assert_true(reads(query, "name"));
	assert_int_equal(value.len, QUERY_VALUE_MAX);
	query[5 + QUERY_VALUE_MAX] = 'x';
	assert_false(reads(query, "name"));
	free(query);
}

static void a_header_is_found_in_any_case(void **state)
{
	struct request request = {
		.headers = {{"Accept", "a"}, {"accept", "b"}, {"X", ""}}, .header_count = 3};

	assert_string_equal(request_header(&request, "ACCEPT"), "a");
	assert_int_equal(request_header_count(&request, "Accept"), 2);
	assert_string_equal(request_header(&request, "x"), "");
	assert_null(request_header(&request, "Accep"));
	assert_int_equal(request_header_count(&request, "Accepts"), 0);
	request.header_count = 0;
	assert_null(request_header(&request, "Accept"));
}

static void a_media_type_matches_whole_and_without_parameters(void **state)
{
	static const struct {
		const char *given;
		bool same;
	} CASES[] = {
		{"application/json", true},
		{"Application/JSON", true},
		{"application/json; charset=utf-8", true},
		{"application/json ;x", true},
		{"application/json\t", true},
		{"application/jsonp", false},
		{"application/json+x", false},
		{"application/jso", false},
		{"text/json", false},
		{"", false},
		{" application/json", false},
		{"application/json, text/html", false},
		{"text/html, application/json", false},
		{"application/json,", false},
		{"application/json, application/json", true},
		{"application/json;charset=utf-8 ,\tApplication/JSON", true},
		{"application/json; profile=\"a,\\\"b\"", true},
		{"application/json; profile=\"a, application/json", true},
		{"x; application/json", false},
	};
	struct request request = {.header_count = 0};

	assert_false(request_is_type(&request, "application/json"));
	request.header_count = 1;
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		request.headers[0] = (struct header){"content-type", CASES[i].given};
		check(request_is_type(&request, "application/json") == CASES[i].same, "%s",
			CASES[i].given);
	}
}

static void every_copy_of_the_media_type_must_match(void **state)
{
	struct request request = {
		.headers = {{"Content-Type", "application/json"}, {"X", "text/html"},
			{"content-type", "application/json; charset=utf-8"}},
		.header_count = 3};

	assert_true(request_is_type(&request, "application/json"));
	request.headers[2].value = "text/html";
	assert_false(request_is_type(&request, "application/json"));
	assert_false(request_is_type(&request, "text/html"));
}

static void a_header_set_again_replaces_the_first(void **state)
{
	struct response response;

	response_init(&response);
	response_header(&response, "Allow", "GET");
	response_header(&response, "Vary", "x");
	response_header(&response, "allow", "POST");
	assert_int_equal(response.header_count, 2);
	assert_string_equal(response.headers[0].value, "POST");
	response_done(&response);
	assert_int_equal(response.header_count, 0);
}

static void no_value_can_start_another_header(void **state)
{
	static const char *const BAD[] = {"a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\n"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		struct response response;

		response_init(&response);
		response_header(&response, "X", BAD[i]);
		assert_string_equal(response.headers[0].value, "a");
		response_done(&response);
	}
}

static void a_response_starts_as_an_empty_200(void **state)
{
	struct response response;

	response_init(&response);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "");
	assert_int_equal(response.body_len, 0);
}

static void a_body_replaced_is_freed_and_its_type_replaced(void **state)
{
	struct response response;

	response_init(&response);
	response_body_owned(&response, "text/plain", xstrdup("one"), 3);
	response_body_owned(&response, "application/json", xstrdup("[2]"), 3);
	assert_string_equal(response.body, "[2]");
	response_body_static(&response, "text/plain", "three", 5);
	assert_string_equal(response.body, "three");
	assert_int_equal(response.body_len, 5);
	assert_int_equal(response.header_count, 1);
	assert_string_equal(response.headers[0].value, "text/plain");
	response_done(&response);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_parameter_is_decoded),
		TEST(a_parameter_without_a_value_is_there_and_empty),
		TEST(an_absent_parameter_is_not_found),
		TEST(names_ignore_case_and_may_be_encoded),
		TEST(repeated_values_are_joined_with_commas),
		TEST(broken_encoding_is_refused),
		TEST(broken_encoding_elsewhere_is_nobodys_business),
		TEST(a_value_has_a_limit),
		TEST(a_header_is_found_in_any_case),
		TEST(a_media_type_matches_whole_and_without_parameters),
		TEST(every_copy_of_the_media_type_must_match),
		TEST(a_header_set_again_replaces_the_first),
		TEST(no_value_can_start_another_header),
		TEST(a_response_starts_as_an_empty_200),
		TEST(a_body_replaced_is_freed_and_its_type_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
