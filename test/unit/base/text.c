#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

static void a_list_has_its_whole_parts_only(void **state)
{
	assert_true(list_has("a bc d", ' ', "a"));
	assert_true(list_has("a bc d", ' ', "bc"));
	assert_true(list_has("a bc d", ' ', "d"));
	assert_true(list_has("  a,  ", ' ', "a,"));
	assert_false(list_has("a bc d", ' ', "b"));
	assert_false(list_has("a bc d", ' ', "c"));
	assert_false(list_has("a bc d", ' ', "bcd"));
	assert_false(list_has("a bc d", ' ', "a bc"));
	assert_false(list_has("a bc d", ',', "bc"));
	assert_false(list_has("a", ' ', "A"));
}

static void nothing_is_in_no_list(void **state)
{
	assert_false(list_has("", ' ', "a"));
	assert_false(list_has("", ' ', ""));
	assert_false(list_has("a  b", ' ', ""));
	assert_false(list_has(" ", ' ', ""));
}

static void a_guid_is_8_4_4_4_12_hexadecimal(void **state)
{
	static const char *const BAD[] = {"", "1", "11111111-2222-3333-4444-55555555555",
		"11111111-2222-3333-4444-5555555555555", "11111111-2222-3333-4444-55555555555g",
		"11111111222233334444555555555555", "{11111111-2222-3333-4444-555555555555}",
		"1111111-12222-3333-4444-555555555555", "11111111-2222-3333-4444 555555555555",
		"--------------------------------------", "11111111-2222-3333-4444-555555555555\n"};

	assert_true(guid_valid("11111111-2222-3333-4444-555555555555"));
	assert_true(guid_valid("abcdefAB-CDEF-0123-4567-89abcdefABCD"));
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!guid_valid(BAD[i]), "%s", BAD[i]);
}

static void utf8_of_every_length_is_valid(void **state)
{
	static const char *const GOOD[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"};

	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(utf8_valid(GOOD[i], strlen(GOOD[i])), "case %zu", i);
	assert_true(utf8_valid("a\0b", 3));
}

static void what_rfc_3629_forbids_is_not_utf8(void **state)
{
	static const char *const BAD[] = {
		"\x80",
		"\xbf",
		"a\x80", /* no first byte */
		"\xc0\x80",
		"\xc0\xaf",
		"\xc1\xbf", /* overlong, two bytes */
		"\xe0\x80\x80",
		"\xe0\x9f\xbf", /* overlong, three */
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", /* overlong, four */
		"\xed\xa0\x80",
		"\xed\xbf\xbf", /* surrogates */
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff", /* beyond U+10FFFF */
		"\xf8\x88\x80\x80\x80",
		"\xfe", /* never were */
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x98",
		"a\xc3", /* truncated */
		"\xc3z",
		"\xe2z\x82",
		"\xe2\x82z",
		"\xf0\x9f\x98z",
		"\xc3\xc3\xa9",
	};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!utf8_valid(BAD[i], strlen(BAD[i])), "case %zu", i);
}

static void bytes_after_the_end_do_not_complete_a_character(void **state)
{
	assert_false(utf8_valid("\xc3\xa9", 1));
	assert_false(utf8_valid("\xf0\x9f\x98\x80", 3));
}

static void length_is_counted_in_characters(void **state)
{
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("abc"), 3);
	assert_int_equal(utf8_length("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 3);
}

static void control_characters_of_both_sets_are_found(void **state)
{
	static const char *const BAD[] = {"\x01", "a\n", "\t", "\x1f", "\x1b[31m", "a\x7f",
		"\xc2\x80", "a\xc2\x85z", "\xc2\x9b", "\xc2\x9f"};
	static const char *const GOOD[] = {"", " ", "~", "\xc2\xa0", "\xc3\x80", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\xc4\x85"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(utf8_has_control(BAD[i]), "case %zu", i);
	for (size_t i = 0; i < COUNT_OF(GOOD); i++)
		check(!utf8_has_control(GOOD[i]), "case %zu", i);
}

static void bytes_that_are_no_utf8_are_found_wherever_they_stand(void **state)
{
	char text[24];

	for (size_t bad = 0; bad < sizeof(text); bad++) {
		memset(text, 'a', sizeof(text));
		text[bad] = (char)0xff;
		for (size_t n = 0; n <= sizeof(text); n++)
			check(utf8_valid(text, n) == (n <= bad), "%zu of %zu", bad, n);
	}
}

static void a_number_of_any_size_has_its_digits(void **state)
{
	static const int64_t NUMBERS[] = {
		0, 1, -1, 9, 10, -10, 99, 100, 123456789012345, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < COUNT_OF(NUMBERS); i++) {
		char room[INT_DIGITS_SIZE], expected[32];

		snprintf(expected, sizeof(expected), "%" PRId64, NUMBERS[i]);
		assert_string_equal(int_digits(NUMBERS[i], room), expected);
	}
}

static void text_is_lower_cased_where_it_stands(void **state)
{
	char text[] = "Az-09.\xc3\x84[";

	assert_ptr_equal(text_lower(text), text);
	assert_string_equal(text, "az-09.\xc3\x84[");
	assert_null(text_lower(NULL));
}

static void a_copy_leaves_slashes_at_the_end_out(void **state)
{
	static const char *const CASES[][2] = {
		{"https://x/", "https://x"}, {"a//b//", "a//b"}, {"/", ""}, {"", ""}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char *copy = text_without_slash(CASES[i][0]);

		assert_string_equal(copy, CASES[i][1]);
		free(copy);
	}
}

static void an_ascii_control_character_is_found(void **state)
{
	assert_true(text_has_control("a\nb"));
	assert_true(text_has_control("\x7f"));
	assert_false(text_has_control("a b\xc2\x85"));
	assert_false(text_has_control(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_its_whole_parts_only),
		cmocka_unit_test(nothing_is_in_no_list),
		cmocka_unit_test(a_guid_is_8_4_4_4_12_hexadecimal),
		cmocka_unit_test(utf8_of_every_length_is_valid),
		cmocka_unit_test(what_rfc_3629_forbids_is_not_utf8),
		cmocka_unit_test(bytes_after_the_end_do_not_complete_a_character),
		cmocka_unit_test(length_is_counted_in_characters),
		cmocka_unit_test(control_characters_of_both_sets_are_found),
		cmocka_unit_test(bytes_that_are_no_utf8_are_found_wherever_they_stand),
		cmocka_unit_test(text_is_lower_cased_where_it_stands),
		cmocka_unit_test(a_copy_leaves_slashes_at_the_end_out),
		cmocka_unit_test(an_ascii_control_character_is_found),
		cmocka_unit_test(a_number_of_any_size_has_its_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
