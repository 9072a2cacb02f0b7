/* Lines from and to file descriptors: what comes in is cut into lines of bounded length, what goes
 * out goes line by line, each whole, from any thread. */
#ifndef MCP_LINES_H
#define MCP_LINES_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/json_scan.h"

struct lines {
	struct buf held; /* read and not yet given out */
	size_t given;    /* of those, bytes given out since */
	size_t scanned;  /* behind those, bytes known to hold no newline */
	size_t line_max;
	bool skipping; /* within a line that is too long */
};

enum lines_event {
	LINES_NEED_MORE, /* no whole line is held */
	LINES_LINE,
	LINES_TOO_LONG, /* told once per line, which is then skipped */
};

void lines_init(struct lines *lines, size_t line_max);
void lines_done(struct lines *lines);

/* One read(2) into what is held, and its result; at the end of the input what is held is a line
 * too. Invalidates lines given out. */
ssize_t lines_read(struct lines *lines, int fd);

/* The next line, without its newline, the white space around it and a byte order mark before it;
 * never empty: blank lines are passed over. */
enum lines_event lines_next(struct lines *lines, struct json_span *ret);

struct writer {
	pthread_mutex_t lock; /* one line at a time */
	int fd;
	int stop_fds[2]; /* once one is readable, a write that has to wait is given up; -1: none */
	bool broken;     /* a line was not written whole: nothing more is */
};

void writer_init(struct writer *writer, int fd, int stop_fd, int other_stop_fd);
void writer_done(struct writer *writer);

/* Writes n bytes and a newline, waiting while the reader is slow.  False when the reader is gone,
 * or the wait was given up. */
bool writer_line(struct writer *writer, const char *text, size_t n);

#endif
