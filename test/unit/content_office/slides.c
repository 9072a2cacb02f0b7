#include <string.h>

#include "stage/support.h"
#include "stage_content/zipped.h"

#define MAIN MAIN_PART("ppt/presentation.xml")
#define PRESENTATION                                                                               \
	"<p:presentation xmlns:p=\"p\" xmlns:r=\"r\" xmlns:x=\"x\"><p:sldIdLst><p:sldId "          \
	"id=\"256\" r:id=\"r2\"/><p:sldId id=\"257\" r:id=\"r1\"/></p:sldIdLst><x:sldId "          \
	"id=\"256\"/></p:presentation>"
#define PRESENTATION_RELS                                                                          \
	RELS(REL("r1", "slide", "slides/slide1.xml") REL("r2", "slide", "slides/slide2.xml"))
#define PART_OF(root, more, shapes)                                                                \
	"<p:" root " xmlns:p=\"p\" xmlns:a=\"a\" xmlns:mc=\"mc\" " more                            \
	"><p:cSld><p:spTree>" shapes "</p:spTree></p:cSld></p:" root ">"
#define SHAPE(place, paragraphs)                                                                   \
	"<p:sp><p:nvSpPr><p:nvPr>" place "</p:nvPr></p:nvSpPr><p:txBody>" paragraphs               \
	"</p:txBody></p:sp>"
#define PLACE(type) "<p:ph type=\"" type "\"/>"
#define P(more) "<a:p>" more "</a:p>"
#define R(text) "<a:r><a:t>" text "</a:t></a:r>"
#define CELL(text) "<a:tc><a:txBody>" P(R(text)) "</a:txBody></a:tc>"

/* Of a presentation whose first slide has that, and whose second says "last". */
static void expect(const char *slide, const char *text)
{
	const struct zipped_part parts[] = {MAIN,
		PART("ppt/_rels/presentation.xml.rels", PRESENTATION_RELS),
		PART("ppt/presentation.xml", PRESENTATION), PART("ppt/slides/slide2.xml", slide),
		PART("ppt/slides/slide1.xml", PART_OF("sld", "", SHAPE("", P(R("last"))))),
		PART("ppt/slides/_rels/slide2.xml.rels",
			RELS(REL("r1", "notesSlide", "../notesSlides/notesSlide1.xml"))),
		PART("ppt/notesSlides/notesSlide1.xml",
			PART_OF("notes", "",
				SHAPE(PLACE("sldImg"), P(R("image")))
					SHAPE(PLACE("body"), P(R("Say it")) P(R("twice")))
						SHAPE(PLACE("sldNum"), P(R("7")))))};

	zipped_expect(parts, COUNT_OF(parts), text);
}

static void slides_come_in_the_order_they_are_shown_with_title_and_notes(void **state)
{
	expect(PART_OF("sld", "",
		       SHAPE(PLACE("ctrTitle"), P(R("Wel") R("come"))) SHAPE(PLACE("body"),
			       P(R("One")) P("") P(R("Two"))) SHAPE(PLACE("sldNum"), P(R("1")))),
		"## Slide 1\n### Welcome\nOne\nTwo\nNotes: Say it\ntwice\n## Slide 2\nlast");
}

static void a_slide_that_is_not_shown_says_so(void **state)
{
	expect(PART_OF("sld", "show=\"0\"", ""),
		"## Slide 1 (hidden)\nNotes: Say it\ntwice\n## Slide 2\nlast");
}

static void lists_and_tables_can_be_told(void **state)
{
	expect(PART_OF("sld", "",
		       SHAPE("",
			       P("<a:pPr><a:buChar char=\"*\"/></a:pPr>" R("a")) P(
				       "<a:pPr lvl=\"1\"/>" R("b"))
				       P("<a:pPr lvl=\"1\"><a:buNone/></a:pPr>" R("c") "<a:br/>" R(
					       "d"))) "<p:graphicFrame><a:tbl><a:tr>" CELL("e")
			       CELL("f") "</a:tr><a:tr>" CELL("")
				       CELL("g\nh") "</a:tr></a:tbl>"
						    "</p:graphicFrame>" SHAPE("", P(R("i")))),
		"## Slide 1\n- a\n  - b\nc\nd\n| e | f |\n|  | g h |\ni\nNotes: Say it\ntwice\n"
		"## Slide 2\nlast");
}

static void what_is_drawn_in_two_ways_is_said_once(void **state)
{
	expect(PART_OF("sld", "",
		       "<mc:AlternateContent><mc:Choice>" SHAPE(
			       "", P(R("new"))) "</mc:Choice><mc:Fallback>" SHAPE("",
			       P(R("old"))) "</mc:Fallback></mc:AlternateContent>"),
		"## Slide 1\nnew\nNotes: Say it\ntwice\n## Slide 2\nlast");
}

static void a_slide_that_is_listed_but_missing_is_a_damaged_file(void **state)
{
	const struct zipped_part parts[] = {MAIN, PART("ppt/presentation.xml", PRESENTATION)};
	struct content content;

	zipped_read(parts, COUNT_OF(parts), &content);
	assert_int_equal(content.kind, CONTENT_OTHER);
	assert_non_null(strstr(content.why, "damaged"));
	content_done(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slides_come_in_the_order_they_are_shown_with_title_and_notes),
		cmocka_unit_test(a_slide_that_is_not_shown_says_so),
		cmocka_unit_test(lists_and_tables_can_be_told),
		cmocka_unit_test(what_is_drawn_in_two_ways_is_said_once),
		cmocka_unit_test(a_slide_that_is_listed_but_missing_is_a_damaged_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
