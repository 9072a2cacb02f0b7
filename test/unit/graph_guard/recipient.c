/* Who is within the domains that the operator allows. */
#include "graph/recipient.h"

#include <string.h>

#include "stage/support.h"

#define DOMAINS "example.com,xn--bcher-kva.example"

static void a_plain_address_of_a_listed_domain_is_allowed(void **state)
{
	static const char *const ADDRESSES[] = {"adele@example.com", "Adele.Vance@EXAMPLE.com",
		"o'brien+x_y-z=1&2~@example.com", "a@xn--bcher-kva.example",
		"a@XN--BCHER-KVA.example"};

	for (size_t i = 0; i < COUNT_OF(ADDRESSES); i++)
		check(recipient_is_allowed(DOMAINS, ADDRESSES[i]), "%s", ADDRESSES[i]);
}

static void what_could_be_read_as_another_address_is_outside(void **state)
{
	static const char *const ADDRESSES[] = {"", "adele", "@example.com", "adele@",
		"adele@other.example", "adele@sub.example.com", "adele@example.com.evil.example",
		"adele@example.com.", "adele@.example.com", "adele@notexample.com",
		"adele@example.co", "adele@com", "adele@evil.example@example.com",
		"adele@example.com@evil.example", "\"adele@evil.example\"@example.com",
		"\"a b\"@example.com", "adele%evil.example@example.com",
		"evil.example!adele@example.com", "adele_evil.example#EXT#@example.com",
		"@evil.example:adele@example.com", "adele@example.com,evil@evil.example",
		"evil@evil.example,adele@example.com", "evil@evil.example;adele@example.com",
		"adele@example.com;", "Adele <adele@evil.example>", "<adele@example.com>",
		"evil@evil.example <adele@example.com>", "adele@example.com (evil@evil.example)",
		"(x)adele@example.com", "adele@example.com ", " adele@example.com",
		"adele@example.com\n", "a\nRCPT TO:evil@evil.example@example.com",
		"adele@example.com\tx", "adele@[127.0.0.1]", "adele@example.com:25",
		"mailto:adele@example.com", "smtp:adele@example.com", "adele\\@example.com",
		"ad\xc3\xa8le@example.com", "adele@ex\xd0\xb0mple.com",
		"adele@example\xe3\x80\x82"
		"com",
		"adele@b\xc3\xbc"
		"cher.example",
		"adele\xef\xbc\xa0"
		"example.com",
		"adele@example.com,xn--bcher-kva.example"};

	for (size_t i = 0; i < COUNT_OF(ADDRESSES); i++)
		check(!recipient_is_allowed(DOMAINS, ADDRESSES[i]), "%s", ADDRESSES[i]);
}

static void those_outside_are_counted_and_named(void **state)
{
	static const struct {
		const char *value, *names;
		int outside, all;
	} CASES[] = {
		{"[\"a@example.com\",\"b@example.com\"]", "", 0, 2},
		{"[\"a@example.com\",\"b@evil.example\",7]",
			"b@evil.example, somebody without an address", 2, 3},
		{"\"c@evil.example\"", "c@evil.example", 1, 1},
		{"{\"name\":\"Adele\",\"address\":\"a@example.com\"}", "", 0, 1},
		{"{\"name\":\"a@example.com\",\"address\":\"d@evil.example\"}", "d@evil.example", 1,
			1},
		{"[{\"name\":\"Skype user\"},{}]", "Skype user, somebody without an address", 2, 2},
		{"[]", "", 0, 0},
		{"[null]", "somebody without an address", 1, 1},
		{"[[\"a@example.com\"]]", "somebody without an address", 1, 1},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree_json cJSON *value = cJSON_Parse(CASES[i].value);
		struct buf names;
		int all = 0;

		buf_init(&names);
		assert_int_equal(
			recipients_outside(DOMAINS, value, &names, &all), CASES[i].outside);
		assert_int_equal(all, CASES[i].all);
		assert_string_equal(buf_text(&names), CASES[i].names);
		buf_done(&names);
	}
}

static void names_leave_room_in_a_sentence(void **state)
{
	autofree_json cJSON *list = cJSON_CreateArray();
	char address[400];
	struct buf names;
	int all = 0;

	memset(address, 'a', sizeof(address));
	memcpy(address + 370, "@evil.example", sizeof("@evil.example"));
	for (int i = 0; i < 500; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(address));
	buf_init(&names);
	assert_int_equal(recipients_outside(DOMAINS, list, &names, &all), 500);
	check(names.len < 230, "%zu", names.len);
	buf_done(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_address_of_a_listed_domain_is_allowed),
		cmocka_unit_test(what_could_be_read_as_another_address_is_outside),
		cmocka_unit_test(those_outside_are_counted_and_named),
		cmocka_unit_test(names_leave_room_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
