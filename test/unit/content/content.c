#include "content/content.h"

#include <string.h>

#include "base/text.h"
#include "content/text_out.h"
#include "stage/support.h"

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

#define IHDR "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
#define PNG IHDR "\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89"
#define JPEG "\xff\xd8\xff\xe0\0\4ab"
#define GIF "GIF89a\1\0\1\0\0\0\0"
#define WEBP(size, chunk) "RIFF" size "\0\0\0WEBP" chunk
#define VP8 "VP8 \12\0\0\0\x10\0\0\x9d\1\x2a\1\0\1\0"
#define VP8L "VP8L\5\0\0\0\x2f\0\0\0\0"
#define VP8X "VP8X\12\0\0\0\0\0\0\0\0\0\0\0\0\0"

struct file_case {
	struct content_file file;
	enum content_kind kind;
	const char *media_type, *text;
};

static void assert_read(const struct file_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct file_case *is = &cases[i];
		struct content content;

		content_read(&is->file, &content);
		check(content.kind == is->kind, "case %zu: kind %d", i, content.kind);
		check(is->media_type ? text_is(content.media_type, is->media_type)
				     : !content.media_type,
			"case %zu: %s", i, content.media_type);
		check(!strcmp(buf_text(&content.text), is->text ? is->text : ""),
			"case %zu: \"%s\"", i, buf_text(&content.text));
		check((content.kind == CONTENT_OTHER) == (content.why != NULL), "case %zu", i);
		content_done(&content);
	}
}

static void text_is_utf_8_whatever_charset_it_is_written_in(void **state)
{
	static const struct file_case CASES[] = {
		{{BYTES("na\xc3\xafve"), "a.txt", "text/plain"}, CONTENT_TEXT, "text/plain",
			"na\xc3\xafve"},
		{{BYTES("\xef\xbb\xbfna\xc3\xafve"), "a.txt", NULL}, CONTENT_TEXT, "text/plain",
			"na\xc3\xafve"},
		{{BYTES("\xff\xfeh\0i\0\xe9\0=\xd8\0\xde"), "a.txt", NULL}, CONTENT_TEXT,
			"text/plain", "hi\xc3\xa9\xf0\x9f\x98\x80"},
		{{BYTES("\xfe\xff\0h\0i"), "a.txt", NULL}, CONTENT_TEXT, "text/plain", "hi"},
		{{BYTES("h\0i\0"), NULL, "text/plain; charset=\"UTF-16LE\""}, CONTENT_TEXT,
			"text/plain", "hi"},
		{{BYTES("na\xefve \x80 5"), NULL, "text/plain; charset=ISO-8859-1"}, CONTENT_TEXT,
			"text/plain", "na\xc3\xafve \xe2\x82\xac 5"},
		{{BYTES("na\xefve"), NULL, NULL}, CONTENT_TEXT, "text/plain", "na\xc3\xafve"},
		{{BYTES("na\xefve"), NULL, "text/plain;charset=utf-8"}, CONTENT_TEXT, "text/plain",
			"na\xef\xbf\xbdve"},
		{{BYTES("na\xc3\xafve"), NULL, "text/plain; charset=windows-1252"}, CONTENT_TEXT,
			"text/plain", "na\xc3\xafve"},
		{{BYTES("<p>na\xefve<meta charset=latin1>"), "a.html", NULL}, CONTENT_TEXT,
			"text/html", "na\xc3\xafve"},
		{{BYTES("<meta charset=koi8-r><p>\xd7"), "a.htm", NULL}, CONTENT_TEXT, "text/html",
			"\xd0\xb2"},
		{{BYTES("\xcf\xf0\xe8"), NULL, "text/plain; charset=Windows-1251"}, CONTENT_TEXT,
			"text/plain", "\xd0\x9f\xd1\x80\xd0\xb8"},
		{{BYTES("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xef</a>"), "a.xml",
			 NULL},
			CONTENT_TEXT, "application/xml",
			"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xc3\xaf</a>"},
	};

	assert_read(CASES, COUNT_OF(CASES));
}

static void a_charset_that_is_not_read_is_said(void **state)
{
	static const struct file_case CASES[] = {
		{{BYTES("\x93\xfa\x96{"), NULL, "text/plain; charset=shift_jis"}, CONTENT_OTHER,
			NULL, NULL},
		{{BYTES("\x1b$BF|K\\\x1b(B"), NULL, "text/plain; charset=iso-2022-jp"},
			CONTENT_OTHER, NULL, NULL},
		{{BYTES("<meta charset=big5><p>\xd7"), "a.htm", NULL}, CONTENT_OTHER, NULL, NULL},
		{{BYTES("ASCII all the same"), NULL, "text/plain; charset=shift_jis"}, CONTENT_TEXT,
			"text/plain", "ASCII all the same"},
	};

	assert_read(CASES, COUNT_OF(CASES));
}

static void text_has_no_control_characters_but_line_ends_and_tabs(void **state)
{
	static const struct file_case CASES[] = {
		{{BYTES("one\r\ntwo\rthree\n\nfour\tfive"), NULL, NULL}, CONTENT_TEXT, "text/plain",
			"one\ntwo\nthree\n\nfour\tfive"},
		{{BYTES("\x1b[31mred\x7f and \xc2\x85\xc2\xa0so it goes on and on"), NULL, NULL},
			CONTENT_TEXT, "text/plain", "[31mred and \xc2\xa0so it goes on and on"},
		{{BYTES("\xff\xfe\0\0a\0\x07\0"), NULL, NULL}, CONTENT_TEXT, "text/plain", "a"},
	};

	assert_read(CASES, COUNT_OF(CASES));
}

static void the_bytes_decide_what_a_file_is_and_its_type_only_among_texts(void **state)
{
	static const struct file_case CASES[] = {
		{{BYTES(PNG), "a.txt", "text/plain"}, CONTENT_IMAGE, "image/png", NULL},
		{{BYTES(JPEG), "a.docx", "text/html"}, CONTENT_IMAGE, "image/jpeg", NULL},
		{{BYTES(GIF), NULL, NULL}, CONTENT_IMAGE, "image/gif", NULL},
		{{BYTES(WEBP("\x16", VP8)), NULL, NULL}, CONTENT_IMAGE, "image/webp", NULL},
		{{BYTES("%PDF-1.7\n"), "a.png", "image/png"}, CONTENT_PDF, "application/pdf", NULL},
		{{BYTES("just text"), "a.png", "image/png"}, CONTENT_TEXT, "text/plain",
			"just text"},
		{{BYTES("a,b\n1,2\n"), "a.csv", NULL}, CONTENT_TEXT, "text/csv", "a,b\n1,2\n"},
		{{BYTES("{\"a\":1}"), NULL, "application/json; odata=x"}, CONTENT_TEXT,
			"application/json", "{\"a\":1}"},
		{{BYTES(" \n<!DOCTYPE HTML><p>x<b>y"), "a.txt", "text/plain"}, CONTENT_TEXT,
			"text/html", "xy"},
		{{BYTES("<p>x</p>"), "a.txt", "text/plain"}, CONTENT_TEXT, "text/plain",
			"<p>x</p>"},
		{{BYTES("ID3 is a tag, OggS a page"), "a.txt", NULL}, CONTENT_TEXT, "text/plain",
			"ID3 is a tag, OggS a page"},
		{{BYTES("\xef\xbb\xbf<html><p>x"), NULL, NULL}, CONTENT_TEXT, "text/html", "x"},
		{{BYTES("\xef\xbb\xbf"
			"BEGIN:VCARD\n"),
			 NULL, NULL},
			CONTENT_TEXT, "text/vcard", "BEGIN:VCARD\n"},
		{{BYTES(""), "a.txt", NULL}, CONTENT_TEXT, "text/plain", ""},
	};

	assert_read(CASES, COUNT_OF(CASES));
}

static void an_image_has_the_whole_head_of_its_format(void **state)
{
	static const struct json_span WHOLE[] = {BYTES(PNG), BYTES(JPEG), BYTES(GIF),
		BYTES("\xff\xd8\xff\xff\xe0\0\2"), BYTES(WEBP("\x16", VP8)),
		BYTES(WEBP("\x11", VP8L)), BYTES(WEBP("\x16", VP8X))};

	for (size_t i = 0; i < COUNT_OF(WHOLE); i++) {
		for (size_t n = 0; n <= WHOLE[i].len; n++) {
			struct content_file file = {{WHOLE[i].text, n}, NULL, NULL};
			struct content content;
			bool whole = n == WHOLE[i].len;

			content_read(&file, &content);
			check((content.kind == CONTENT_IMAGE) == whole, "case %zu: %zu", i, n);
			content_done(&content);
		}
	}
}

static void junk_behind_the_magic_number_of_an_image_is_none(void **state)
{
	static const struct json_span JUNK[] = {BYTES("\x89PNG\r\n\x1a\n"),
		BYTES("\x89PNG\r\n\x1a\nand what is no head of a PNG"),
		BYTES(IHDR "\0\0\0\0\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89"),
		BYTES(IHDR "\0\0\0\1\0\0\0\0\10\6\0\0\0\x1f\x15\xc4\x89"),
		BYTES("GIF89a\0\0\1\0\0\0\0"), BYTES("GIF89a\1\0\0\0\0\0\0"), BYTES("\xff\xd8\xff"),
		BYTES("\xff\xd8\xff\xff\xff\xff"), BYTES("\xff\xd8\xff\xd9\0\2"),
		BYTES("\xff\xd8\xff\1\0\2"), BYTES("\xff\xd8\xff\xe0\0\1ab"),
		BYTES("\xff\xd8\xff\xe0\0\5ab"), BYTES("....\x16\0\0\0WEBP" VP8),
		BYTES(WEBP("\x17", VP8)), BYTES(WEBP("\x16", "VP8 \12\0\0\0\x10\0\0...\1\0\1\0")),
		BYTES(WEBP("\x11", "VP8L\5\0\0\0.\0\0\0\0")),
		BYTES(WEBP("\x16", "VP8Y\12\0\0\0\0\0\0\0\0\0\0\0\0\0"))};

	for (size_t i = 0; i < COUNT_OF(JUNK); i++) {
		struct content_file file = {JUNK[i], "a.png", "image/png"};
		struct content content;

		content_read(&file, &content);
		check(content.kind == CONTENT_OTHER && strstr(content.why, "image"), "case %zu: %d",
			i, content.kind);
		content_done(&content);
	}
}

static void what_is_no_text_says_what_it_is(void **state)
{
	static const struct {
		struct json_span bytes;
		const char *word;
	} CASES[] = {
		{BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), "encrypted or of the old format"},
		{BYTES("{\\rtf1 hello}"), "Rich Text"},
		{BYTES("\x1f\x8b\x08...."), "archive"},
		{BYTES("II*\0...."), "image"},
		{BYTES("....ftypmp42"), "film"},
		{BYTES("ID3\3\0...."), "film"},
		{BYTES("\x7f"
		       "ELF...."),
			"program"},
		{BYTES("text with a \0 in it"), "no text"},
		{BYTES("\x01\x02\x03\x04 mostly bytes"), "no text"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct content_file file = {CASES[i].bytes, "a.txt", "text/plain"};
		struct content content;

		content_read(&file, &content);
		check(content.kind == CONTENT_OTHER && strstr(content.why, CASES[i].word),
			"case %zu: %s", i, content.why);
		content_done(&content);
	}
}

/* Of a text of count times the unit. */
static void assert_cut(const char *unit, size_t count, size_t kept, const char *media_type)
{
	struct buf text;
	struct content content;

	buf_init(&text);
	for (size_t i = 0; i < count; i++)
		buf_adds(&text, unit);
	content_read(&(struct content_file){{text.data, text.len}, NULL, media_type}, &content);
	assert_int_equal(content.kind, CONTENT_TEXT);
	assert_true(content.cut);
	assert_int_equal(content.text.len, kept);
	assert_true(utf8_valid(content.text.data, content.text.len));
	content_done(&content);
	buf_done(&text);
}

static void a_text_ends_at_its_bound_with_a_whole_code_point(void **state)
{
	assert_cut("\xe2\x82\xac", CONTENT_TEXT_MAX / 3 + 1, CONTENT_TEXT_MAX - 1, NULL);
	assert_cut("\x80", CONTENT_TEXT_MAX / 3 + 1, CONTENT_TEXT_MAX - 1, NULL);
	assert_cut("<p>12345678", 600000, CONTENT_TEXT_MAX, "text/html");
}

static void what_is_full_looks_at_no_more_text(void **state)
{
	struct text_out out = {.cut = true};
	const char *nowhere = (const char *)(uintptr_t)8; /* to look there ends the test */

	text_out_add(&out, nowhere, 1);
	text_out_add_line(&out, nowhere, 1);
	assert_null(out.buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_utf_8_whatever_charset_it_is_written_in),
		cmocka_unit_test(a_charset_that_is_not_read_is_said),
		cmocka_unit_test(text_has_no_control_characters_but_line_ends_and_tabs),
		cmocka_unit_test(the_bytes_decide_what_a_file_is_and_its_type_only_among_texts),
		cmocka_unit_test(an_image_has_the_whole_head_of_its_format),
		cmocka_unit_test(junk_behind_the_magic_number_of_an_image_is_none),
		cmocka_unit_test(what_is_no_text_says_what_it_is),
		cmocka_unit_test(what_is_full_looks_at_no_more_text),
		cmocka_unit_test(a_text_ends_at_its_bound_with_a_whole_code_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
