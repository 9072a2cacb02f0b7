#include "base/url.h"

#include <string.h>

#include "stage/support.h"

static void a_url_falls_into_scheme_host_and_rest(void **state)
{
	static const struct {
		const char *text, *host, *rest;
		bool tls;
	} CASES[] = {{"https://a.example", "a.example", "", true},
		{"http://a.example/", "a.example", "/", false},
		{"HTTPS://A.example:8443/x?y#z", "A.example", "/x?y#z", true},
		{"http://[::1]:7/a//b", "[::1]", "/a//b", false},
		{"https://127.0.0.1:65535", "127.0.0.1", "", true}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct url url;

		check(url_parse(CASES[i].text, &url), "%s", CASES[i].text);
		assert_int_equal(url.host_len, strlen(CASES[i].host));
		assert_memory_equal(url.host, CASES[i].host, url.host_len);
		assert_string_equal(url.rest, CASES[i].rest);
		assert_int_equal(url.tls, CASES[i].tls);
	}
}

static void what_two_readers_may_take_for_two_things_is_no_url(void **state)
{
	static const char *const TEXTS[] = {"", "a.example", "//a.example", "ftp://a.example",
		"https:", "https://", "https:///x", "https:/a.example", "https://:1",
		"https://a.example:", "https://a.example:0", "https://a.example:65536",
		"https://a.example:+1", "https://a.example:1x", "https://u@a.example",
		"https://u:p@a.example", "https://a.example:1@b.example", "https://a%2eexample",
		"https://a.example\\b", "https://a example", " https://a.example",
		"https://a.example?x", "https://a.example#x", "https://[::1", "https://[::1]x",
		"https://[::1]:", "https://\xc3\xa4.example", "https://a.example\r\n"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		struct url untouched = {.host = "kept"};

		check(!url_parse(TEXTS[i], &untouched), "%s", TEXTS[i]);
		assert_string_equal(untouched.host, "kept");
	}
}

static void a_loopback_host_is_one_by_its_whole_name(void **state)
{
	static const struct {
		const char *text;
		bool loopback;
	} CASES[] = {{"http://127.0.0.1", true}, {"http://LocalHost:1/x", true},
		{"https://[::1]:2", true}, {"http://127.0.0.10", false},
		{"http://127.0.0.1.a.example", false}, {"http://localhost.a.example", false},
		{"http://a.example/localhost", false}, {"http://[::]", false},
		{"http://local", false}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct url url;

		assert_true(url_parse(CASES[i].text, &url));
		check(url_is_loopback(&url) == CASES[i].loopback, "%s", CASES[i].text);
	}
}

static void an_origin_is_scheme_host_and_port_whole(void **state)
{
	static const struct {
		const char *text, *origin;
		bool has;
	} CASES[] = {{"https://a.example/x", "https://a.example", true},
		{"https://a.example", "HTTPS://A.Example", true},
		{"https://a.example:8443/x", "https://a.example:8443", true},
		{"https://a.example/x", "https://a.example/x", false},
		{"https://a.example/x", "https://a.example/", false},
		{"https://a.example/x", "https://a.exampl", false},
		{"https://a.example.evil/x", "https://a.example", false},
		{"https://a.example:8443/x", "https://a.example", false},
		{"http://a.example/x", "https://a.example", false},
		{"https://a.example@evil/x", "https://a.example", false},
		{"https://a.example", "", false}, {"", "", false}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		check(url_has_origin(CASES[i].text, CASES[i].origin) == CASES[i].has, "%s %s",
			CASES[i].text, CASES[i].origin);
}

static void a_url_is_written_again_as_parsers_do(void **state)
{
	static const char *const CASES[][2] = {
		{"HTTPS://A.Example:443/Path/X", "https://a.example/Path/X"},
		{"https://a.example:0443", "https://a.example"},
		{"http://A.example:80/", "http://a.example/"},
		{"http://[::1]:80/x", "http://[::1]/x"},
		{"https://a.example:80/x:443", "https://a.example:80/x:443"},
		{"http://a.example:443", "http://a.example:443"},
		{"https://a.example:8443/x", "https://a.example:8443/x"},
		{"https://a.example", "https://a.example"}, {"Not A URL", "Not A URL"}, {"", ""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *normal = url_normal(CASES[i][0]);

		assert_string_equal(normal, CASES[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_falls_into_scheme_host_and_rest),
		cmocka_unit_test(what_two_readers_may_take_for_two_things_is_no_url),
		cmocka_unit_test(a_loopback_host_is_one_by_its_whole_name),
		cmocka_unit_test(an_origin_is_scheme_host_and_port_whole),
		cmocka_unit_test(a_url_is_written_again_as_parsers_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
