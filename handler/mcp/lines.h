/* Bytes from a file descriptor, cut into lines of bounded length. */
#ifndef MCP_LINES_H
#define MCP_LINES_H

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

#endif
