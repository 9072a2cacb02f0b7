#include "content/sheet_cells.h"

#include <stdlib.h>
#include <string.h>

#include "content/office.h"

#define CELL_BYTES_MAX 131072 /* Excel has 32,767 characters */
#define COLUMNS_MAX 16384

struct cells {
	const struct sheet_book *book;
	long row, column;    /* of the cell */
	long written_column; /* columns that the line has, the cell to come not counted */
	long written_row;    /* the last that has a line; 0: none */
	enum sheet_format format;
	char type;              /* of its t attribute: the letter that tells it from others */
	bool in_text, in_value; /* what is read is its formula, or its value, or both */
	bool has_value;         /* the text is its value */
	struct buf text;        /* its value, or its formula */
};

/* A number that a file says, 1 to max; what comes after the last where it says none. */
static long position(long said, long last, long max)
{
	return said > last && said <= max ? said : last + 1;
}

static void begin_row(struct cells *cells, const struct xml_tag *tag)
{
	const char *row = xml_attribute(tag, "r");

	cells->row = position(row ? strtol(row, NULL, 10) : 0, cells->row, 1L << 20);
	cells->column = cells->written_column = 0;
}

/* Of "BC12": 55. */
static long column_of(const char *cell)
{
	long column = 0;

	for (; cell && *cell >= 'A' && *cell <= 'Z' && column <= COLUMNS_MAX; cell++)
		column = column * 26 + *cell - 'A' + 1;
	return column;
}

/* b, e, n, s, and of d(ate), str (r), inlineStr (I). */
static char type_of(const char *type)
{
	if (!type)
		return 'n';
	return !strcmp(type, "str") ? 'r' : !strcmp(type, "inlineStr") ? 'I' : *type;
}

static void begin_cell(struct cells *cells, const struct xml_tag *tag)
{
	cells->column = position(column_of(xml_attribute(tag, "r")), cells->column, COLUMNS_MAX);
	cells->format = sheet_format_of(&cells->book->formats, xml_attribute(tag, "s"));
	cells->type = type_of(xml_attribute(tag, "t"));
	cells->has_value = cells->in_value = cells->in_text = false;
	buf_cut(&cells->text, 0);
}

static void on_start(void *context, const struct xml_tag *tag)
{
	struct cells *cells = context;

	if (!strcmp(tag->name, "row")) {
		begin_row(cells, tag);
	} else if (!strcmp(tag->name, "c")) {
		begin_cell(cells, tag);
	} else if (!strcmp(tag->name, "f") && !cells->has_value) {
		buf_adds(&cells->text, "=");
		cells->in_text = true;
	} else if (!strcmp(tag->name, "v") || !strcmp(tag->name, "t")) {
		cells->in_text = cells->in_value = true;
	}
}

/* Up to the cell. */
static void write_gap(struct cells *cells)
{
	struct text_out *out = cells->book->out;

	if (cells->written_row != cells->row) {
		text_out_adds(out, "\n");
		if (cells->written_row && cells->row > cells->written_row + 1)
			text_out_adds(out, "\n");
		cells->written_row = cells->row;
		cells->written_column = 1;
	}
	for (; cells->written_column < cells->column && !out->cut; cells->written_column++)
		text_out_adds(out, "\t");
}

static void end_cell(struct cells *cells)
{
	const char *value = buf_text(&cells->text);
	struct json_span shown = {value, cells->text.len};
	char storage[64];
	struct buf date;

	buf_init_in(&date, storage, sizeof(storage));
	if (!cells->has_value && !strcmp(value, "="))
		shown.len = 0; /* a formula told elsewhere */
	if (cells->has_value && cells->type == 's')
		shown = sheet_strings_at(&cells->book->strings, value);
	if (cells->has_value && cells->type == 'b')
		shown = *value == '1' ? (struct json_span){"TRUE", 4}
				      : (struct json_span){"FALSE", 5};
	if (cells->has_value && cells->type == 'n' && cells->format &&
		sheet_format_date(value, cells->format, cells->book->first_year, &date))
		shown = (struct json_span){date.data, date.len};
	if (shown.len) {
		write_gap(cells);
		text_out_add_line(cells->book->out, shown.text, shown.len);
	}
	buf_done(&date);
}

static void on_end(void *context, const char *name)
{
	struct cells *cells = context;

	if (!strcmp(name, "c"))
		end_cell(cells);
	else if (!strcmp(name, "f") || !strcmp(name, "v") || !strcmp(name, "t"))
		cells->in_text = cells->in_value = false;
}

static void on_text(void *context, const char *text, size_t n)
{
	struct cells *cells = context;

	if (!cells->in_text)
		return;
	if (cells->in_value && !cells->has_value) {
		buf_cut(&cells->text, 0);
		cells->has_value = true;
	}
	if (!buf_add_within(&cells->text, text, n, CELL_BYTES_MAX))
		cells->in_text = false;
}

const char *sheet_cells_read(const struct sheet_book *book, const char *part)
{
	static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};
	struct cells cells = {.book = book};
	struct office_reader reader = {&HANDLERS, &cells, &book->out->cut};
	const char *why;

	buf_init(&cells.text);
	why = office_read_part(book->zip, part, &reader);
	buf_done(&cells.text);
	return why;
}
