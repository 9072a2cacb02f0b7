#include "mcp/writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

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
