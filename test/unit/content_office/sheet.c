#include <string.h>

#include "content/sheet_strings.h"
#include "stage/support.h"
#include "stage_content/zipped.h"

#define MAIN MAIN_PART("xl/workbook.xml")
#define WORKBOOK(more, sheets)                                                                     \
	"<workbook xmlns:r=\"r\">" more "<sheets>" sheets "</sheets></workbook>"
#define SHEET(name, id, more) "<sheet name=\"" name "\" sheetId=\"9\" " more " r:id=\"" id "\"/>"
#define BOOK_RELS                                                                                  \
	RELS(REL("r1", "worksheet", "worksheets/sheet1.xml") REL("r2", "worksheet",                \
		"/xl/worksheets/sheet2.xml") REL("r3", "sharedStrings", "sharedStrings.xml")       \
			REL("r4", "styles", "styles.xml"))
#define STRINGS                                                                                    \
	"<sst><si><t>Ada</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>no</t></rPh>"     \
	"</si><si><t>a\nb\tc</t></si></sst>"
#define XF(id) "<xf numFmtId=\"" id "\"/>"
#define STYLES                                                                                     \
	"<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd;@\"/><numFmt "  \
	"numFmtId=\"165\" formatCode=\"[$-409]h:mm AM/PM\"/><numFmt numFmtId=\"166\" "             \
	"formatCode=\"0.0 &quot;days&quot;\"/><numFmt numFmtId=\"167\" "                           \
	"formatCode=\"[h]:mm\"/><numFmt numFmtId=\"168\" formatCode=\"d/m/yy h:mm\"/></numFmts>"   \
	"<cellStyleXfs>" XF("14") "</cellStyleXfs><cellXfs>" XF("0") XF("14") XF("164") XF("165")  \
		XF("166") XF("167") XF("168") "</cellXfs></styleSheet>"
#define DATA(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static void expect_in(const char *workbook, const char *data, const char *text)
{
	const struct zipped_part parts[] = {MAIN, PART("xl/_rels/workbook.xml.rels", BOOK_RELS),
		PART("xl/workbook.xml", workbook), PART("xl/sharedStrings.xml", STRINGS),
		PART("xl/styles.xml", STYLES), PART("xl/worksheets/sheet1.xml", data),
		PART("xl/worksheets/sheet2.xml", DATA("<row><c><v>2</v></c></row>"))};

	zipped_expect(parts, COUNT_OF(parts), text);
}

static void expect(const char *data, const char *text)
{
	expect_in(WORKBOOK("", SHEET("S", "r1", "")), data, text);
}

static void sheets_come_in_the_workbooks_order_and_hidden_ones_are_said(void **state)
{
	expect_in(WORKBOOK("", SHEET("Last &amp; first", "r2", "state=\"veryHidden\"") SHEET(
				       "S", "r1", "state=\"visible\"") SHEET("Gone", "r9", "")),
		DATA("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"),
		"## Sheet: Last & first (hidden)\n2\n## Sheet: S\n1\n## Sheet: Gone");
}

static void a_cell_is_shown_by_its_type(void **state)
{
	expect(DATA("<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c>"
		    "<c t=\"s\"><v>7</v></c><c t=\"s\"><v>-1</v></c><c t=\"b\"><v>1</v></c>"
		    "<c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c></row>"),
		"## Sheet: S\nAda\ttwo runs\ta b c\t\t\tTRUE\tFALSE\t#N/A");
	expect(DATA("<row><c t=\"inlineStr\"><is><r><t>in</t></r><r><t>line</t></r></is></c>"
		    "<c t=\"str\"><f>A1</f><v>out</v></c><c><v>1.10000000000000001</v></c>"
		    "<c t=\"d\"><v>2026-11-27</v></c></row>"),
		"## Sheet: S\ninline\tout\t1.10000000000000001\t2026-11-27");
}

static void a_formula_is_shown_only_where_it_has_no_result(void **state)
{
	expect(DATA("<row><c><f>SUM(A1:B1)</f><v>3</v></c><c><f>SUM(A1:B1)</f><v/></c>"
		    "<c><f t=\"shared\" si=\"0\"/><v></v></c><c><f>NOW()</f></c></row>"),
		"## Sheet: S\n3\t=SUM(A1:B1)\t\t=NOW()");
}

static void a_number_is_a_date_where_its_style_says_so(void **state)
{
	expect(DATA("<row><c s=\"0\"><v>46353</v></c><c s=\"1\"><v>46353</v></c>"
		    "<c s=\"2\"><v>46353</v></c><c s=\"2\"><v>46353.4375</v></c>"
		    "<c s=\"3\"><v>0.4375</v></c><c s=\"4\"><v>1.5</v></c><c s=\"5\"><v>1.5</v></c>"
		    "<c s=\"6\"><v>46353.4375</v></c><c s=\"77\"><v>46353</v></c>"
		    "<c s=\"1\"><v>-1</v></c><c s=\"1\" t=\"s\"><v>0</v></c>"
		    "<c s=\"1\"><v>1</v></c><c s=\"1\"><v>1e99</v></c><c s=\"1\"><v>nan</v></c>"
		    "</row>"),
		"## Sheet: "
		"S\n46353\t2026-11-27\t2026-11-27\t2026-11-27T10:30:00\t10:30:00\t1.5\t1.5"
		"\t2026-11-27T10:30:00\t46353\t-1\tAda\t1900-01-01\t1e99\tnan");
}

static void the_dates_of_a_workbook_may_begin_in_1904(void **state)
{
	expect_in(WORKBOOK("<workbookPr date1904=\"1\"/>", SHEET("S", "r1", "")),
		DATA("<row><c s=\"1\"><v>0</v></c><c s=\"1\"><v>44891</v></c></row>"),
		"## Sheet: S\n1904-01-01\t2026-11-27");
}

static void cells_and_rows_that_are_left_out_leave_a_gap(void **state)
{
	expect(DATA("<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"E1\"><v>2</v></c></row>"
		    "<row r=\"2\"/><row r=\"9\"><c r=\"A9\"><v>3</v></c><c r=\"B9\"/></row>"
		    "<row r=\"10\"><c r=\"A10\"><v>4</v></c></row>"),
		"## Sheet: S\n\t1\t\t\t2\n\n3\n4");
}

static void a_place_that_cannot_be_is_the_next_one(void **state)
{
	expect(DATA("<row r=\"5\"><c r=\"C5\"><v>1</v></c><c r=\"A5\"><v>2</v></c>"
		    "<c r=\"ZZZZZZZZZZZZZZ1\"><v>3</v></c><c r=\"?\"><v>4</v></c></row>"
		    "<row r=\"2\"><c><v>5</v></c></row>"
		    "<row r=\"99999999999999999999\"><c><v>6</v></c></row>"),
		"## Sheet: S\n\t\t1\t2\t3\t4\n5\n6");
}

/* A file may name a string in millions of cells; what is shown of them is bounded, and so is what
 * is gone through. */
static void a_shared_string_has_no_bytes_but_those_that_are_shown(void **state)
{
	const struct zipped_part parts[] = {
		PART("s.xml", "<sst><si><t>\xc2\x85\xc2\x85\xc2\x85</t></si><si><t>\x7f"
			      "a&#x9f;</t></si></sst>")};
	struct sheet_strings strings;
	struct buf file;
	struct zip *zip;

	buf_init(&file);
	zipped(parts, COUNT_OF(parts), &file);
	assert_null(zip_open((struct json_span){file.data, file.len}, &zip));
	assert_null(sheet_strings_read(zip, "s.xml", &strings));
	assert_int_equal(sheet_strings_at(&strings, "0").len, 0);
	assert_int_equal(sheet_strings_at(&strings, "1").len, 1);
	sheet_strings_done(&strings);
	zip_free(zip);
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sheets_come_in_the_workbooks_order_and_hidden_ones_are_said),
		cmocka_unit_test(a_cell_is_shown_by_its_type),
		cmocka_unit_test(a_formula_is_shown_only_where_it_has_no_result),
		cmocka_unit_test(a_number_is_a_date_where_its_style_says_so),
		cmocka_unit_test(the_dates_of_a_workbook_may_begin_in_1904),
		cmocka_unit_test(cells_and_rows_that_are_left_out_leave_a_gap),
		cmocka_unit_test(a_shared_string_has_no_bytes_but_those_that_are_shown),
		cmocka_unit_test(a_place_that_cannot_be_is_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
