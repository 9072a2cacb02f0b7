/* Paragraphs and tables, as Word and PowerPoint have them, on their way to text: a line each, and a
 * table's row as "| a | b |".  Tables within tables are told in their cell. */
#ifndef CONTENT_PROSE_H
#define CONTENT_PROSE_H

#include "content/text_out.h"

enum prose_gap { PROSE_NONE, PROSE_BLANK, PROSE_LINE };

/* Filled in with .out. */
struct prose {
	struct text_out *out;
	const char *prefix; /* of the paragraph, before its first word */
	int indent;         /* and before that, in steps */
	enum prose_gap gap; /* before what comes */
	int tables, cells;  /* around what is being read */
};

/* Ends the paragraph before; prefix: a constant, "" for none.  A paragraph without words is no
 * line. */
void prose_paragraph(struct prose *prose, const char *prefix, int indent);
void prose_add(struct prose *prose, const char *text, size_t n);
void prose_adds(struct prose *prose, const char *text);
/* A new line within the paragraph. */
void prose_break(struct prose *prose);

void prose_table_begin(struct prose *prose);
void prose_table_end(struct prose *prose);
void prose_row_begin(struct prose *prose);
void prose_row_end(struct prose *prose);
void prose_cell_begin(struct prose *prose);
void prose_cell_end(struct prose *prose);

#endif
