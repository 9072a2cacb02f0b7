#include "base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stage/support.h"

/* What one stream got meanwhile. */
struct capture {
	FILE *stream;
	FILE *kept;
	int saved;
};

static void capture_start(struct capture *capture, FILE *stream)
{
	fflush(stream);
	capture->stream = stream;
	capture->kept = tmpfile();
	capture->saved = dup(fileno(stream));
	dup2(fileno(capture->kept), fileno(stream));
}

static void capture_end(struct capture *capture, char *text, size_t size)
{
	size_t n;

	fflush(capture->stream);
	dup2(capture->saved, fileno(capture->stream));
	close(capture->saved);
	rewind(capture->kept);
	n = fread(text, 1, size - 1, capture->kept);
	text[n] = '\0';
	fclose(capture->kept);
}

/* The line's text from its event on: the time before it is the clock's. */
static const char *written(struct log_line *line)
{
	line->text[line->len] = '\0';
	return strstr(line->text, " level=");
}

static int set_up(void **state)
{
	log_set_level(LOG_INFO);
	return 0;
}

static void a_line_is_keys_and_values_behind_its_time(void **state)
{
	struct log_line line;
	int y, mo, d, h, mi, s, n = 0;

	log_begin(&line, LOG_INFO, "request");
	log_str(&line, "endpoint", "me");
	log_int(&line, "ms", -9223372036854775807);
	log_str(&line, "none", NULL);
	assert_string_equal(
		written(&line), " level=info event=request endpoint=me ms=-9223372036854775807");
	assert_int_equal(
		sscanf(line.text, "time=%4d-%2d-%2dT%2d:%2d:%2dZ%n", &y, &mo, &d, &h, &mi, &s, &n),
		6);
	assert_ptr_equal(line.text + n, written(&line));
}

static void no_value_can_forge_a_line_or_a_field(void **state)
{
	static const char *const CASES[][2] = {
		{"plain-1.2:3/x_", "plain-1.2:3/x_"},
		{"", "\"\""},
		{"a b", "\"a b\""},
		{"x status=200", "\"x status=200\""},
		{"a=b", "\"a=b\""},
		{"a\nlevel=error", "\"a\\x0alevel=error\""},
		{"a\r\nb", "\"a\\x0d\\x0ab\""},
		{"a\" status=200 \"", "\"a\\\" status=200 \\\"\""},
		{"a\\", "\"a\\\\\""},
		{"\\\" x=1", "\"\\\\\\\" x=1\""},
		{"\x1b[2J\x07", "\"\\x1b[2J\\x07\""},
		{"\t\x7f", "\"\\x09\\x7f\""},
		{"\xc2\x85\xe2\x80\xa8", "\"\\xc2\\x85\\xe2\\x80\\xa8\""},
	};
	char expected[128];

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct log_line line;

		log_begin(&line, LOG_WARN, "e");
		log_str(&line, "k", CASES[i][0]);
		snprintf(expected, sizeof(expected), " level=warn event=e k=%s", CASES[i][1]);
		assert_string_equal(written(&line), expected);
	}
}

static void levels_below_the_threshold_are_not_written(void **state)
{
	static const enum log_level LEVELS[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	for (size_t at = 0; at < COUNT_OF(LEVELS); at++) {
		log_set_level(LEVELS[at]);
		for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
			struct log_line line;

			log_begin(&line, LEVELS[i], "e");
			log_int(&line, "n", 1);
			check((line.len > 0) == (i <= at), "%s at %s", log_level_names[i],
				log_level_names[at]);
		}
	}
}

static void an_unwanted_line_writes_nothing(void **state)
{
	struct capture capture;
	char text[256];

	capture_start(&capture, stdout);
	log_event(LOG_DEBUG, "e", "x");
	capture_end(&capture, text, sizeof(text));
	assert_string_equal(text, "");
}

static void a_line_is_cut_at_its_limit_and_still_ends(void **state)
{
	static char value[LOG_VALUE_MAX + 1], text[2 * LOG_LINE_MAX];
	struct capture capture;
	struct log_line line;

	memset(value, 'v', sizeof(value) - 1);
	log_begin(&line, LOG_INFO, "e");
	for (int i = 0; i < 10; i++)
		log_str(&line, "k", value);
	log_str(&line, "more", "x");
	log_int(&line, "n", 7);
	capture_start(&capture, stdout);
	log_end(&line);
	capture_end(&capture, text, sizeof(text));
	assert_int_equal(strlen(text), LOG_LINE_MAX - 1);
	assert_int_equal(text[LOG_LINE_MAX - 2], '\n');
	assert_ptr_equal(strchr(text, '\n'), text + LOG_LINE_MAX - 2);
}

static void a_long_value_is_cut_and_those_behind_it_are_not(void **state)
{
	static const struct {
		char c;
		size_t size; /* as written */
	} CASES[] = {{'v', 1}, {' ', 1}, {'"', 2}, {'\n', 4}, {'\xe9', 4}};
	static char value[4096];

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct log_line line;
		const char *text;
		size_t quotes = i ? 2 : 0;

		memset(value, CASES[i].c, sizeof(value) - 1);
		log_begin(&line, LOG_INFO, "e");
		log_str(&line, "k", value);
		log_str(&line, "invocation", "real");
		text = written(&line);
		check(strstr(text, "... invocation=real") != NULL, "case %zu: %s", i, text);
		assert_int_equal(
			strlen(text), strlen(" level=info event=e k=") + quotes +
					      LOG_VALUE_MAX / CASES[i].size * CASES[i].size +
					      strlen("... invocation=real"));
	}
}

static void a_value_of_the_longest_is_not_cut(void **state)
{
	char value[LOG_VALUE_MAX + 1] = "";
	struct log_line line;

	memset(value, 'v', LOG_VALUE_MAX);
	log_begin(&line, LOG_INFO, "e");
	log_str(&line, "k", value);
	assert_string_equal(strstr(written(&line), "k=") + 2, value);
}

static void warnings_and_errors_go_to_stderr_the_rest_to_stdout(void **state)
{
	static const enum log_level LEVELS[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	log_set_level(LOG_DEBUG);
	for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
		struct capture out, err;
		char on_out[256], on_err[256];

		capture_start(&out, stdout);
		capture_start(&err, stderr);
		log_event(LEVELS[i], "e", "x %d", 7);
		capture_end(&err, on_err, sizeof(on_err));
		capture_end(&out, on_out, sizeof(on_out));
		check(!*on_out == (i < 2) && !*on_err == (i >= 2), "level %zu", i);
		assert_non_null(strstr(i < 2 ? on_err : on_out, " event=e detail=\"x 7\"\n"));
	}
}

#define THREADS 8
#define LINES 2000

static void *write_lines(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_event(LOG_INFO, "e", "%d:%d", *(int *)arg, i);
	return NULL;
}

/* More than the buffer holds, so that some threads have to wait for room. */
static void gathered_lines_of_many_threads_are_all_written_and_whole(void **state)
{
	static char text[THREADS * LINES * 80];
	int numbers[THREADS], counts[THREADS] = {0};
	pthread_t threads[THREADS];
	struct capture out;

	capture_start(&out, stdout);
	log_gather();
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, write_lines, &numbers[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	log_gather_end();
	capture_end(&out, text, sizeof(text));
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		int thread, number, n = 0;
		const char *detail = strstr(line, " level=info event=e detail=");

		*end = '\0';
		assert_true(detail && strlen(line) < 80);
		sscanf(detail, " level=info event=e detail=%d:%d%n", &thread, &number, &n);
		check(n && !detail[n], "%s", line);
		counts[thread]++;
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(counts[i], LINES);
}

struct reader {
	int fd;
	char *text;
	size_t len;
};

/* Slowly, a little at a time: what is written to the pipe has to wait. */
static void *read_all(void *arg)
{
	struct reader *reader = arg;
	const struct timespec moment = {.tv_nsec = 200000};
	ssize_t n;

	while ((n = read(reader->fd, reader->text + reader->len, 3000)) > 0) {
		reader->len += (size_t)n;
		nanosleep(&moment, NULL);
	}
	return NULL;
}

static void *write_both(void *arg)
{
	for (int i = 0; i < LINES / 4; i++)
		log_event(i % 8 ? LOG_INFO : LOG_WARN, "e", "%d:%d", *(int *)arg, i);
	return NULL;
}

/* One pipe for both streams, as under a supervisor or with 2>&1, that is mostly full; and the
 * gathering ends while there are still lines to come. */
static void lines_are_whole_and_none_is_missing_however_slowly_they_are_read(void **state)
{
	static char text[THREADS * LINES * 20];
	struct reader reader = {.text = text};
	int fds[2], numbers[THREADS], counts[THREADS] = {0};
	int saved_out = dup(STDOUT_FILENO), saved_err = dup(STDERR_FILENO);
	pthread_t threads[THREADS], reading;

	assert_int_equal(pipe(fds), 0);
	reader.fd = fds[0];
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	pthread_create(&reading, NULL, read_all, &reader);
	log_gather();
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, write_both, &numbers[i]);
	}
	log_gather_end();
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	dup2(saved_out, STDOUT_FILENO);
	dup2(saved_err, STDERR_FILENO);
	close(saved_out);
	close(saved_err);
	pthread_join(reading, NULL);
	close(fds[0]);
	text[reader.len] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		int thread, number, n = 0;
		const char *detail = strstr(line, " event=e detail=");

		*end = '\0';
		check(detail && strlen(line) < 80, "%s", line);
		sscanf(detail, " event=e detail=%d:%d%n", &thread, &number, &n);
		check(n && !detail[n], "%s", line);
		counts[thread]++;
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(counts[i], LINES / 4);
}

static void a_warning_does_not_wait_for_what_is_gathered(void **state)
{
	char text[256];
	struct capture err;

	log_gather();
	capture_start(&err, stderr);
	log_event(LOG_WARN, "e", "now");
	capture_end(&err, text, sizeof(text));
	assert_non_null(strstr(text, "detail=now\n"));
	log_gather_end();
}

/* Last, for there is no way back. */
static void what_nobody_reads_is_lost_when_nobody_may_wait(void **state)
{
	char text[LOG_LINE_MAX] = "", full[4096] = "";
	int pipe_fds[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
	while (write(pipe_fds[1], full, sizeof(full)) > 0)
		;
	fcntl(pipe_fds[1], F_SETFL, 0); /* from here on writes wait */
	dup2(pipe_fds[1], STDERR_FILENO);
	log_never_wait();
	alarm(30);
	log_event(LOG_WARN, "e", "lost");
	while (read(pipe_fds[0], full, sizeof(full)) > 0)
		;
	log_event(LOG_WARN, "e", "kept");
	alarm(0);
	dup2(saved, STDERR_FILENO);
	assert_true(read(pipe_fds[0], text, sizeof(text) - 1) > 0);
	assert_null(strstr(text, "lost"));
	assert_non_null(strstr(text, " level=warn event=e detail=kept\n"));
	close(saved);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_is_keys_and_values_behind_its_time, set_up),
		cmocka_unit_test_setup(no_value_can_forge_a_line_or_a_field, set_up),
		cmocka_unit_test_setup(levels_below_the_threshold_are_not_written, set_up),
		cmocka_unit_test_setup(an_unwanted_line_writes_nothing, set_up),
		cmocka_unit_test_setup(a_line_is_cut_at_its_limit_and_still_ends, set_up),
		cmocka_unit_test_setup(
			gathered_lines_of_many_threads_are_all_written_and_whole, set_up),
		cmocka_unit_test_setup(
			lines_are_whole_and_none_is_missing_however_slowly_they_are_read, set_up),
		cmocka_unit_test_setup(a_long_value_is_cut_and_those_behind_it_are_not, set_up),
		cmocka_unit_test_setup(a_value_of_the_longest_is_not_cut, set_up),
		cmocka_unit_test_setup(a_warning_does_not_wait_for_what_is_gathered, set_up),
		cmocka_unit_test_setup(warnings_and_errors_go_to_stderr_the_rest_to_stdout, set_up),
		cmocka_unit_test_setup(what_nobody_reads_is_lost_when_nobody_may_wait, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
