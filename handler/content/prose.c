#include "content/prose.h"

#include <string.h>

#define INDENT_MAX 8

static void leave_gap(struct prose *prose, enum prose_gap gap)
{
	if (prose->gap < gap)
		prose->gap = gap;
}

/* Whether it is told in a line that a table's row has. */
static bool in_cell(const struct prose *prose)
{
	return prose->tables && prose->cells;
}

void prose_paragraph(struct prose *prose, const char *prefix, int indent)
{
	leave_gap(prose, in_cell(prose) ? PROSE_BLANK : PROSE_LINE);
	prose->prefix = in_cell(prose) ? "" : prefix;
	prose->indent = in_cell(prose) ? 0 : indent < INDENT_MAX ? indent : INDENT_MAX;
}

/* Before a paragraph's words. */
static void begin(struct prose *prose)
{
	const struct buf *buf = prose->out->buf;

	if (prose->gap == PROSE_LINE && buf->len)
		text_out_adds(prose->out, "\n");
	if (prose->gap == PROSE_BLANK && buf->len && buf->data[buf->len - 1] != ' ')
		text_out_adds(prose->out, " ");
	for (; prose->indent > 0; prose->indent--)
		text_out_adds(prose->out, "  ");
	if (prose->prefix)
		text_out_adds(prose->out, prose->prefix);
	prose->prefix = NULL;
	prose->gap = PROSE_NONE;
}

void prose_add(struct prose *prose, const char *text, size_t n)
{
	if (!n)
		return;
	begin(prose);
	if (in_cell(prose))
		text_out_add_line(prose->out, text, n);
	else
		text_out_add(prose->out, text, n);
}

void prose_adds(struct prose *prose, const char *text)
{
	prose_add(prose, text, strlen(text));
}

void prose_break(struct prose *prose)
{
	leave_gap(prose, in_cell(prose) ? PROSE_BLANK : PROSE_LINE);
}

void prose_table_begin(struct prose *prose)
{
	prose_paragraph(prose, "", 0);
	prose->tables++;
}

void prose_table_end(struct prose *prose)
{
	if (prose->tables)
		prose->tables--;
	prose_paragraph(prose, "", 0);
}

void prose_row_begin(struct prose *prose)
{
	if (prose->tables != 1)
		return;
	prose->cells = 0;
	prose_paragraph(prose, "", 0);
	prose_adds(prose, "|");
}

void prose_row_end(struct prose *prose)
{
	if (prose->tables == 1)
		prose->cells = 0;
}

void prose_cell_begin(struct prose *prose)
{
	if (prose->tables == 1) {
		prose->gap = PROSE_NONE;
		text_out_adds(prose->out, " ");
	}
	prose->cells++;
	prose_paragraph(prose, "", 0);
}

void prose_cell_end(struct prose *prose)
{
	if (prose->cells)
		prose->cells--;
	if (prose->tables == 1) {
		prose->gap = PROSE_NONE;
		text_out_adds(prose->out, " |");
	}
}
