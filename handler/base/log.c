#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define STREAM_COUNT 2
/* Some thousand lines: what is logged while the reader, or our thread, waits for a core. */
#define HALF_BYTES 524288
/* Lines of information wait for more to come: a system call for each would be a quarter of all that
 * a small request takes. */
#define GATHER_NS 2000000
#define DRAIN_MS 1000
#define LOOK_NS 1000000

static char halves[STREAM_COUNT][2][HALF_BYTES];

static struct stream {
	long gather_ns;
	char (*half)[HALF_BYTES]; /* one is being filled, the thread writes the other */
	pthread_mutex_t lock;     /* guards the next three */
	pthread_cond_t wanted;
	size_t len;
	int filling;
	int fd;
	_Atomic(int64_t) lost; /* lines */
	int64_t told;          /* of those lost; the thread's, as is torn */
	_Atomic(bool) busy;    /* not all is written */
	bool torn;             /* the last line has no end */
} streams[STREAM_COUNT] = {
	{.fd = STDOUT_FILENO,
		.gather_ns = GATHER_NS,
		.half = halves[0],
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.wanted = PTHREAD_COND_INITIALIZER},
	{.fd = STDERR_FILENO,
		.half = halves[1],
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.wanted = PTHREAD_COND_INITIALIZER},
};

/* Writes, waiting as long as it takes, and returns how much of it could be written. */
static size_t write_out(int fd, const char *text, size_t n)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	size_t at = 0;

	while (at < n) {
		ssize_t written = write(fd, text + at, n - at);

		if (written > 0)
			at += (size_t)written;
		else if (written < 0 && errno == EAGAIN) /* another process made it so */
			poll(&room, 1, -1);
		else if (written == 0 || errno != EINTR)
			break;
	}
	return at;
}

static int64_t count_lines(const char *text, size_t n)
{
	int64_t count = 0;

	for (const char *end = text + n; (text = memchr(text, '\n', (size_t)(end - text))); text++)
		count++;
	return count;
}

/* Returns how many of the lines could not be written. */
static int64_t write_lines(struct stream *stream, const char *text, size_t n)
{
	size_t at = 0;

	if (stream->torn)
		stream->torn = write_out(stream->fd, "\n", 1) == 0;
	if (!stream->torn) {
		at = write_out(stream->fd, text, n);
		stream->torn = at > 0 && text[at - 1] != '\n';
	}
	return count_lines(text + at, n - at);
}

/* The same in pieces of which each is lines that a pipe takes whole, whoever else writes to it. */
static int64_t write_pieces(struct stream *stream, const char *text, size_t n)
{
	int64_t failed = 0;

	while (n > 0) {
		size_t size = n;

		if (n > PIPE_BUF)
			size = (size_t)((const char *)memrchr(text, '\n', PIPE_BUF) + 1 - text);
		failed += write_lines(stream, text, size);
		text += size;
		n -= size;
	}
	return failed;
}

static void end_line(struct log_line *line)
{
	line->text[line->len++] = '\n';
}

/* lost: up to here. */
static void tell_loss(struct stream *stream, int64_t lost)
{
	struct log_line line;

	if (lost == stream->told)
		return;
	log_begin(&line, LOG_WARN, "log_lines_lost");
	log_int(&line, "count", lost - stream->told);
	end_line(&line);
	if (!line.wanted || !write_lines(stream, line.text, line.len))
		stream->told = lost;
}

/* Writes one half while the other fills. */
static void write_filled(struct stream *stream)
{
	const char *text;
	int64_t lost, failed;
	size_t n;

	pthread_mutex_lock(&stream->lock);
	text = stream->half[stream->filling];
	n = stream->len;
	lost = atomic_load(&stream->lost);
	stream->filling = !stream->filling;
	stream->len = 0;
	pthread_mutex_unlock(&stream->lock);
	failed = write_pieces(stream, text, n);
	atomic_fetch_add(&stream->lost, failed);
	tell_loss(stream, lost + failed);
}

static void wait_for_lines(struct stream *stream)
{
	const struct timespec moment = {.tv_nsec = stream->gather_ns};

	pthread_mutex_lock(&stream->lock);
	while (!stream->len) {
		atomic_store(&stream->busy, false);
		pthread_cond_wait(&stream->wanted, &stream->lock);
	}
	pthread_mutex_unlock(&stream->lock);
	if (stream->gather_ns)
		nanosleep(&moment, NULL);
}

static void *serve_stream(void *stream)
{
	for (;;) {
		wait_for_lines(stream);
		write_filled(stream);
	}
	return NULL;
}

static void add(struct stream *stream, const char *text, size_t n)
{
	pthread_mutex_lock(&stream->lock);
	if (n > HALF_BYTES - stream->len) {
		atomic_fetch_add(&stream->lost, 1);
	} else {
		if (!stream->len) {
			atomic_store(&stream->busy, true);
			pthread_cond_signal(&stream->wanted);
		}
		memcpy(stream->half[stream->filling] + stream->len, text, n);
		stream->len += n;
	}
	pthread_mutex_unlock(&stream->lock);
}

/* Looks instead of being told, so that a signal handler may wait so too. */
void log_drain(void)
{
	const struct timespec moment = {.tv_nsec = LOOK_NS};
	const int64_t end_ms = clock_mono_ms() + DRAIN_MS;

	for (size_t i = 0; i < STREAM_COUNT; i++)
		while (atomic_load(&streams[i].busy) && clock_mono_ms() < end_ms)
			nanosleep(&moment, NULL);
}

static void drain_before_death(int number)
{
	log_drain();
	raise(number); /* which by then is not ours any more */
}

/* Those that a sanitizer has taken stay its own. */
static void drain_at_faults(void)
{
	static const int FAULTS[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	struct sigaction ours = {.sa_handler = drain_before_death, .sa_flags = (int)SA_RESETHAND};

	for (size_t i = 0; i < sizeof(FAULTS) / sizeof(FAULTS[0]); i++) {
		struct sigaction taken;

		if (sigaction(FAULTS[i], NULL, &taken) == 0 && taken.sa_handler == SIG_DFL)
			sigaction(FAULTS[i], &ours, NULL);
	}
}

bool log_start(enum log_level level)
{
	log_set_level(level);
	drain_at_faults();
	for (size_t i = 0; i < STREAM_COUNT; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve_stream, &streams[i]) != 0)
			return false;
		pthread_detach(thread); /* it may wait for ever */
	}
	return true;
}

int64_t log_lines_lost(void)
{
	int64_t count = 0;

	for (size_t i = 0; i < STREAM_COUNT; i++)
		count += atomic_load(&streams[i].lost);
	return count;
}

void log_end(struct log_line *line)
{
	if (!line->wanted)
		return;
	end_line(line);
	add(&streams[line->level <= LOG_WARN], line->text, line->len);
}

void log_event(enum log_level level, const char *event, const char *detail_format, ...)
{
	struct log_line line;
	char detail[LOG_VALUE_MAX + 2]; /* one more than is written, so that the cut shows */
	va_list args;

	va_start(args, detail_format);
	vsnprintf(detail, sizeof(detail), detail_format, args);
	va_end(args);
	log_begin(&line, level, event);
	log_str(&line, "detail", detail);
	log_end(&line);
}
