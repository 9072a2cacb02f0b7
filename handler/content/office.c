#include "content/office.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char BROKEN[] = "The file is damaged: a part of it is missing or no XML that is read.";

struct part_reading {
	struct xml *xml;
	const bool *enough;
	bool ended;
};

static bool take(void *context, const char *bytes, size_t n)
{
	struct part_reading *reading = context;

	reading->ended = reading->enough && *reading->enough;
	return !reading->ended && xml_add(reading->xml, bytes, n);
}

const char *office_read_part(struct zip *zip, const char *part, const struct office_reader *reader)
{
	const struct zip_entry *entry = part ? zip_find(zip, part) : NULL;
	struct part_reading reading = {.enough = reader->enough};
	struct zip_sink sink = {take, &reading};
	const char *why;

	if (!entry)
		return BROKEN;
	reading.xml = xml_new(reader->handlers, reader->context);
	why = zip_read(zip, entry, &sink);
	if (!why && !reading.ended && !zip_was_cut(zip) && !xml_end(reading.xml))
		why = BROKEN;
	xml_free(reading.xml);
	return why;
}

/* What is relative to the part's folder, as a part's name; NULL: it is none. */
static char *resolve(const char *part, const char *target)
{
	const char *slash = strrchr(part, '/');
	struct buf name;

	buf_init(&name);
	if (*target != '/' && slash)
		buf_add(&name, part, (size_t)(slash - part));
	while (*target && name.len <= OFFICE_NAME_MAX) {
		size_t n = strcspn(target, "/");

		if (n == 2 && !memcmp(target, "..", 2)) {
			const char *last = name.len ? strrchr(name.data, '/') : NULL;

			buf_cut(&name, last ? (size_t)(last - name.data) : 0);
		} else if (n && !(n == 1 && *target == '.')) {
			if (name.len)
				buf_adds(&name, "/");
			buf_add(&name, target, n);
		}
		target += n + (target[n] == '/');
	}
	if (name.len && name.len <= OFFICE_NAME_MAX)
		return name.data;
	buf_done(&name);
	return NULL;
}

struct rels_reading {
	const char *part;
	struct office_rels *rels;
};

static bool is_short(const char *text)
{
	return text && strlen(text) <= OFFICE_NAME_MAX;
}

static void on_rel(void *context, const struct xml_tag *tag)
{
	struct rels_reading *reading = context;
	struct office_rels *rels = reading->rels;
	const char *id = xml_attribute(tag, "Id"), *type = xml_attribute(tag, "Type");
	const char *target = xml_attribute(tag, "Target"), *mode = xml_attribute(tag, "TargetMode");
	char *part;

	if (strcmp(tag->name, "Relationship") != 0 || (mode && !strcmp(mode, "External")) ||
		!is_short(id) || !is_short(type) || !is_short(target) ||
		rels->count == OFFICE_RELS_MAX)
		return;
	part = resolve(reading->part, target);
	if (!part)
		return;
	if (!rels->items)
		rels->items = xcalloc(OFFICE_RELS_MAX, sizeof(rels->items[0]));
	rels->items[rels->count++] = (struct office_rel){xstrdup(id), xstrdup(type), part};
}

static int by_id(const void *a, const void *b)
{
	const struct office_rel *left = a, *right = b;

	return strcmp(left->id, right->id);
}

const char *office_read_rels(struct zip *zip, const char *part, struct office_rels *ret)
{
	static const struct xml_handlers HANDLERS = {.start = on_rel};
	const char *slash = strrchr(part, '/');
	size_t folder = slash ? (size_t)(slash + 1 - part) : 0;
	struct rels_reading reading = {.part = part};
	struct office_reader reader = {&HANDLERS, &reading, NULL};
	const char *why = NULL;
	struct buf name;

	*ret = (struct office_rels){0};
	reading.rels = ret;
	buf_init(&name);
	buf_addf(&name, "%.*s_rels/%s.rels", (int)folder, part, part + folder);
	if (zip_find(zip, name.data))
		why = office_read_part(zip, name.data, &reader);
	buf_done(&name);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(ret->items[0]), by_id);
	return why;
}

void office_rels_done(struct office_rels *rels)
{
	for (size_t i = 0; i < rels->count; i++) {
		free(rels->items[i].id);
		free(rels->items[i].type);
		free(rels->items[i].part);
	}
	free(rels->items);
}

const char *office_rel_by_id(const struct office_rels *rels, const char *id)
{
	struct office_rel key = {.id = (char *)(uintptr_t)id}; /* read only */
	const struct office_rel *found = NULL;

	if (rels->count)
		found = bsearch(&key, rels->items, rels->count, sizeof(key), by_id);
	return found ? found->part : NULL;
}

const char *office_rel_by_type(const struct office_rels *rels, const char *type)
{
	for (size_t i = 0; i < rels->count; i++) {
		const char *slash = strrchr(rels->items[i].type, '/');

		if (slash && !strcmp(slash + 1, type))
			return rels->items[i].part;
	}
	return NULL;
}
