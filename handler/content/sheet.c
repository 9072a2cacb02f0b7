#include "content/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "content/office.h"
#include "content/sheet_cells.h"

#define SHEETS_MAX 1024
#define NAME_BYTES_MAX 256 /* Excel has 31 characters */

struct listed_sheet {
	char *name;
	const char *part; /* NULL: there is none */
	bool hidden;
};

/* What the main part says. */
struct workbook {
	const struct office_rels *rels;
	struct listed_sheet *sheets;
	size_t count;
	int first_year;
};

static void add_sheet(struct workbook *workbook, const struct xml_tag *tag)
{
	const char *name = xml_attribute(tag, "name"), *id = xml_prefixed(tag, "id");
	const char *state = xml_attribute(tag, "state");

	if (workbook->count < SHEETS_MAX)
		workbook->sheets[workbook->count++] = (struct listed_sheet){
			xstrdup(name && strlen(name) <= NAME_BYTES_MAX ? name : ""),
			id ? office_rel_by_id(workbook->rels, id) : NULL,
			state && strcmp(state, "visible") != 0};
}

static void on_start(void *context, const struct xml_tag *tag)
{
	struct workbook *workbook = context;
	const char *year;

	if (!strcmp(tag->name, "sheet"))
		add_sheet(workbook, tag);
	if (strcmp(tag->name, "workbookPr") != 0)
		return;
	year = xml_attribute(tag, "date1904");
	workbook->first_year = year && (*year == '1' || *year == 't') ? 1904 : 1900;
}

static const char *read_sheet(const struct sheet_book *book, const struct listed_sheet *sheet)
{
	struct text_out *out = book->out;

	text_out_adds(out, out->buf->len ? "\n## Sheet: " : "## Sheet: ");
	text_out_adds(out, sheet->name);
	if (sheet->hidden)
		text_out_adds(out, " (hidden)");
	return sheet->part ? sheet_cells_read(book, sheet->part) : NULL;
}

static const char *read_sheets(struct workbook *workbook, struct zip *zip, struct text_out *out)
{
	struct sheet_book book = {.zip = zip, .out = out, .first_year = workbook->first_year};
	const char *strings = office_rel_by_type(workbook->rels, "sharedStrings");
	const char *styles = office_rel_by_type(workbook->rels, "styles");
	const char *why = sheet_strings_read(zip, strings, &book.strings);
	const char *of_styles = sheet_formats_read(zip, styles, &book.formats);

	why = why ? why : of_styles;
	for (size_t i = 0; i < workbook->count && !why && !out->cut; i++)
		why = read_sheet(&book, &workbook->sheets[i]);
	out->cut = out->cut || book.strings.cut;
	sheet_strings_done(&book.strings);
	sheet_formats_done(&book.formats);
	return why;
}

static const char *read_workbook(
	struct zip *zip, const char *part, const struct office_rels *rels, struct text_out *out)
{
	static const struct xml_handlers HANDLERS = {.start = on_start};
	struct workbook workbook = {.rels = rels, .first_year = 1900};
	struct office_reader reader = {&HANDLERS, &workbook, NULL};
	const char *why;

	workbook.sheets = xcalloc(SHEETS_MAX, sizeof(workbook.sheets[0]));
	why = office_read_part(zip, part, &reader);
	if (!why)
		why = read_sheets(&workbook, zip, out);
	for (size_t i = 0; i < workbook.count; i++)
		free(workbook.sheets[i].name);
	free(workbook.sheets);
	return why;
}

const char *sheet_read(struct zip *zip, const char *part, struct text_out *out)
{
	struct office_rels rels;
	const char *why = office_read_rels(zip, part, &rels);

	if (!why)
		why = read_workbook(zip, part, &rels, out);
	office_rels_done(&rels);
	return why;
}
