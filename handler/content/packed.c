#include "content/packed.h"

#include <string.h>

#include "content/office.h"
#include "content/sheet.h"
#include "content/slides.h"
#include "content/word.h"

#define OFFICE "application/vnd.openxmlformats-officedocument."

static const char ARCHIVE[] = "It is a zip of other files, which are not unpacked here.";
static const char OPEN_DOCUMENT[] =
	"It is an OpenDocument file (such as .odt, .ods, .odp), which is not read here.";
static const char BOOK[] = "It is an electronic book (EPUB), which is not read here.";
static const char BINARY[] =
	"It is an Excel file of the binary form (.xlsb), which is not read here.";
static const char OTHER[] =
	"It is an Office file, but none of Word, Excel or PowerPoint, and is not read here.";

/* By the name of the main part's outermost element. */
static const struct {
	const char *root, *media_type;
	const char *(*read)(struct zip *zip, const char *part, struct text_out *out);
} PROGRAMS[] = {
	{"document", OFFICE "wordprocessingml.document", word_read},
	{"workbook", OFFICE "spreadsheetml.sheet", sheet_read},
	{"presentation", OFFICE "presentationml.presentation", slides_read},
};

struct root {
	int program; /* of PROGRAMS; -1: none */
	bool found;
};

static void on_start(void *context, const struct xml_tag *tag)
{
	struct root *root = context;

	for (int i = 0; !root->found && i < (int)(sizeof(PROGRAMS) / sizeof(PROGRAMS[0])); i++) {
		if (!strcmp(PROGRAMS[i].root, tag->name))
			root->program = i;
	}
	root->found = true;
}

static bool is_binary(const char *part)
{
	size_t n = strlen(part);

	return n > 4 && !strcmp(part + n - 4, ".bin");
}

static const char *read_main(
	struct zip *zip, const char *part, struct text_out *out, const char **ret_media_type)
{
	static const struct xml_handlers HANDLERS = {.start = on_start};
	struct root root = {.program = -1};
	struct office_reader reader = {&HANDLERS, &root, &root.found};
	const char *why;

	if (is_binary(part))
		return BINARY;
	why = office_read_part(zip, part, &reader);
	if (why)
		return why;
	if (root.program < 0)
		return OTHER;
	*ret_media_type = PROGRAMS[root.program].media_type;
	return PROGRAMS[root.program].read(zip, part, out);
}

/* What formats of others that are a zip begin with. */
static bool take_name(void *context, const char *bytes, size_t n)
{
	return buf_add_within(context, bytes, n, 128);
}

static const char *read_other(struct zip *zip)
{
	const struct zip_entry *entry = zip_find(zip, "mimetype");
	struct buf name;
	struct zip_sink sink = {take_name, &name};
	const char *why = ARCHIVE;

	buf_init(&name);
	if (entry && !zip_read(zip, entry, &sink)) {
		if (strstr(buf_text(&name), "opendocument"))
			why = OPEN_DOCUMENT;
		else if (strstr(buf_text(&name), "epub"))
			why = BOOK;
	}
	buf_done(&name);
	return why;
}

static const char *read_zip(struct zip *zip, struct text_out *out, const char **ret_media_type)
{
	struct office_rels rels;
	const char *why = office_read_rels(zip, "", &rels), *part;

	part = office_rel_by_type(&rels, "officeDocument");
	if (!why)
		why = part ? read_main(zip, part, out, ret_media_type) : read_other(zip);
	office_rels_done(&rels);
	return why;
}

const char *packed_read(struct json_span bytes, struct text_out *out, const char **ret_media_type)
{
	struct zip *zip;
	const char *why = zip_open(bytes, &zip);

	if (why)
		return why;
	why = read_zip(zip, out, ret_media_type);
	out->cut = out->cut || zip_was_cut(zip);
	zip_free(zip);
	return why;
}
