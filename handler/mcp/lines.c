#include "mcp/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

void lines_init(struct lines *lines, size_t line_max)
{
	*lines = (struct lines){.line_max = line_max};
	buf_init(&lines->held);
}

void lines_done(struct lines *lines)
{
	buf_done(&lines->held);
}

ssize_t lines_read(struct lines *lines, int fd)
{
	struct buf *held = &lines->held;
	char *room;
	ssize_t n;

	held->len -= lines->given;
	if (held->len)
		memmove(held->data, held->data + lines->given, held->len);
	lines->given = 0;
	room = buf_reserve(held, READ_BYTES);
	n = read(fd, room, READ_BYTES);
	if (n > 0)
		held->len += (size_t)n;
	else if (n == 0 && held->len)
		buf_add(held, "\n", 1);
	return n;
}

/* Gives out the n bytes after those given out before. */
static struct json_span give(struct lines *lines, size_t n)
{
	struct json_span span = {lines->held.data + lines->given, n};

	lines->given += n;
	lines->scanned = 0;
	return span;
}

enum lines_event lines_next(struct lines *lines, struct json_span *ret)
{
	const struct buf *held = &lines->held;

	while (held->len > lines->given) {
		const char *start = held->data + lines->given;
		size_t n = held->len - lines->given;
		const char *end = memchr(start + lines->scanned, '\n', n - lines->scanned);
		size_t line = end ? (size_t)(end - start) : n;
		bool skipping = lines->skipping;

		lines->scanned = n;
		if (!end && !skipping && line <= lines->line_max)
			break;
		*ret = json_trim(give(lines, end ? line + 1 : line));
		lines->skipping = !end;
		if (!skipping && line > lines->line_max)
			return LINES_TOO_LONG;
		if (!skipping && ret->len)
			return LINES_LINE;
	}
	return LINES_NEED_MORE;
}

void writer_init(struct writer *writer, int fd, int stop_fd, int other_stop_fd)
{
	*writer = (struct writer){.fd = fd, .stop_fds = {stop_fd, other_stop_fd}};
	pthread_mutex_init(&writer->lock, NULL);
}

void writer_done(struct writer *writer)
{
	pthread_mutex_destroy(&writer->lock);
}

/* Waits until some bytes can be written. */
static bool await_room(const struct writer *writer)
{
	struct pollfd fds[] = {{.fd = writer->fd, .events = POLLOUT},
		{.fd = writer->stop_fds[0], .events = POLLIN},
		{.fd = writer->stop_fds[1], .events = POLLIN}};

	while (poll(fds, 3, -1) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return false;
	}
	return fds[0].revents != 0; /* an error of it shows when writing */
}

/* In pieces of PIPE_BUF: a pipe that poll calls writable takes that much without waiting. */
static bool write_all(const struct writer *writer, const char *bytes, size_t n)
{
	while (n) {
		ssize_t written;

		if (!await_room(writer))
			return false;
		written = write(writer->fd, bytes, n < PIPE_BUF ? n : PIPE_BUF);
		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		}
	}
	return true;
}

bool writer_line(struct writer *writer, const char *text, size_t n)
{
	bool good;

	pthread_mutex_lock(&writer->lock);
	if (!writer->broken)
		writer->broken = !write_all(writer, text, n) || !write_all(writer, "\n", 1);
	good = !writer->broken;
	pthread_mutex_unlock(&writer->lock);
	return good;
}
