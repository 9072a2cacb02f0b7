/* Lines to a file descriptor, each whole, from any thread. */
#ifndef MCP_WRITER_H
#define MCP_WRITER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

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
