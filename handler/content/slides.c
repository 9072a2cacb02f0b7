#include "content/slides.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "content/office.h"
#include "content/prose.h"

#define SLIDES_MAX 2048

/* A slide, or the notes to one. */
struct slide {
	struct prose prose;
	int number; /* 0: notes */
	bool labelled;
	int skipped; /* elements around what is read that are left out */
	bool in_text;
	/* Of the shape. */
	bool title, wanted;
	/* Of the paragraph. */
	bool list;
	int level;
};

static void begin_slide(struct slide *slide, const struct xml_tag *tag)
{
	const char *show = xml_attribute(tag, "show");
	struct buf label;

	buf_init(&label);
	buf_addf(&label, "## Slide %d", slide->number);
	if (show && (!strcmp(show, "0") || !strcmp(show, "false")))
		buf_adds(&label, " (hidden)");
	prose_paragraph(&slide->prose, "", 0);
	prose_adds(&slide->prose, label.data);
	buf_done(&label);
}

static void begin_shape(struct slide *slide)
{
	slide->title = false;
	slide->wanted = slide->number != 0;
}

/* What the shape is for: of notes, there is a picture of the slide and its number as well. */
static void on_place(struct slide *slide, const struct xml_tag *tag)
{
	static const char *const TITLES[] = {"title", "ctrTitle", NULL};
	static const char *const UNSAID[] = {"sldNum", "dt", "ftr", "hdr", NULL};
	const char *type = xml_attribute(tag, "type");

	slide->title = type && text_is_one_of(type, TITLES);
	slide->wanted = slide->number ? !type || !text_is_one_of(type, UNSAID)
				      : type && !strcmp(type, "body");
}

static void set_paragraph(struct slide *slide)
{
	if (slide->number || slide->labelled)
		prose_paragraph(&slide->prose,
			slide->title  ? "### "
			: slide->list ? "- "
				      : "",
			slide->list ? slide->level : 0);
}

static void begin_paragraph(struct slide *slide)
{
	slide->list = false;
	slide->level = 0;
	set_paragraph(slide);
}

static void on_level(struct slide *slide, const struct xml_tag *tag)
{
	const char *level = xml_attribute(tag, "lvl");

	slide->level = level && *level >= '0' && *level <= '8' && !level[1] ? *level - '0' : 0;
	slide->list = slide->level > 0;
	set_paragraph(slide);
}

static void on_bullet(struct slide *slide, const char *name)
{
	slide->list = strcmp(name, "buNone") != 0;
	set_paragraph(slide);
}

static void on_table_tag(struct slide *slide, const char *name)
{
	if (!strcmp(name, "tbl"))
		prose_table_begin(&slide->prose);
	else if (!strcmp(name, "tr"))
		prose_row_begin(&slide->prose);
	else if (!strcmp(name, "tc"))
		prose_cell_begin(&slide->prose);
}

static void on_paragraph_tag(struct slide *slide, const struct xml_tag *tag)
{
	static const char *const BULLETS[] = {"buChar", "buAutoNum", "buNone", NULL};

	if (!strcmp(tag->name, "p"))
		begin_paragraph(slide);
	else if (!strcmp(tag->name, "pPr"))
		on_level(slide, tag);
	else if (!strcmp(tag->name, "t"))
		slide->in_text = true;
	else if (!strcmp(tag->name, "br"))
		prose_break(&slide->prose);
	else if (text_is_one_of(tag->name, BULLETS))
		on_bullet(slide, tag->name);
	else if (slide->number)
		on_table_tag(slide, tag->name);
}

static void on_start(void *context, const struct xml_tag *tag)
{
	struct slide *slide = context;

	if (slide->skipped || !strcmp(tag->name, "Fallback"))
		slide->skipped++;
	else if (!strcmp(tag->name, "sld") && slide->number)
		begin_slide(slide, tag);
	else if (!strcmp(tag->name, "sp"))
		begin_shape(slide);
	else if (!strcmp(tag->name, "ph"))
		on_place(slide, tag);
	else if (slide->wanted)
		on_paragraph_tag(slide, tag);
}

static void on_end(void *context, const char *name)
{
	struct slide *slide = context;

	if (slide->skipped)
		slide->skipped--;
	else if (!strcmp(name, "t"))
		slide->in_text = false;
	else if (!strcmp(name, "sp"))
		begin_shape(slide);
	else if (!strcmp(name, "tbl"))
		prose_table_end(&slide->prose);
	else if (!strcmp(name, "tr"))
		prose_row_end(&slide->prose);
	else if (!strcmp(name, "tc"))
		prose_cell_end(&slide->prose);
}

static void on_text(void *context, const char *text, size_t n)
{
	struct slide *slide = context;

	if (!slide->in_text || slide->skipped)
		return;
	if (!slide->number && !slide->labelled)
		prose_adds(&slide->prose, "Notes: ");
	slide->labelled = true;
	prose_add(&slide->prose, text, n);
}

/* Number 0: its notes. */
static const char *read_slide(struct zip *zip, const char *part, int number, struct text_out *out)
{
	static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};
	struct slide slide = {
		.prose = {.out = out, .gap = PROSE_LINE}, .number = number, .wanted = number != 0};
	struct office_reader reader = {&HANDLERS, &slide, &out->cut};

	return office_read_part(zip, part, &reader);
}

static const char *read_with_notes(
	struct zip *zip, const char *part, int number, struct text_out *out)
{
	const char *why = read_slide(zip, part, number, out), *notes;
	struct office_rels rels;

	if (why || out->cut)
		return why;
	why = office_read_rels(zip, part, &rels);
	notes = office_rel_by_type(&rels, "notesSlide");
	if (!why && notes)
		why = read_slide(zip, notes, 0, out);
	office_rels_done(&rels);
	return why;
}

/* What the main part says of the slides: their parts, in order. */
struct presentation {
	const struct office_rels *rels;
	const char **parts;
	int count;
};

static void on_slide(void *context, const struct xml_tag *tag)
{
	struct presentation *presentation = context;
	const char *id = xml_prefixed(tag, "id");

	if (!strcmp(tag->name, "sldId") && id && presentation->count < SLIDES_MAX)
		presentation->parts[presentation->count++] = office_rel_by_id(
			presentation->rels, id);
}

static const char *read_slides(
	struct zip *zip, const char *part, const struct office_rels *rels, struct text_out *out)
{
	static const struct xml_handlers HANDLERS = {.start = on_slide};
	struct presentation presentation = {
		.rels = rels, .parts = xcalloc(SLIDES_MAX, sizeof(char *))};
	struct office_reader reader = {&HANDLERS, &presentation, NULL};
	const char *why = office_read_part(zip, part, &reader);

	for (int i = 0; i < presentation.count && !why && !out->cut; i++)
		why = read_with_notes(zip, presentation.parts[i], i + 1, out);
	free(presentation.parts);
	return why;
}

const char *slides_read(struct zip *zip, const char *part, struct text_out *out)
{
	struct office_rels rels;
	const char *why = office_read_rels(zip, part, &rels);

	if (!why)
		why = read_slides(zip, part, &rels, out);
	office_rels_done(&rels);
	return why;
}
