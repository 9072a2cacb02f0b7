#include "content/sheet_strings.h"

#include <stdlib.h>
#include <string.h>

#include "content/office.h"
#include "content/text_out.h"

struct strings_reading {
	struct sheet_strings *strings;
	struct text_out out; /* of its text */
	bool in_text;
	bool spelled; /* how it is pronounced, which is not shown */
};

static void on_start(void *context, const struct xml_tag *tag)
{
	struct strings_reading *reading = context;

	if (!strcmp(tag->name, "t"))
		reading->in_text = true;
	else if (!strcmp(tag->name, "rPh"))
		reading->spelled = true;
}

static void on_end(void *context, const char *name)
{
	struct strings_reading *reading = context;
	struct sheet_strings *strings = reading->strings;
	uint32_t end = (uint32_t)strings->text.len;

	if (!strcmp(name, "t"))
		reading->in_text = false;
	else if (!strcmp(name, "rPh"))
		reading->spelled = false;
	else if (!strcmp(name, "si") && !strings->cut &&
		 !buf_add_within(
			 &strings->ends, &end, sizeof(end), SHEET_STRINGS_MAX * sizeof(end)))
		strings->cut = true;
}

static void on_text(void *context, const char *text, size_t n)
{
	struct strings_reading *reading = context;
	struct sheet_strings *strings = reading->strings;

	if (reading->in_text && !reading->spelled)
		text_out_add(&reading->out, text, n);
	strings->cut = strings->cut || reading->out.cut;
}

const char *sheet_strings_read(struct zip *zip, const char *part, struct sheet_strings *ret)
{
	static const struct xml_handlers HANDLERS = {on_start, on_end, on_text};
	struct strings_reading reading = {
		.strings = ret, .out = {.buf = &ret->text, .max = SHEET_STRINGS_BYTES_MAX}};
	struct office_reader reader = {&HANDLERS, &reading, &ret->cut};

	*ret = (struct sheet_strings){.cut = false};
	return part ? office_read_part(zip, part, &reader) : NULL;
}

void sheet_strings_done(struct sheet_strings *strings)
{
	buf_done(&strings->text);
	buf_done(&strings->ends);
}

static uint32_t end_of(const struct sheet_strings *strings, size_t i)
{
	uint32_t end;

	memcpy(&end, strings->ends.data + i * sizeof(end), sizeof(end));
	return end;
}

struct json_span sheet_strings_at(const struct sheet_strings *strings, const char *number)
{
	char *rest;
	unsigned long i = strtoul(number, &rest, 10);
	size_t begin;

	if (rest == number || *rest || i >= strings->ends.len / sizeof(uint32_t))
		return (struct json_span){"", 0};
	begin = i ? end_of(strings, i - 1) : 0;
	return (struct json_span){strings->text.data + begin, end_of(strings, i) - begin};
}
