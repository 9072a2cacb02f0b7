#include <string.h>

#include "stage/support.h"
#include "stage_content/zipped.h"

#define MAIN MAIN_PART("word/document.xml")
#define BODY(body)                                                                                 \
	"<w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>" body "</w:body></w:document>"
#define P(runs) "<w:p>" runs "</w:p>"
#define R(text) "<w:r><w:t>" text "</w:t></w:r>"
#define STYLED(style, runs) P("<w:pPr><w:pStyle w:val=\"" style "\"/></w:pPr>" runs)
#define LISTED(level, runs)                                                                        \
	P("<w:pPr><w:numPr><w:ilvl w:val=\"" level                                                 \
	  "\"/><w:numId w:val=\"3\"/></w:numPr></w:pPr>" runs)
#define CELL(paragraphs) "<w:tc>" paragraphs "</w:tc>"
#define ROW(cells) "<w:tr>" cells "</w:tr>"
#define TABLE(rows) "<w:tbl><w:tblPr/>" rows "</w:tbl>"

static void expect(const char *body, const char *text)
{
	const struct zipped_part parts[] = {MAIN, PART("word/document.xml", body)};

	zipped_expect(parts, COUNT_OF(parts), text);
}

static void a_paragraph_is_a_line_of_its_runs(void **state)
{
	expect(BODY(P(R("One ") R("line")) P("") P(R("Two<!-- no --> &lt;lines&gt; &#xe9;"))),
		"One line\nTwo <lines> \xc3\xa9");
	expect(BODY(P("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>"
		      "<w:noBreakHyphen/><w:t>d</w:t></w:r>")),
		"a\tb\nc-d");
	expect(BODY(P("<w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>" R("a"))), "a");
	expect(BODY(P(R("see ") "<w:hyperlink>" R("the page") "</w:hyperlink>" R("."))),
		"see the page.");
}

static void headings_are_told_by_their_styles_whatever_the_language(void **state)
{
	const struct zipped_part parts[] = {MAIN,
		PART("word/_rels/document.xml.rels", RELS(REL("r1", "styles", "styles.xml"))),
		PART("word/styles.xml",
			"<w:styles xmlns:w=\"w\"><w:style w:styleId=\"berschrift2\"><w:name "
			"w:val=\"heading 2\"/></w:style><w:style w:styleId=\"Mine\"><w:name "
			"w:val=\"Mine\"/><w:basedOn w:val=\"berschrift2\"/></w:style><w:style "
			"w:styleId=\"Outline\"><w:pPr><w:outlineLvl "
			"w:val=\"0\"/></w:pPr></w:style><w:style w:styleId=\"Punkt\"><w:name "
			"w:val=\"List Bullet\"/><w:pPr><w:numPr/></w:pPr></w:style></w:styles>"),
		PART("word/document.xml",
			BODY(STYLED("Outline", R("One")) STYLED("berschrift2", R("Two"))
					STYLED("Mine", R("Three")) STYLED("Punkt", R("Point"))
						STYLED("Unknown", R("Text"))))};

	zipped_expect(parts, COUNT_OF(parts), "# One\n## Two\n## Three\n- Point\nText");
}

static void lists_have_a_dash_and_are_indented_by_level(void **state)
{
	expect(BODY(LISTED("0", R("a")) LISTED("1", R("b")) LISTED("0", R("c")) P(R("d"))),
		"- a\n  - b\n- c\nd");
	expect(BODY(P("<w:pPr><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr>" R("none"))),
		"none");
}

static void a_table_is_a_line_a_row_and_a_table_within_it_is_in_its_cell(void **state)
{
	expect(BODY(P(R("before")) TABLE(ROW(CELL(P(R("a"))) CELL(P(R("b")) P(R("c")))) ROW(CELL(P(
		       "")) CELL(P("<w:r><w:t>d</w:t><w:br/><w:t>e</w:t></w:r>")))) P(R("after"))),
		"before\n| a | b c |\n|  | d e |\nafter");
	expect(BODY(TABLE(ROW(CELL(P(R("a")) TABLE(ROW(CELL(P(R("x"))) CELL(P(R("y"))))) P(R("z")))
			       CELL(P(R("b")))))),
		"| a x y z | b |");
}

static void what_changes_have_deleted_or_replaced_is_left_out(void **state)
{
	expect(BODY(P(R("kept") "<w:del><w:r><w:delText>gone</w:delText><w:tab/></w:r></w:del>"
				"<w:ins>" R(" new") "</w:ins><w:moveFrom>" R(
					"moved") "</w:moveFrom>")),
		"kept new");
	expect(BODY(P("<w:r><w:instrText>PAGE</w:instrText></w:r>"
		      "<mc:AlternateContent><mc:Choice>" R("box") "</mc:Choice><mc:Fallback>" R(
			      "box") "</mc:Fallback></mc:AlternateContent>")),
		"box");
	expect(BODY(P("<w:pPr><w:pPrChange><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr>"
		      "</w:pPr></w:pPrChange></w:pPr>" R("plain"))),
		"plain");
}

static void what_word_does_not_show_is_left_out(void **state)
{
	expect(BODY(P("<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>" R(
		       "seen") "<w:r><w:rPr><w:vanish/></w:rPr><w:t> "
			       "unseen</w:t></w:r>" R(" again") "<w:r><w:rPr><w:"
								"vanish "
								"w:val=\"0\"/></"
								"w:rPr><w:t> "
								"too</w:t></w:r>")),
		"seen again too");
}

static void a_paragraph_within_another_is_a_line_of_its_own(void **state)
{
	expect(BODY(P(R("before") "<w:r><w:txbxContent>" P(R("box")) "</w:txbxContent></w:r>" R(
		       "after"))),
		"before\nbox\nafter");
}

static void notes_and_comments_stand_at_the_end_with_a_mark_where_they_belong(void **state)
{
	const struct zipped_part parts[] = {MAIN,
		PART("word/_rels/document.xml.rels",
			RELS(REL("r1", "footnotes", "footnotes.xml")
					REL("r2", "comments", "/word/comments.xml"))),
		PART("word/footnotes.xml",
			"<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\" "
			"w:id=\"-1\">" P(R("---")) "</w:footnote><w:footnote w:id=\"1\">" P(
				R("Source.")) P(R("More.")) "</w:footnote></w:footnotes>"),
		PART("word/comments.xml",
			"<w:comments xmlns:w=\"w\"><w:comment w:id=\"0\" w:author=\"Ada\">" P(
				R("Really?")) "</w:comment></w:comments>"),
		PART("word/document.xml",
			BODY(P(R("Fact") "<w:r><w:footnoteReference w:id=\"1\"/></w:r>" R(
				" is") "<w:r><w:commentReference w:id=\"0\"/></w:r>")))};

	zipped_expect(parts, COUNT_OF(parts),
		"Fact[^1] is[^c0]\n[^1]: Source.\nMore.\n[^c0]: Ada: Really?");
}

static void a_part_that_is_named_but_missing_or_broken_is_a_damaged_file(void **state)
{
	static const struct {
		const char *rels, *body;
	} CASES[] = {{RELS(REL("r1", "styles", "gone.xml")), BODY(P(R("text")))},
		{RELS(""), "<w:document><w:body>"}, {RELS(""), ""}, {RELS(""), "no XML"},
		{"<broken", BODY("")}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct zipped_part parts[] = {MAIN,
			PART("word/_rels/document.xml.rels", CASES[i].rels),
			PART("word/document.xml", CASES[i].body)};
		struct content content;

		zipped_read(parts, COUNT_OF(parts), &content);
		check(content.kind == CONTENT_OTHER && strstr(content.why, "damaged") &&
				!content.text.len && !content.media_type,
			"case %zu: %s", i, content.why);
		content_done(&content);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_paragraph_is_a_line_of_its_runs),
		cmocka_unit_test(headings_are_told_by_their_styles_whatever_the_language),
		cmocka_unit_test(lists_have_a_dash_and_are_indented_by_level),
		cmocka_unit_test(a_table_is_a_line_a_row_and_a_table_within_it_is_in_its_cell),
		cmocka_unit_test(what_changes_have_deleted_or_replaced_is_left_out),
		cmocka_unit_test(what_word_does_not_show_is_left_out),
		cmocka_unit_test(a_paragraph_within_another_is_a_line_of_its_own),
		cmocka_unit_test(notes_and_comments_stand_at_the_end_with_a_mark_where_they_belong),
		cmocka_unit_test(a_part_that_is_named_but_missing_or_broken_is_a_damaged_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
