#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

const char *const log_level_names[LOG__COUNT] = {"error", "warn", "info", "debug"};

#define GATHER_BYTES 65536
#define GATHER_NS 2000000

static _Atomic(int) threshold = LOG_INFO;

static struct {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wanted;
	pthread_cond_t room;
	pthread_t thread;
	bool on; /* until the thread has written its last */
	bool ending;
	size_t len;
	char *text; /* the half being filled; the thread writes the other */
	char halves[2][GATHER_BYTES];
} gathering = {.lock = PTHREAD_MUTEX_INITIALIZER,
	.wanted = PTHREAD_COND_INITIALIZER,
	.room = PTHREAD_COND_INITIALIZER,
	.text = gathering.halves[0]};

static struct {
	_Atomic(bool) on;
	pthread_mutex_t lock; /* from the look for room to the writing into it */
} never_waiting = {.lock = PTHREAD_MUTEX_INITIALIZER};

void log_start(enum log_level level)
{
	/* The host reads pipes, which stdio would otherwise buffer in blocks. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stderr, NULL, _IOLBF, 0);
	log_set_level(level);
}

void log_set_level(enum log_level level)
{
	atomic_store(&threshold, (int)level);
}

void log_never_wait(void)
{
	atomic_store(&never_waiting.on, true);
}

static bool has_room(int fd)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};

	return poll(&room, 1, 0) > 0; /* then a pipe takes PIPE_BUF without waiting */
}

/* Writes lines, as many at once as a pipe takes whole, whoever else writes to it.  There is nowhere
 * to report that it failed; when nobody may wait, what there is no room for is lost. */
static void put_out(int fd, const char *text, size_t n)
{
	bool wait = !atomic_load(&never_waiting.on);

	if (!wait)
		pthread_mutex_lock(&never_waiting.lock);
	while (n > 0 && (wait || has_room(fd))) {
		const char *end = n > PIPE_BUF ? (const char *)memrchr(text, '\n', PIPE_BUF) + 1
					       : text + n;
		ssize_t written = write(fd, text, (size_t)(end - text));

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			break;
		text += written;
		n -= (size_t)written;
	}
	if (!wait)
		pthread_mutex_unlock(&never_waiting.lock);
}

/* The thread's: writes what was gathered, with the lock released, while the other half fills. */
static void write_gathered(void)
{
	const char *text = gathering.text;
	size_t n = gathering.len;

	gathering.text = gathering.text == gathering.halves[0] ? gathering.halves[1]
							       : gathering.halves[0];
	gathering.len = 0;
	pthread_cond_broadcast(&gathering.room);
	pthread_mutex_unlock(&gathering.lock);
	put_out(STDOUT_FILENO, text, n);
	pthread_mutex_lock(&gathering.lock);
}

static void *write_out(void *arg)
{
	const struct timespec moment = {.tv_nsec = GATHER_NS};

	pthread_mutex_lock(&gathering.lock);
	for (;;) {
		while (!gathering.len && !gathering.ending)
			pthread_cond_wait(&gathering.wanted, &gathering.lock);
		if (!gathering.len)
			break;
		if (!gathering.ending) {
			pthread_mutex_unlock(&gathering.lock);
			nanosleep(&moment, NULL); /* more will come */
			pthread_mutex_lock(&gathering.lock);
		}
		write_gathered();
	}
	gathering.on = false;
	pthread_mutex_unlock(&gathering.lock);
	return arg;
}

void log_gather(void)
{
	gathering.ending = false;
	gathering.on = true;
	if (pthread_create(&gathering.thread, NULL, write_out, NULL) != 0)
		gathering.on = false;
}

void log_gather_end(void)
{
	bool on;

	pthread_mutex_lock(&gathering.lock);
	on = gathering.on;
	gathering.ending = true;
	pthread_cond_signal(&gathering.wanted);
	pthread_mutex_unlock(&gathering.lock);
	if (on)
		pthread_join(gathering.thread, NULL);
}

/* False when lines are not gathered: then it is the caller's to write. */
static bool gather(const char *text, size_t n)
{
	bool on;

	pthread_mutex_lock(&gathering.lock);
	while (gathering.on && gathering.len + n > GATHER_BYTES)
		pthread_cond_wait(&gathering.room, &gathering.lock);
	on = gathering.on;
	if (on) {
		if (!gathering.len)
			pthread_cond_signal(&gathering.wanted);
		memcpy(gathering.text + gathering.len, text, n);
		gathering.len += n;
	}
	pthread_mutex_unlock(&gathering.lock);
	return on;
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

void log_end(struct log_line *line)
{
	if (!line->wanted)
		return;
	line->text[line->len++] = '\n';
	if (line->level <= LOG_WARN)
		put_out(STDERR_FILENO, line->text, line->len);
	else if (!gather(line->text, line->len))
		put_out(STDOUT_FILENO, line->text, line->len);
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
