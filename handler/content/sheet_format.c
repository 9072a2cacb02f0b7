#include "content/sheet_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "content/office.h"

#define STYLES_MAX 65536
#define OWN_MAX 1024 /* formats of its own that are dates */
#define DAY_S 86400
#define DAYS_MAX 2958466 /* the year 10000 */

struct own_format {
	int id;
	enum sheet_format format;
};

struct formats_reading {
	struct sheet_formats *formats;
	struct own_format *own;
	size_t own_count;
	bool in_cells; /* where the styles of cells are listed */
};

/* Those that Excel brings along; 27 to 36 and 50 to 58 are dates in East Asia. */
static enum sheet_format format_of_id(int id)
{
	if (id >= 14 && id <= 17)
		return SHEET_DATE;
	if ((id >= 18 && id <= 21) || id == 45 || id == 47)
		return SHEET_TIME;
	if (id == 22)
		return SHEET_DATE_TIME;
	return (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? SHEET_DATE : SHEET_NUMBER;
}

/* Moves over what is shown as it is: quoted, escaped, or in brackets. */
static const char *skip_literal(const char *code)
{
	const char *end = NULL;

	if (*code == '"')
		end = strchr(code + 1, '"');
	else if (*code == '[')
		end = strchr(code, ']');
	else if (strchr("\\_*", *code) && code[1])
		end = code + 1;
	return end ? end + 1 : code + 1;
}

/* Whether hours or less are counted on, as [h]:mm, which is no time of a day. */
static bool is_elapsed(const char *code)
{
	size_t n = *code == '[' ? strspn(code + 1, "hHmMsS") : 0;

	return n && code[n + 1] == ']';
}

/* Of what a number above zero is shown as.  "m" is a month where there is a day or a year, else a
 * minute. */
static enum sheet_format format_of_code(const char *code)
{
	bool date = false, month = false, hours = false;

	for (; *code && *code != ';'; code++) {
		char c = (char)(*code | 0x20);

		if (is_elapsed(code))
			return SHEET_NUMBER;
		if (strchr("\"[\\_*", *code)) {
			code = skip_literal(code) - 1;
			continue;
		}
		date = date || c == 'd' || c == 'y';
		month = month || c == 'm';
		hours = hours || c == 'h' || c == 's';
	}
	if (hours)
		return date ? SHEET_DATE_TIME : SHEET_TIME;
	return date || month ? SHEET_DATE : SHEET_NUMBER;
}

static void add_own(struct formats_reading *reading, const struct xml_tag *tag)
{
	const char *id = xml_attribute(tag, "numFmtId"), *code = xml_attribute(tag, "formatCode");

	if (id && code && reading->own_count < OWN_MAX)
		reading->own[reading->own_count++] = (struct own_format){
			(int)strtol(id, NULL, 10), format_of_code(code)};
}

static void add_style(struct formats_reading *reading, const struct xml_tag *tag)
{
	const char *text = xml_attribute(tag, "numFmtId");
	int id = text ? (int)strtol(text, NULL, 10) : 0;
	char format = (char)format_of_id(id);

	for (size_t i = 0; i < reading->own_count; i++) {
		if (reading->own[i].id == id)
			format = (char)reading->own[i].format;
	}
	if (reading->formats->items.len < STYLES_MAX)
		buf_add(&reading->formats->items, &format, 1);
}

static void on_start(void *context, const struct xml_tag *tag)
{
	struct formats_reading *reading = context;

	if (!strcmp(tag->name, "numFmt"))
		add_own(reading, tag);
	else if (!strcmp(tag->name, "cellXfs"))
		reading->in_cells = true;
	else if (reading->in_cells && !strcmp(tag->name, "xf"))
		add_style(reading, tag);
}

static void on_end(void *context, const char *name)
{
	struct formats_reading *reading = context;

	if (!strcmp(name, "cellXfs"))
		reading->in_cells = false;
}

const char *sheet_formats_read(struct zip *zip, const char *part, struct sheet_formats *ret)
{
	static const struct xml_handlers HANDLERS = {.start = on_start, .end = on_end};
	struct formats_reading reading = {.formats = ret};
	struct office_reader reader = {&HANDLERS, &reading, NULL};
	const char *why;

	buf_init(&ret->items);
	if (!part)
		return NULL;
	reading.own = xcalloc(OWN_MAX, sizeof(reading.own[0]));
	why = office_read_part(zip, part, &reader);
	free(reading.own);
	return why;
}

void sheet_formats_done(struct sheet_formats *formats)
{
	buf_done(&formats->items);
}

enum sheet_format sheet_format_of(const struct sheet_formats *formats, const char *style)
{
	unsigned long i = style ? strtoul(style, NULL, 10) : 0;

	return style && i < formats->items.len ? (enum sheet_format)formats->items.data[i]
					       : SHEET_NUMBER;
}

/* Day 60 of those that count from 1900 is a 29th of February that there never was. */
static double unix_days(double days, int first_year)
{
	if (first_year == 1904)
		return days - 24107;
	return days - 25569 + (days < 60 ? 1 : 0);
}

/* The nearest one. */
static time_t seconds(double days)
{
	double exact = days * DAY_S;

	return (time_t)(exact < 0 ? exact - 0.5 : exact + 0.5);
}

static void write_moment(const struct tm *tm, enum sheet_format format, struct buf *out)
{
	if (format != SHEET_TIME)
		buf_addf(out, "%04d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
	if (format == SHEET_DATE_TIME)
		buf_adds(out, "T");
	if (format != SHEET_DATE)
		buf_addf(out, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
}

bool sheet_format_date(
	const char *number, enum sheet_format format, int first_year, struct buf *out)
{
	char *end;
	double days = strtod(number, &end);
	struct tm tm;
	time_t at;

	if (end == number || *end || !isfinite(days) || days < 0 || days >= DAYS_MAX)
		return false;
	at = seconds(unix_days(days, first_year));
	/* a date with a time of the day, and a time with days, are shown whole */
	if ((format == SHEET_DATE && at % DAY_S) || (format == SHEET_TIME && days >= 1))
		format = SHEET_DATE_TIME;
	if (!gmtime_r(&at, &tm))
		return false;
	write_moment(&tm, format, out);
	return true;
}
