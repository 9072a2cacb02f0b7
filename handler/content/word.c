#include "content/word.h"

#include <string.h>

#include "content/office.h"
#include "content/prose.h"
#include "content/word_styles.h"

#define LEVELS 9

struct word {
	struct prose prose;
	struct word_styles styles;
	int skipped; /* elements around what is read that are left out */
	bool in_text;
	bool hidden;      /* of the run */
	bool after_label; /* a note's first paragraph goes on in the line of its label */
	/* Of the paragraph. */
	int heading, indent;
	bool list;
};

static const char *prefix_of(const struct word *word)
{
	static const char HASHES[] = "######### ";

	if (word->heading)
		return HASHES + LEVELS - word->heading;
	return word->list ? "- " : "";
}

static void set_paragraph(struct word *word)
{
	if (!word->after_label)
		prose_paragraph(&word->prose, prefix_of(word), word->list ? word->indent : 0);
}

static void on_p(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	word->heading = word->indent = 0;
	word->list = false;
	set_paragraph(word);
}

static void on_style(struct word *word, const struct xml_tag *tag)
{
	const char *id = xml_attribute(tag, "val");
	const struct word_style *style = id ? word_styles_find(&word->styles, id) : NULL;

	if (style) {
		word->heading = style->heading;
		word->list = style->list;
		set_paragraph(word);
	}
}

/* A digit within the bounds, else -1. */
static int level_of(const struct xml_tag *tag)
{
	const char *value = xml_attribute(tag, "val");

	return value && *value >= '0' && *value <= '8' && !value[1] ? *value - '0' : -1;
}

static void on_outline_level(struct word *word, const struct xml_tag *tag)
{
	word->heading = level_of(tag) + 1;
	set_paragraph(word);
}

static void on_list_level(struct word *word, const struct xml_tag *tag)
{
	int level = level_of(tag);

	word->indent = level > 0 ? level : 0;
	set_paragraph(word);
}

static void on_list(struct word *word, const struct xml_tag *tag)
{
	const char *id = xml_attribute(tag, "val");

	word->list = id && strcmp(id, "0") != 0;
	set_paragraph(word);
}

static void on_run(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	word->hidden = false;
}

/* What Word does not show is no part of what a reader would see, and may be made for other eyes. */
static void on_vanish(struct word *word, const struct xml_tag *tag)
{
	const char *value = xml_attribute(tag, "val");

	word->hidden = !value || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0 &&
					 strcmp(value, "off") != 0);
}

static void on_text_begin(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	word->in_text = true;
}

/* In a paragraph's properties it is a place to stop at. */
static void on_tab(struct word *word, const struct xml_tag *tag)
{
	if (!xml_attribute(tag, "val"))
		prose_adds(&word->prose, "\t");
}

static void on_break(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	prose_break(&word->prose);
}

static void on_hyphen(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	prose_adds(&word->prose, "-");
}

/* "[^1]" of the first footnote, "[^e1]" of the first endnote, "[^c1]" of the first comment. */
static void add_label(struct word *word, const struct xml_tag *tag)
{
	const char *id = xml_attribute(tag, "id");

	if (!id || strlen(id) > 10)
		return;
	prose_adds(&word->prose, "[^");
	if (*tag->name != 'f')
		prose_add(&word->prose, tag->name, 1);
	prose_adds(&word->prose, id);
	prose_adds(&word->prose, "]");
}

/* The lines that divide notes from the text are notes with a type. */
static void on_note(struct word *word, const struct xml_tag *tag)
{
	const char *author = xml_attribute(tag, "author");

	if (xml_attribute(tag, "type")) {
		word->skipped = 1;
		return;
	}
	word->after_label = false;
	prose_paragraph(&word->prose, "", 0);
	add_label(word, tag);
	prose_adds(&word->prose, ": ");
	if (author && *author) {
		prose_adds(&word->prose, author);
		prose_adds(&word->prose, ": ");
	}
	word->after_label = true;
}

static void on_table(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	prose_table_begin(&word->prose);
}

static void on_row(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	prose_row_begin(&word->prose);
}

static void on_cell(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	prose_cell_begin(&word->prose);
}

/* What is not said, or was so before a change. */
static void on_left_out(struct word *word, const struct xml_tag *tag)
{
	(void)tag;
	word->skipped = 1;
}

static const struct {
	const char *name;
	void (*start)(struct word *word, const struct xml_tag *tag);
} ELEMENTS[] = {{"p", on_p}, {"r", on_run}, {"vanish", on_vanish}, {"t", on_text_begin},
	{"tab", on_tab}, {"br", on_break}, {"cr", on_break}, {"noBreakHyphen", on_hyphen},
	{"pStyle", on_style}, {"outlineLvl", on_outline_level}, {"ilvl", on_list_level},
	{"numId", on_list}, {"tbl", on_table}, {"tr", on_row}, {"tc", on_cell},
	{"footnoteReference", add_label}, {"endnoteReference", add_label},
	{"commentReference", add_label}, {"footnote", on_note}, {"endnote", on_note},
	{"comment", on_note}, {"del", on_left_out}, {"moveFrom", on_left_out},
	{"Fallback", on_left_out}, {"pPrChange", on_left_out}, {"rPrChange", on_left_out},
	{"sectPr", on_left_out}};

static void on_start(void *context, const struct xml_tag *tag)
{
	struct word *word = context;

	if (word->skipped) {
		word->skipped++;
		return;
	}
	for (size_t i = 0; i < sizeof(ELEMENTS) / sizeof(ELEMENTS[0]); i++) {
		if (!strcmp(ELEMENTS[i].name, tag->name)) {
			ELEMENTS[i].start(word, tag);
			return;
		}
	}
}

/* Behind one within another, as a box of text is, the outer one goes on in a line of its own. */
static void end_paragraph(struct word *word)
{
	word->after_label = false;
	prose_paragraph(&word->prose, "", 0);
}

static void on_end(void *context, const char *name)
{
	struct word *word = context;

	if (word->skipped)
		word->skipped--;
	else if (!strcmp(name, "t"))
		word->in_text = false;
	else if (!strcmp(name, "p"))
		end_paragraph(word);
	else if (!strcmp(name, "tbl"))
		prose_table_end(&word->prose);
	else if (!strcmp(name, "tr"))
		prose_row_end(&word->prose);
	else if (!strcmp(name, "tc"))
		prose_cell_end(&word->prose);
}

static void on_text(void *context, const char *text, size_t n)
{
	struct word *word = context;

	if (word->in_text && !word->skipped && !word->hidden)
		prose_add(&word->prose, text, n);
}

static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};

/* The part of that type, if there is one, as an own document. */
static const char *read_beside(
	struct word *word, struct zip *zip, const struct office_rels *rels, const char *type)
{
	const char *part = office_rel_by_type(rels, type);
	struct prose prose = {.out = word->prose.out, .gap = PROSE_LINE};
	struct office_reader reader = {&HANDLERS, word, &prose.out->cut};

	if (!part || prose.out->cut)
		return NULL;
	word->prose = prose;
	word->skipped = 0;
	word->in_text = false;
	return office_read_part(zip, part, &reader);
}

static const char *read_parts(
	struct word *word, struct zip *zip, const char *part, const struct office_rels *rels)
{
	static const char *const BESIDE[] = {"footnotes", "endnotes", "comments", NULL};
	struct office_reader reader = {&HANDLERS, word, &word->prose.out->cut};
	const char *why = word_styles_read(zip, office_rel_by_type(rels, "styles"), &word->styles);

	if (!why)
		why = office_read_part(zip, part, &reader);
	for (size_t i = 0; BESIDE[i] && !why; i++)
		why = read_beside(word, zip, rels, BESIDE[i]);
	word_styles_done(&word->styles);
	return why;
}

const char *word_read(struct zip *zip, const char *part, struct text_out *out)
{
	struct word word = {.prose = {.out = out}};
	struct office_rels rels;
	const char *why = office_read_rels(zip, part, &rels);

	if (!why)
		why = read_parts(&word, zip, part, &rels);
	office_rels_done(&rels);
	return why;
}
