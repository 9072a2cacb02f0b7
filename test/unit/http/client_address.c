#include "http/client_address.h"

#include <string.h>

#include "stage/support.h"

static void assert_address(const char *header, const char *expected)
{
	struct request request = {.headers = {{"client-ip", header}}, .header_count = 1};
	char address[INET6_ADDRSTRLEN];

	client_address(&request, address);
	check(!strcmp(address, expected), "%s: %s", header, address);
}

static void an_address_comes_without_its_port(void **state)
{
	assert_address("203.0.113.7:49828", "203.0.113.7");
	assert_address("203.0.113.7", "203.0.113.7");
	assert_address("[::ffff:203.0.113.7]:49828", "203.0.113.7");
}

static void of_ipv6_the_network_counts(void **state)
{
	assert_address("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::");
	assert_address("2001:db8:1:2:ffff::9", "2001:db8:1:2::");
	assert_address("[2001:db8:1:3::6]:443", "2001:db8:1:3::");
}

static void what_is_no_address_is_none(void **state)
{
	static const char *const TEXTS[] = {"", ":", ":443", "[", "[]", "[]:1", "localhost",
		"203.0.113", "203.0.113.7.8", "203.0.113.7, 198.51.100.1",
		"203.0.113.7:1, 1.2.3.4:2", "1:2:3", "2001:db8::1%eth0", "::g",
		"2001:0db8:0001:0002:0003:0004:0005:0006:0007:0008:0009:0010"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		assert_address(TEXTS[i], "");
}

static void without_the_header_there_is_none(void **state)
{
	struct request request = {0};
	char address[INET6_ADDRSTRLEN] = "x";

	client_address(&request, address);
	assert_string_equal(address, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_comes_without_its_port),
		cmocka_unit_test(of_ipv6_the_network_counts),
		cmocka_unit_test(what_is_no_address_is_none),
		cmocka_unit_test(without_the_header_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
