#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stage/support.h"
#include "stage/threads.h"

#define TEXT_SIZE (1 << 22)

static char text[TEXT_SIZE]; /* what was read */
static size_t text_len;
static struct {
	size_t at; /* of text: looked at */
	int next;
	int64_t told;
} numbered;

/* Where a stream goes meanwhile. */
struct detour {
	int fd, saved;
	int reader; /* of a pipe */
};

static void redirect(struct detour *detour, int fd, int to)
{
	log_drain();
	*detour = (struct detour){fd, dup(fd), -1};
	dup2(to, fd);
	close(to);
	text_len = 0;
	memset(&numbered, 0, sizeof(numbered));
}

static void to_pipe(struct detour *detour, int fd)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	redirect(detour, fd, fds[1]);
	detour->reader = fds[0];
}

/* A pipe that nobody reads, as full as can be. */
static void to_full_pipe(struct detour *detour, int fd)
{
	static char ends[4096];
	char path[32];
	int beside;

	memset(ends, '\n', sizeof(ends));
	to_pipe(detour, fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	beside = open(path, O_WRONLY | O_NONBLOCK);
	while (write(beside, ends, sizeof(ends)) > 0)
		;
	close(beside);
}

static void back(struct detour *detour)
{
	dup2(detour->saved, detour->fd);
	close(detour->saved);
	if (detour->reader >= 0)
		close(detour->reader);
}

static void read_more(int fd)
{
	ssize_t n = read(fd, text + text_len, TEXT_SIZE - 1 - text_len);

	if (n > 0)
		text_len += (size_t)n;
	text[text_len] = '\0';
}

static void read_until(int fd, const char *wanted)
{
	text[text_len] = '\0';
	while (!strstr(text, wanted))
		read_more(fd);
}

static void await_lost(int64_t count)
{
	while (log_lines_lost() < count)
		sched_yield();
}

/* The number that stands in the line behind that; -1: nothing of the kind. */
static int number_of(const char *line, const char *before)
{
	const char *end = memchr(line, '\n', (size_t)(text + text_len - line));
	size_t size = (size_t)((end ? end : text + text_len) - line), n = strlen(before);
	const char *found = memmem(line, size, before, n);

	return found ? atoi(found + n) : -1;
}

/* First, for there is no way back. */
static void without_a_thread_it_says_so(void **state)
{
	no_threads = true;
	assert_false(log_start(LOG_INFO));
	no_threads = false;
}

static void what_was_logged_before_the_start_is_written(void **state)
{
	struct detour out;

	to_pipe(&out, STDOUT_FILENO);
	log_event(LOG_INFO, "e", "early");
	assert_true(log_start(LOG_INFO));
	read_until(out.reader, " level=info event=e detail=early\n");
	back(&out);
}

static void an_unwanted_line_is_not_written(void **state)
{
	struct detour out;

	to_pipe(&out, STDOUT_FILENO);
	log_event(LOG_DEBUG, "e", "unwanted");
	log_event(LOG_INFO, "e", "wanted");
	read_until(out.reader, "detail=wanted\n");
	back(&out);
	assert_null(strstr(text, "unwanted"));
}

static void warnings_and_errors_go_to_stderr_the_rest_to_stdout(void **state)
{
	static const enum log_level LEVELS[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	log_set_level(LOG_DEBUG);
	for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
		struct detour it;

		to_pipe(&it, i < 2 ? STDERR_FILENO : STDOUT_FILENO);
		log_event(LEVELS[i], "e", "x %d", 7);
		read_until(it.reader, " event=e detail=\"x 7\"\n");
		back(&it);
	}
	log_set_level(LOG_INFO);
}

#define THREADS 8
#define LINES 500

static void *write_both(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_event(i % 8 ? LOG_INFO : LOG_WARN, "e", "%d:%d", *(int *)arg, i);
	return NULL;
}

/* Each line is whole and behind those of its thread and stream that were logged before. */
static int check_lines_of_threads(void)
{
	int last[2][THREADS], count = 0;

	memset(last, -1, sizeof(last));
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		int thread, number, n = 0;
		const char *detail;
		bool warning;

		*end = '\0';
		detail = strstr(line, " event=e detail=");
		warning = strstr(line, "level=warn") != NULL;
		check(detail && strlen(line) < 80, "%s", line);
		sscanf(detail, " event=e detail=%d:%d%n", &thread, &number, &n);
		check(n && !detail[n] && number > last[warning][thread], "%s", line);
		last[warning][thread] = number;
		count++;
	}
	return count;
}

static size_t count_ends(void)
{
	size_t count = 0;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		count++;
	return count;
}

/* One pipe for both streams, as under a supervisor or with 2>&1, that is mostly full. */
static void lines_of_many_threads_are_whole_in_order_and_none_is_missing(void **state)
{
	struct detour out, err;
	int numbers[THREADS];
	pthread_t threads[THREADS];

	to_full_pipe(&out, STDOUT_FILENO);
	redirect(&err, STDERR_FILENO, dup(STDOUT_FILENO));
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, write_both, &numbers[i]);
	}
	for (size_t skipped = 0; skipped < 65536;)
		skipped += (size_t)read(out.reader, text, 4096);
	text_len = 0;
	do
		read_more(out.reader);
	while (count_ends() < (size_t)THREADS * LINES);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	back(&err);
	back(&out);
	assert_int_equal(check_lines_of_threads(), THREADS * LINES);
}

static int fill_stream(enum log_level level, int64_t lost)
{
	const int64_t before = log_lines_lost();
	int count = 0;

	while (log_lines_lost() < before + lost)
		log_event(level, "e", "%d", count++);
	return count;
}

#define LOST " level=warn event=log_lines_lost count="

/* Of lines that are numbered from 0, or said to be lost where they are missing, the next number. */
static int next_number(int64_t *ret_told)
{
	const char *end;

	while ((end = memchr(text + numbered.at, '\n', text_len - numbered.at))) {
		const char *line = text + numbered.at;
		int number = number_of(line, " event=e detail="), lost = number_of(line, LOST);

		check(*line == '\n' || lost > 0 || number == numbered.next, "%.80s, not %d", line,
			numbered.next);
		numbered.told += lost > 0 ? lost : 0;
		numbered.next += lost > 0 ? lost : number >= 0;
		numbered.at = (size_t)(end + 1 - text);
	}
	*ret_told = numbered.told;
	return numbered.next;
}

static void what_a_full_stream_has_no_room_for_is_lost_and_told_where_it_is_missing(void **state)
{
	static const enum log_level LEVELS[] = {LOG_INFO, LOG_WARN};

	for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
		const int64_t before = log_lines_lost();
		struct detour it;
		int64_t told;
		int count;

		to_full_pipe(&it, i ? STDERR_FILENO : STDOUT_FILENO);
		count = fill_stream(LEVELS[i], 1000);
		do {
			read_more(it.reader);
			next_number(&told);
		} while (told < 1000);
		log_event(LEVELS[i], "e", "%d", count);
		while (next_number(&told) <= count)
			read_more(it.reader);
		back(&it);
		assert_int_equal(told, 1000);
		assert_int_equal(log_lines_lost(), before + 1000);
	}
}

static void what_is_lost_of_one_stream_is_nothing_to_the_other(void **state)
{
	struct detour full, other;

	for (int i = 0; i < 2; i++) {
		to_full_pipe(&full, i ? STDERR_FILENO : STDOUT_FILENO);
		to_pipe(&other, i ? STDOUT_FILENO : STDERR_FILENO);
		fill_stream(i ? LOG_WARN : LOG_INFO, 1);
		log_event(i ? LOG_INFO : LOG_WARN, "e", "free");
		read_until(other.reader, "detail=free\n");
		back(&other);
		read_until(full.reader, "event=log_lines_lost count=1\n");
		back(&full);
	}
}

static int a_reader_that_is_gone(void)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	return fds[1];
}

static int a_full_disk(void)
{
	return open("/dev/full", O_WRONLY);
}

static void what_cannot_be_written_is_lost_and_told_once_it_can_be(void **state)
{
	static int (*const CASES[])(void) = {a_reader_that_is_gone, a_full_disk};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const int64_t before = log_lines_lost();
		struct detour none, out;

		redirect(&none, STDOUT_FILENO, CASES[i]());
		for (int n = 0; n < 3; n++)
			log_event(LOG_INFO, "e", "%d", n);
		await_lost(before + 3);
		to_pipe(&out, STDOUT_FILENO);
		log_event(LOG_INFO, "e", "again");
		read_until(out.reader, " level=warn event=log_lines_lost count=3\n");
		read_until(out.reader, "detail=again\n");
		back(&out);
		back(&none);
	}
}

/* A file may grow so far and no further, as on a disk that is nearly full. */
static void limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_line_of_which_only_a_part_could_be_written_is_lost_and_no_other(void **state)
{
	const int64_t before = log_lines_lost();
	FILE *file = tmpfile();
	struct detour out;

	redirect(&out, STDOUT_FILENO, dup(fileno(file)));
	limit_files(10);
	log_event(LOG_INFO, "e", "torn");
	await_lost(before + 1);
	limit_files(RLIM_INFINITY);
	log_event(LOG_INFO, "e", "whole");
	do { /* not by read, which has its place in the file in common with what writes */
		text[pread(fileno(file), text, TEXT_SIZE - 1, 0)] = '\0';
	} while (
		!strstr(text, "event=log_lines_lost count=1\n") || !strstr(text, "detail=whole\n"));
	back(&out);
	fclose(file);
	assert_int_equal(strncmp(text + 10, "\ntime=", 6), 0);
	assert_int_equal(count_ends(), 3);
}

static void at_the_end_a_stream_that_nobody_reads_is_not_waited_for(void **state)
{
	struct detour out;

	to_full_pipe(&out, STDOUT_FILENO);
	log_event(LOG_INFO, "e", "late");
	log_drain();
	read_until(out.reader, "detail=late\n");
	back(&out);
}

static int set_up(void **state)
{
	fail_if_hung();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_thread_it_says_so),
		cmocka_unit_test(what_was_logged_before_the_start_is_written),
		cmocka_unit_test(an_unwanted_line_is_not_written),
		cmocka_unit_test(warnings_and_errors_go_to_stderr_the_rest_to_stdout),
		cmocka_unit_test(lines_of_many_threads_are_whole_in_order_and_none_is_missing),
		cmocka_unit_test(
			what_a_full_stream_has_no_room_for_is_lost_and_told_where_it_is_missing),
		cmocka_unit_test(what_is_lost_of_one_stream_is_nothing_to_the_other),
		cmocka_unit_test(what_cannot_be_written_is_lost_and_told_once_it_can_be),
		cmocka_unit_test(a_line_of_which_only_a_part_could_be_written_is_lost_and_no_other),
		cmocka_unit_test(at_the_end_a_stream_that_nobody_reads_is_not_waited_for),
	};

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, NULL);
}
