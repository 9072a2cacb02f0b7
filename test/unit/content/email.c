#include "content/content.h"

#include <string.h>

#include "base/text.h"
#include "stage/support.h"

static void read_mail(const char *mail, struct content *ret)
{
	content_read(&(struct content_file){{mail, strlen(mail)}, NULL, "message/rfc822"}, ret);
}

static void expect(const char *mail, const char *text)
{
	struct content content;

	read_mail(mail, &content);
	check(content.kind == CONTENT_TEXT, "%s", content.why);
	assert_string_equal(content.media_type, "message/rfc822");
	assert_string_equal(buf_text(&content.text), text);
	content_done(&content);
}

static void a_mail_is_who_wrote_it_and_its_text(void **state)
{
	expect("Received: by x\r\nSubject: Hello\r\n there\r\nFrom: Ada <ada@example.com>\r\n"
	       "TO: b@example.com,\r\n\tc@example.com\r\nDate: Fri, 27 Nov 2026 10:00:00 +0100\r\n"
	       "\r\nOne\r\nTwo\r\n",
		"From: Ada <ada@example.com>\nTo: b@example.com, c@example.com\n"
		"Date: Fri, 27 Nov 2026 10:00:00 +0100\nSubject: Hello there\n\nOne\nTwo\n");
	expect("Subject: only a header", "Subject: only a header\n\n");
	expect("\nonly a body", "\nonly a body");
	expect("", "\n");
}

static void encoded_words_of_a_header_are_decoded(void **state)
{
	static const struct {
		const char *written, *text;
	} CASES[] = {{"=?utf-8?Q?na=C3=AFve_x=5Fy?=", "na\xc3\xafve x_y"},
		{"=?UTF-8?b?bmHDr3Zl?=", "na\xc3\xafve"},
		{"=?iso-8859-1?q?na=EFve?= =?utf-8*en?B?w6k=?= z", "na\xc3\xafve\xc3\xa9 z"},
		{"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\n c", "ab c"},
		{"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"}, {"=?big5?Q?=D7?=", "=?big5?Q?=D7?="},
		{"=?KOI8-R?B?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"},
		{"=?iso-8859-2?Q?P=D3=A3?=", "P\xc3\x93\xc5\x81"},
		{"=?utf-8?X?a?=", "=?utf-8?X?a?="}, {"=?utf-8?Q?no end", "=?utf-8?Q?no end"},
		{"na\xc3\xafve", "na\xc3\xafve"}, {"na\xefve", "na\xc3\xafve"},
		{"a = b =", "a = b ="}, {"=?", "=?"}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *mail = NULL, *text = NULL;

		assert_true(asprintf(&mail, "Subject: %s\n\n", CASES[i].written) > 0);
		assert_true(asprintf(&text, "Subject: %s\n\n", CASES[i].text) > 0);
		expect(mail, text);
	}
}

static void the_body_is_decoded_and_made_utf_8(void **state)
{
	expect("Content-Type: text/plain; charset=\"iso-8859-1\"\n"
	       "Content-Transfer-Encoding: Quoted-Printable\n\nna=EFve =\nline=20\n=XY =3",
		"\nna\xc3\xafve line \n=XY =3");
	expect("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
	       "PHA+bmHD\r\nr3ZlPC9w\r\nPjxwPng8L3A+\r\n",
		"\nna\xc3\xafve\nx");
	expect("Content-Transfer-Encoding: base64\n\naGVsbG8gd29ybG", "\nhello wor");
	expect("Content-Type: text/plain; charset=windows-1251\n\n\xcf\xf0\xe8\xe2\xe5\xf2",
		"\n\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
}

static void where_a_body_is_in_no_charset_that_is_read_the_header_is(void **state)
{
	static const char WHY[] = "It is text in a charset that is not read here.";
	autofree char *text = NULL;

	assert_true(asprintf(&text, "From: a@b.example\nSubject: Hi\n\n%s", WHY) > 0);
	expect("Subject: Hi\nFrom: a@b.example\nContent-Type: text/plain; charset=shift_jis\n\n"
	       "\x93\xfa\x96{",
		text);
	expect("Subject: Hi\nFrom: a@b.example\nContent-Type: text/html; charset=shift_jis\n\n"
	       "<p>\x93\xfa\x96{",
		text);
}

#define PART(type, text) "--b1\nContent-Type: " type "\n\n" text "\n"
#define MULTIPART "Content-Type: multipart/mixed;\n boundary=\"b1\"\n\n"

static void of_many_parts_the_first_text_that_is_no_attachment_is_read(void **state)
{
	expect(MULTIPART "preamble\n" PART("text/plain", "one")
			PART("text/html", "<b>two</b>") "--b1--\nepilogue",
		"\none");
	expect(MULTIPART PART("image/png", "...") PART("text/html", "<b>two</b>") "--b1--",
		"\ntwo");
	expect(MULTIPART PART("text/plain\nContent-Disposition: attachment", "file")
			PART("text/plain", "said") "--b1--",
		"\nsaid");
	expect(MULTIPART PART("text/plain", "\r\n ") PART("text/html", "<b>two</b>") "--b1--",
		"\ntwo");
	expect(MULTIPART PART("image/png", "...") "--b1--", "");
	expect(MULTIPART "--b1\n\nplain by default\n--b1--", "\nplain by default");
	expect(MULTIPART PART("text/plain", "cut off"), "\ncut off\n");
	expect(MULTIPART "no part at all", "");
	expect("Content-Type: multipart/mixed\n\nno boundary", "");
}

/* A part within as many others. */
static void nest(int depth, struct buf *mail)
{
	for (int i = 0; i < depth; i++)
		buf_addf(mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	buf_adds(mail, "Content-Type: text/plain\n\ndeep");
	for (int i = depth; i-- > 0;)
		buf_addf(mail, "\n--b%d--", i);
}

static void parts_within_parts_are_read_to_a_bound(void **state)
{
	for (int depth = 0; depth < 8; depth++) {
		struct content content;
		struct buf mail;

		buf_init(&mail);
		nest(depth, &mail);
		read_mail(mail.data, &content);
		check(text_is(buf_text(&content.text), depth <= 4 ? "\ndeep" : ""), "%d: %s", depth,
			buf_text(&content.text));
		content_done(&content);
		buf_done(&mail);
	}
}

static void a_mail_is_told_by_its_bytes(void **state)
{
	static const char MAIL[] =
		"Received: from x\r\nMIME-Version: 1.0\r\nSubject: Hi\r\n\r\nText";
	static const char TEXT[] = "Dear all: the MIME-Version: header is 1.0\n";
	struct content content;

	content_read(&(struct content_file){{MAIL, strlen(MAIL)}, NULL, "text/plain"}, &content);
	assert_string_equal(content.media_type, "message/rfc822");
	assert_string_equal(buf_text(&content.text), "Subject: Hi\n\nText");
	content_done(&content);
	content_read(&(struct content_file){{TEXT, strlen(TEXT)}, NULL, "text/plain"}, &content);
	assert_string_equal(content.media_type, "text/plain");
	content_done(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_who_wrote_it_and_its_text),
		cmocka_unit_test(encoded_words_of_a_header_are_decoded),
		cmocka_unit_test(the_body_is_decoded_and_made_utf_8),
		cmocka_unit_test(where_a_body_is_in_no_charset_that_is_read_the_header_is),
		cmocka_unit_test(of_many_parts_the_first_text_that_is_no_attachment_is_read),
		cmocka_unit_test(parts_within_parts_are_read_to_a_bound),
		cmocka_unit_test(a_mail_is_told_by_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
