#include "content/word_styles.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "content/office.h"

#define BASED_ON_MAX 8 /* steps to the style that says it */

struct styles_reading {
	struct word_styles *styles;
	struct word_style *style; /* being read */
};

static void copy_name(char ret[WORD_STYLE_NAME_MAX], const char *name)
{
	if (name && strlen(name) < WORD_STYLE_NAME_MAX)
		strncpy(ret, name, WORD_STYLE_NAME_MAX - 1);
}

static void begin_style(struct styles_reading *reading, const struct xml_tag *tag)
{
	struct word_styles *styles = reading->styles;

	reading->style = NULL;
	if (styles->count == WORD_STYLES_MAX)
		return;
	reading->style = &styles->items[styles->count++];
	copy_name(reading->style->id, xml_attribute(tag, "styleId"));
}

/* The names of those that Word brings along are English in every language. */
static int heading_named(const char *name)
{
	static const char HEADING[] = "heading ";
	size_t n = sizeof(HEADING) - 1;

	if (!strcmp(name, "Title"))
		return 1;
	if (strncasecmp(name, HEADING, n) != 0 || name[n] < '1' || name[n] > '9' || name[n + 1])
		return 0;
	return name[n] - '0';
}

static void on_start(void *context, const struct xml_tag *tag)
{
	struct styles_reading *reading = context;
	const char *value = xml_attribute(tag, "val");

	if (!strcmp(tag->name, "style"))
		begin_style(reading, tag);
	if (!reading->style)
		return;
	if (!strcmp(tag->name, "numPr"))
		reading->style->list = true;
	if (!value)
		return;
	if (!strcmp(tag->name, "name"))
		reading->style->heading = heading_named(value);
	if (!strcmp(tag->name, "basedOn"))
		copy_name(reading->style->based_on, value);
	if (!strcmp(tag->name, "outlineLvl") && *value >= '0' && *value <= '8' && !value[1])
		reading->style->heading = *value - '0' + 1;
}

static void on_end(void *context, const char *name)
{
	struct styles_reading *reading = context;

	if (!strcmp(name, "style"))
		reading->style = NULL;
}

static int by_id(const void *a, const void *b)
{
	const struct word_style *left = a, *right = b;

	return strcmp(left->id, right->id);
}

const struct word_style *word_styles_find(const struct word_styles *styles, const char *id)
{
	struct word_style key = {.list = false};

	if (!styles->count || !*id || strlen(id) >= WORD_STYLE_NAME_MAX)
		return NULL;
	copy_name(key.id, id);
	return bsearch(&key, styles->items, styles->count, sizeof(key), by_id);
}

/* A style is what that one is which it is based on, where it does not say itself. */
static void inherit(const struct word_styles *styles, struct word_style *style)
{
	const struct word_style *base = style;

	for (int i = 0; i < BASED_ON_MAX && base && !style->heading && !style->list; i++) {
		base = word_styles_find(styles, base->based_on);
		if (base) {
			style->heading = base->heading;
			style->list = base->list;
		}
	}
}

const char *word_styles_read(struct zip *zip, const char *part, struct word_styles *ret)
{
	static const struct xml_handlers HANDLERS = {.start = on_start, .end = on_end};
	struct styles_reading reading = {.styles = ret};
	struct office_reader reader = {&HANDLERS, &reading, NULL};
	const char *why;

	*ret = (struct word_styles){0};
	if (!part)
		return NULL;
	ret->items = xcalloc(WORD_STYLES_MAX, sizeof(ret->items[0]));
	why = office_read_part(zip, part, &reader);
	qsort(ret->items, ret->count, sizeof(ret->items[0]), by_id);
	for (size_t i = 0; i < ret->count; i++)
		inherit(ret, &ret->items[i]);
	return why;
}

void word_styles_done(struct word_styles *styles)
{
	free(styles->items);
}
