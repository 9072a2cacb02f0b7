#include "content/html_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stage/support.h"

static char *text_of(const char *html)
{
	struct buf text;

	buf_init(&text);
	html_text((struct json_span){html, strlen(html)}, &text);
	assert_true(text.len <= strlen(html) && utf8_valid(buf_text(&text), text.len));
	return text.data ? text.data : xstrdup("");
}

struct html_case {
	const char *html, *text;
};

static void assert_texts(const struct html_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autofree char *text = text_of(cases[i].html);

		check(!strcmp(text, cases[i].text), "%s: \"%s\"", cases[i].html, text);
	}
}

static void tags_are_left_out_and_what_stands_on_lines_of_its_own_stays_so(void **state)
{
	static const struct html_case CASES[] = {
		{"Hello <b>dear</b> <i>Ada</i>!", "Hello dear Ada!"},
		{"<html><body><p>One</p><p>Two</p></body></html>", "One\nTwo"},
		{"One<br>Two<BR/>Three<br />Four", "One\nTwo\nThree\nFour"},
		{"<ul><li>a</li>\n\t<li>b</li></ul>", "a\nb"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"<div><div><div>x</div></div></div>\n\n<div>y</div>", "x\ny"},
		{"  a \r\n\t b  ", "a b"},
		{"a\xc2\xa0\xc2\xa0 b", "a b"},
		{"<a href=\"https://x/?a=1&b=2\">link</a>", "link"},
		{"na\xc3\xafve \xc3\x82 \xf0\x9f\x98\x80",
			"na\xc3\xafve \xc3\x82 \xf0\x9f\x98\x80"},
		{"", ""},
		{"<p></p>", ""},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void a_row_of_a_table_is_a_line_though_its_cells_have_paragraphs(void **state)
{
	static const struct html_case CASES[] = {
		{"<table><tr><td><p>a</p></td><td><div>b</div></td></tr><tr><th><p>c<th><p>d</"
		 "table>e",
			"a b\nc d\ne"},
		{"<p>x<table><tr><td><p>a</p></td><td></td></tr><tr><td></td><td><p>b</p></td></tr>"
		 "</table><p>y",
			"x\na\nb\ny"},
		{"<tr><td><p>a</p><p>b</p></td><td><p>c</p></td></tr>", "a\nb\nc"},
		{"<tr><td><table><tr><td>a</td></tr></table></td><td><p>b</p></td></tr>", "a\nb"},
		{"<td><p>a</p><br><p>b</p></td>", "a\nb"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void comments_scripts_and_styles_are_no_text(void **state)
{
	static const struct html_case CASES[] = {
		{"a<!-- <b>no</b> -->b", "ab"},
		{"a<!-->b", "ab"},
		{"a<!--->b", "ab"},
		{"a<!DOCTYPE html>b<?xml x?>c", "abc"},
		{"a<script>if (1 < 2) x('</b>')</script>b", "ab"},
		{"a<STYLE type='x>y'>p { }</Style >b", "ab"},
		{"a<script>x</scripts>y</script>b", "ab"},
		{"<head><title>No</title></head>a", "a"},
		{"a<script/>b</script>c", "ac"},
		{"a</script>b", "ab"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void what_is_not_closed_goes_on_to_the_end(void **state)
{
	static const struct html_case CASES[] = {
		{"a<b", "a"},
		{"a<b title=\"x > y", "a"},
		{"a<!-- b", "a"},
		{"a<script>b", "a"},
		{"a<script>b</script", "a"},
		{"a<!", "a"},
		{"a</p", "a"},
		{"a<", "a<"},
		{"a</", "a</"},
		{"a&", "a&"},
		{"a&#", "a&#"},
		{"a&#x", "a&#x"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void a_quoted_attribute_may_hold_what_ends_a_tag(void **state)
{
	static const struct html_case CASES[] = {
		{"<a title=\"1 > 0\">x</a>", "x"},
		{"<a title = '1 > 0'>x</a>", "x"},
		{"<a title=don't>x</a>", "x"},
		{"<a \">x</a>", "x"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void only_what_looks_like_a_tag_is_one(void **state)
{
	static const struct html_case CASES[] = {
		{"1 < 2 > 0", "1 < 2 > 0"},
		{"<3 you", "<3 you"},
		{"a <<b>x", "a <x"},
		{"</ b>", "</ b>"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

static void entities_are_the_characters_they_stand_for(void **state)
{
	static const struct html_case CASES[] = {
		{"&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'"},
		{"&#65;&#x42;&#X43;&#x1F600;", "ABC\xf0\x9f\x98\x80"},
		{"a&nbsp;&nbsp;&#160;b", "a b"},
		{"a&zwnj;&nbsp;&zwnj;&nbsp;&#8203;b", "a b"},
		{"&uuml;&Auml;&eacute;&euro;&mdash;&hellip;",
			"\xc3\xbc\xc3\x84\xc3\xa9\xe2\x82\xac\xe2\x80\x94\xe2\x80\xa6"},
		{"&unknown; &Amp; &; &#; &#x; &#xZZ; &#12a;",
			"&unknown; &Amp; &; &#; &#x; &#xZZ; &#12a;"},
		{"&amp", "&amp"},
		{"&#0;a&#10;b&#27;c&#127;d&#159;e", "a b c d e"},
		{"&#xD800;&#x110000;&#99999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"&#999999999;", "&#999999999;"},
	};

	assert_texts(CASES, COUNT_OF(CASES));
}

/* Each unit makes a tokenizer that looks ahead look to the end of all. */
static void hostile_html_takes_no_more_than_linear_time(void **state)
{
	static const char *const UNITS[] = {"<", "<a", "<a b='", "<!", "<!--", "</", "</a",
		"<script>", "<script></", "&", "&#", "\xc2\xa0", "<a b=\"", "<?",
		"\xf0\x9f\x98\x80<p>"};

	for (size_t i = 0; i < COUNT_OF(UNITS); i++) {
		struct buf html, text;

		buf_init(&html);
		buf_init(&text);
		while (html.len < SCALED(4 << 20))
			buf_adds(&html, UNITS[i]);
		html_text((struct json_span){html.data, html.len}, &text);
		assert_true(text.len <= html.len && utf8_valid(buf_text(&text), text.len));
		buf_done(&html);
		buf_done(&text);
	}
}

static void text_is_added_behind_what_is_there(void **state)
{
	struct buf out;

	buf_init(&out);
	buf_adds(&out, "x");
	html_text((struct json_span){"<p>a</p>", 8}, &out);
	assert_string_equal(buf_text(&out), "xa");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_left_out_and_what_stands_on_lines_of_its_own_stays_so),
		cmocka_unit_test(a_row_of_a_table_is_a_line_though_its_cells_have_paragraphs),
		cmocka_unit_test(comments_scripts_and_styles_are_no_text),
		cmocka_unit_test(what_is_not_closed_goes_on_to_the_end),
		cmocka_unit_test(a_quoted_attribute_may_hold_what_ends_a_tag),
		cmocka_unit_test(only_what_looks_like_a_tag_is_one),
		cmocka_unit_test(entities_are_the_characters_they_stand_for),
		cmocka_unit_test(hostile_html_takes_no_more_than_linear_time),
		cmocka_unit_test(text_is_added_behind_what_is_there),
	};

	fail_if_hung();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
