/* What a log line says: one event a line, key=value, behind its time and level.
 *
 * Values are escaped, so no byte from outside can start a line or forge a field; what would pass
 * LOG_VALUE_MAX of one is cut, so that none can crowd out those behind it.  A line that would pass
 * LOG_LINE_MAX is cut, which is longer than any of ours.  Any thread.
 */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG__COUNT };

#define LOG_VALUE_MAX 320 /* as written, without its quotes */
#define LOG_LINE_MAX 3072

struct log_line {
	enum log_level level;
	bool wanted;
	size_t len;
	char text[LOG_LINE_MAX];
};

/* Names of the levels, lower case, in order. */
extern const char *const log_level_names[LOG__COUNT];

void log_set_level(enum log_level level);

void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_str(struct log_line *line, const char *key, const char *value); /* NULL: left out */
void log_int(struct log_line *line, const char *key, int64_t value);

#endif
