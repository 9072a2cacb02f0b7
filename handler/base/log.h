/* Log lines: one event a line, key=value, informational ones on stdout, warnings and errors on
 * stderr (which is how the Functions host tells them apart).
 *
 * Values are escaped, so no byte from outside can start a line or forge a field; what would pass
 * LOG_VALUE_MAX of one is cut, so that none can crowd out those behind it.  A line that would pass
 * LOG_LINE_MAX is cut, which is longer than any of ours.  Any thread; a line reaches its stream
 * whole.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

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

/* Makes both streams line-buffered and sets the level; call once, before any thread starts. */
void log_start(enum log_level level);
void log_set_level(enum log_level level);
/* From now on a line that its stream has no room for is lost, not waited for. */
void log_never_wait(void);

/* From now on informational lines are gathered and written together by a thread, a few milliseconds
 * later at most: a system call for each would be a quarter of all that a small request takes.
 * Warnings and errors are still written at once.  A line that the buffer has no room for waits
 * until the one before is being written.  Call once, when signals are blocked; end with
 * log_gather_end, which returns when all is written. */
void log_gather(void);
void log_gather_end(void);

void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_str(struct log_line *line, const char *key, const char *value); /* NULL: left out */
void log_int(struct log_line *line, const char *key, int64_t value);
void log_end(struct log_line *line);

/* A whole line with one `detail` field. */
void log_event(enum log_level level, const char *event, const char *detail_format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
