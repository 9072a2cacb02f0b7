#include "content/charset.h"

#include <string.h>

#include "stage/support.h"

/* The text of bytes that are said to be in that charset. */
static void expect(const char *label, const char *bytes, const char *expected)
{
	struct buf text;
	struct text_out out = {.buf = &text, .max = 4096};
	struct json_span name = {label, strlen(label)};

	buf_init(&text);
	charset_decode((struct json_span){bytes, strlen(bytes)}, charset_named(name), &out);
	check(!strcmp(buf_text(&text), expected), "%s: %s", label, buf_text(&text));
	buf_done(&text);
}

static void words_of_a_charset_are_made_utf_8(void **state)
{
	static const struct {
		const char *label, *bytes, *text;
	} CASES[] = {
		{"windows-1250",
			"\xa3\xf3"
			"d\x9f P\xf8\xedli\x9a Gy\xf5r \xaa"
			"ase",
			"\xc5\x81\xc3\xb3"
			"d\xc5\xba P\xc5\x99\xc3\xadli\xc5\xa1 Gy\xc5\x91r \xc5\x9e"
			"ase"},
		{"windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2 \xb8\xeb\xea\xe0 \xaf\xe6\xe0\xea",
			"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
			"\xd1\x91\xd0\xbb\xd0\xba\xd0\xb0 \xd0\x87\xd0\xb6\xd0\xb0\xd0\xba"},
		{"windows-1252", "na\xefve 5 \x80 \x8cuvre",
			"na\xc3\xafve 5 \xe2\x82\xac \xc5\x92uvre"},
		{"windows-1253", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xbf\xf1\xe1 \xc0",
			"\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1 "
			"\xce\x8f\xcf\x81\xce\xb1 \xce\x90"},
		{"windows-1254",
			"\xddstanbul a\xf0"
			"a\xe7 I\xfe\xfdk",
			"\xc4\xb0stanbul a\xc4\x9f"
			"a\xc3\xa7 I\xc5\x9f\xc4\xb1k"},
		{"windows-1257", "R\xeega \xde\xe0sis \xd5htu",
			"R\xc4\xabga \xc5\xbd\xc4\x85sis \xc3\x95htu"},
		{"ISO-8859-1",
			"na\xefve Gr\xf6\xdf"
			"e",
			"na\xc3\xafve Gr\xc3\xb6\xc3\x9f"
			"e"},
		{"iso-8859-2",
			"\xa3\xf3"
			"d\xbc P\xf8\xedli\xb9 Gy\xf5r",
			"\xc5\x81\xc3\xb3"
			"d\xc5\xba P\xc5\x99\xc3\xadli\xc5\xa1 Gy\xc5\x91r"},
		{"iso-8859-5", "\xbf\xe0\xd8\xd2\xd5\xe2 \xf1\xdb\xda\xd0 \xf0 5",
			"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
			"\xd1\x91\xd0\xbb\xd0\xba\xd0\xb0 \xe2\x84\x96 5"},
		{"iso-8859-7", "\xca\xe1\xeb\xe7\xec\xdd\xf1\xe1 \xbf\xf1\xe1",
			"\xce\x9a\xce\xb1\xce\xbb\xce\xb7\xce\xbc\xce\xad\xcf\x81\xce\xb1 "
			"\xce\x8f\xcf\x81\xce\xb1"},
		{"iso-8859-9",
			"\xddstanbul a\xf0"
			"a\xe7",
			"\xc4\xb0stanbul a\xc4\x9f"
			"a\xc3\xa7"},
		{"iso-8859-15", "5 \xa4 \xbcuvre \xb4i\xb8ka",
			"5 \xe2\x82\xac \xc5\x92uvre \xc5\xbdi\xc5\xbeka"},
		{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4 \xa3\xcc\xcb\xc1",
			"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
			"\xd1\x91\xd0\xbb\xd0\xba\xd0\xb0"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		expect(CASES[i].label, CASES[i].bytes, CASES[i].text);
}

static void a_byte_that_a_charset_leaves_open_is_a_replacement_character(void **state)
{
	expect("windows-1252", "a\x81z", "a\xef\xbf\xbdz");
	expect("windows-1251", "a\x98z", "a\xef\xbf\xbdz");
	expect("windows-1253", "a\xaaz", "a\xef\xbf\xbdz");
	expect("windows-1257", "a\xa1z", "a\xef\xbf\xbdz");
	expect("iso-8859-7", "a\xffz", "a\xef\xbf\xbdz");
}

static void assert_named(const char *label, enum charset charset)
{
	enum charset named = charset_named((struct json_span){label, strlen(label)});

	check(named == charset, "%s: %d", label, named);
}

static void a_charset_goes_by_each_of_its_labels_and_by_nothing_else(void **state)
{
	assert_named("CP1251", CHARSET_WINDOWS_1251);
	assert_named("x-cp1250", CHARSET_WINDOWS_1250);
	assert_named("latin2", CHARSET_ISO_8859_2);
	assert_named("ISO_8859-5:1988", CHARSET_ISO_8859_5);
	assert_named("l9", CHARSET_ISO_8859_15);
	assert_named("iso-8859-9", CHARSET_WINDOWS_1254);
	assert_named("latin1", CHARSET_WINDOWS_1252);
	assert_named("koi8_r", CHARSET_KOI8_R);
	assert_named("koi", CHARSET_KOI8_R);
	assert_named("", CHARSET_OTHER);
	assert_named(" ", CHARSET_OTHER);
	assert_named("ko", CHARSET_OTHER);
	assert_named("latin1 us-ascii", CHARSET_OTHER);
	assert_named("shift_jis", CHARSET_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_charset_are_made_utf_8),
		cmocka_unit_test(a_byte_that_a_charset_leaves_open_is_a_replacement_character),
		cmocka_unit_test(a_charset_goes_by_each_of_its_labels_and_by_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
