#include "content/xml.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stage/support.h"

#define PIECE 32768

/* What was told of a document: "<name" for each start, ">" for each end, and its text. */
static void on_start(void *context, const struct xml_tag *tag)
{
	buf_addf(context, "<%s", tag->name);
}

static void on_end(void *context, const char *name)
{
	(void)name;
	buf_adds(context, ">");
}

static void on_text(void *context, const char *text, size_t n)
{
	buf_add(context, text, n);
}

static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};

/* In pieces of that many bytes. */
static bool reads(const char *text, size_t len, size_t piece, struct buf *told)
{
	struct xml *xml = xml_new(&HANDLERS, told);
	bool good = true;

	for (size_t i = 0; i < len && good; i += piece)
		good = xml_add(xml, text + i, len - i < piece ? len - i : piece);
	good = xml_end(xml) && good;
	xml_free(xml);
	return good;
}

static void assert_told(const char *text, const char *expected)
{
	for (size_t piece = 1; piece <= strlen(text); piece += 7) {
		struct buf told;

		buf_init(&told);
		assert_true(reads(text, strlen(text), piece, &told));
		assert_string_equal(buf_text(&told), expected);
		buf_done(&told);
	}
}

static void assert_refused(const char *text, size_t len)
{
	struct buf told;

	buf_init(&told);
	check(!reads(text, len, PIECE, &told), "%.60s", text);
	buf_done(&told);
}

static void a_document_is_told_without_prefixes_in_whatever_pieces_it_comes(void **state)
{
	assert_told("<?xml version=\"1.0\"?><w:a xmlns:w='x'><b/>t&amp;\xc3\xa9<!-- c --><?p i?>"
		    "<![CDATA[<x>]]></w:a>",
		"<a<b>t&\xc3\xa9<x>>");
}

static void an_attribute_is_found_by_its_name_and_a_prefixed_one_apart(void **state)
{
	const char *const attributes[] = {"id", "7", "r:id", "r1", "w:val", "x", NULL};
	const struct xml_tag tag = {"a", attributes};

	assert_string_equal(xml_attribute(&tag, "id"), "7");
	assert_string_equal(xml_prefixed(&tag, "id"), "r1");
	assert_string_equal(xml_attribute(&tag, "val"), "x");
	assert_null(xml_attribute(&tag, "r"));
	assert_null(xml_prefixed(&tag, "d"));
}

static void a_doctype_is_refused_and_with_it_every_entity(void **state)
{
	static const char *const TEXTS[] = {"<!DOCTYPE a><a/>",
		"<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"/etc/passwd\">]><a>&x;</a>", "<a>&x;</a>"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		assert_refused(TEXTS[i], strlen(TEXTS[i]));
}

static void a_document_is_refused_before_anything_of_its_doctype_is_told(void **state)
{
	static const char TEXT[] = "<!DOCTYPE a><a>told</a>";
	struct buf told;

	buf_init(&told);
	assert_false(reads(TEXT, strlen(TEXT), PIECE, &told));
	assert_int_equal(told.len, 0);
	buf_done(&told);
}

static void elements_are_as_deep_as_the_bound_and_no_deeper(void **state)
{
	for (int depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
		struct buf text, told;

		buf_init(&text);
		buf_init(&told);
		for (int i = 0; i < depth; i++)
			buf_adds(&text, "<a>");
		for (int i = 0; i < depth; i++)
			buf_adds(&text, "</a>");
		assert_int_equal(reads(text.data, text.len, PIECE, &told), depth == XML_DEPTH_MAX);
		assert_int_equal(told.len, XML_DEPTH_MAX * (depth == XML_DEPTH_MAX ? 3 : 2));
		buf_done(&told);
		buf_done(&text);
	}
}

/* A document of count times the unit between its ends. */
static void repeat(const char *begin, const char *unit, size_t count, struct buf *ret)
{
	buf_init(ret);
	buf_adds(ret, begin);
	for (size_t i = 0; i < count; i++)
		buf_adds(ret, unit);
}

static void a_tag_or_comment_without_end_is_refused_at_its_bound(void **state)
{
	static const char *const BEGINS[] = {"<a b='", "<a><!--", "<a", "<a><?p ", "<a></", "<a>&"};

	for (size_t i = 0; i < COUNT_OF(BEGINS); i++) {
		struct xml *xml;
		struct buf text, told;
		size_t taken = 0;

		repeat(BEGINS[i], "xxxxxxxxxxxxxxxx", 4 * XML_TOKEN_BYTES_MAX / 16, &text);
		buf_init(&told);
		xml = xml_new(&HANDLERS, &told);
		while (taken < text.len && xml_add(xml, text.data + taken, PIECE / 4))
			taken += PIECE / 4;
		check(taken <= XML_TOKEN_BYTES_MAX + PIECE, "%s: %zu", BEGINS[i], taken);
		xml_free(xml);
		buf_done(&told);
		buf_done(&text);
	}
}

static void text_of_any_length_is_told_by_and_by(void **state)
{
	struct buf text, told;

	repeat("<a>", "0123456789abcdef", 8 * XML_TOKEN_BYTES_MAX / 16, &text);
	buf_adds(&text, "</a>");
	buf_init(&told);
	assert_true(reads(text.data, text.len, PIECE, &told));
	assert_int_equal(told.len, 8 * XML_TOKEN_BYTES_MAX + 3);
	buf_done(&told);
	buf_done(&text);
}

/* Names are what the parser keeps to its end. */
static void names_without_end_are_refused_at_the_bound_in_memory(void **state)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "<a>");
	for (int i = 0; i < 400000; i++)
		buf_addf(&text, "<name_that_is_new_%d b%d=''/>", i, i);
	buf_adds(&text, "</a>");
	assert_refused(text.data, text.len);
	buf_done(&text);
}

static void what_a_parser_had_is_there_for_the_next(void **state)
{
	for (int i = 0; i < 1000; i++)
		assert_told("<a b='c'>d</a>", "<ad>");
}

static void what_is_no_document_is_refused(void **state)
{
	static const char *const TEXTS[] = {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a b=c/>",
		"<a>\x01</a>", "<a>\xff</a>", "<a>\xed\xa0\x80</a>",
		"<?xml version='1.0' encoding='koi8-r'?><a/>"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++)
		assert_refused(TEXTS[i], strlen(TEXTS[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_told_without_prefixes_in_whatever_pieces_it_comes),
		cmocka_unit_test(an_attribute_is_found_by_its_name_and_a_prefixed_one_apart),
		cmocka_unit_test(a_doctype_is_refused_and_with_it_every_entity),
		cmocka_unit_test(a_document_is_refused_before_anything_of_its_doctype_is_told),
		cmocka_unit_test(elements_are_as_deep_as_the_bound_and_no_deeper),
		cmocka_unit_test(a_tag_or_comment_without_end_is_refused_at_its_bound),
		cmocka_unit_test(text_of_any_length_is_told_by_and_by),
		cmocka_unit_test(names_without_end_are_refused_at_the_bound_in_memory),
		cmocka_unit_test(what_a_parser_had_is_there_for_the_next),
		cmocka_unit_test(what_is_no_document_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
