#include "base/log_line.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const char *const log_level_names[LOG__COUNT] = {"error", "warn", "info", "debug"};

static _Atomic(int) threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
	atomic_store(&threshold, (int)level);
}

static void put(struct log_line *line, const char *text, size_t n)
{
	size_t room = sizeof(line->text) - 2 - line->len; /* 2: the newline and the NUL */

	if (n > room)
		n = room;
	memcpy(line->text + line->len, text, n);
	line->len += n;
}

static void put_key(struct log_line *line, const char *key)
{
	if (line->len)
		put(line, " ", 1);
	put(line, key, strlen(key));
	put(line, "=", 1);
}

static void put_time(struct log_line *line)
{
	char text[CLOCK_ISO_SIZE];

	if (!line->wanted)
		return;
	clock_iso(clock_unix_s(), text);
	put_key(line, "time");
	put(line, text, sizeof(text) - 1);
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
	line->level = level;
	line->wanted = (int)level <= atomic_load(&threshold);
	line->len = 0;
	put_time(line);
	log_str(line, "level", log_level_names[level]);
	log_str(line, "event", event);
}

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
}

/* How many bytes the character takes in quotes. */
static size_t quoted_size(char c)
{
	if (c == '"' || c == '\\')
		return 2;
	return c < ' ' || c >= 0x7f ? 4 : 1;
}

static void put_quoted(struct log_line *line, const char *value, size_t n)
{
	put(line, "\"", 1);
	for (const char *p = value; p < value + n; p++) {
		char escaped[5];

		if (quoted_size(*p) == 4)
			snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)*p);
		else
			snprintf(escaped, sizeof(escaped), "%s%c", quoted_size(*p) == 2 ? "\\" : "",
				*p);
		put(line, escaped, strlen(escaped));
	}
	put(line, "\"", 1);
}

/* How many bytes of the value there is room for, in quotes. */
static size_t quoted_length(const char *value)
{
	size_t n = 0, size = 0;

	for (; value[n] && size + quoted_size(value[n]) <= LOG_VALUE_MAX; n++)
		size += quoted_size(value[n]);
	return n;
}

void log_str(struct log_line *line, const char *key, const char *value)
{
	size_t n = 0;

	if (!line->wanted || !value)
		return;
	put_key(line, key);
	while (n < LOG_VALUE_MAX && is_plain(value[n]))
		n++;
	if (n && (!value[n] || n == LOG_VALUE_MAX)) {
		put(line, value, n);
	} else {
		n = quoted_length(value);
		put_quoted(line, value, n);
	}
	if (value[n])
		put(line, "...", 3);
}

void log_int(struct log_line *line, const char *key, int64_t value)
{
	char room[INT_DIGITS_SIZE];
	const char *digits = int_digits(value, room);

	if (!line->wanted)
		return;
	put_key(line, key);
	put(line, digits, strlen(digits));
}
