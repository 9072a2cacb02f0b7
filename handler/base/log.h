/* The log: lines of information go to stdout, warnings and errors to stderr (which is how the
 * Functions host tells them apart).
 *
 * It never stops the program.  A line goes into the buffer of its stream, which a thread of the
 * stream's own writes out, in order and each line whole; nobody else waits, whatever the stream is:
 * a pipe that nobody reads, a terminal that is stopped, a file on a full disk.  A line that finds
 * the buffer full, or cannot be written, is lost and counted, and a line where it would have stood
 * says how many are missing: event=log_lines_lost count=N.  Any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/log_line.h"

/* Starts writing, with what has been logged before.  Call once, with SIGPIPE and SIGXFSZ ignored
 * and the signals that end the program blocked.  A program that dies of a fault or abort() has
 * log_drain called first.  False when there is no thread to be had. */
bool log_start(enum log_level level);

/* Waits until all is written, a second at most: what nobody reads by then is lost. */
void log_drain(void);

/* How many lines have been lost. */
int64_t log_lines_lost(void);

/* The line is complete: logs it, when its level is wanted. */
void log_end(struct log_line *line);

/* A whole line with one `detail` field. */
void log_event(enum log_level level, const char *event, const char *detail_format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
