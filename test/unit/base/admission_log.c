#include "base/admission.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "stage/support.h"

static int64_t now_ms = 1000000;

int64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void)
{
	return now_ms;
}

#define PLACES 2

static struct admission *admission;
static struct admission_pass passes[PLACES];
static int old_stderr, log_pipe[2];

/* Nobody waits, and a caller has one call. */
static int set_up(void **state)
{
	admission = admission_new(&(struct admission_limits){PLACES, 0, 0, 1});
	old_stderr = dup(STDERR_FILENO);
	assert_int_equal(pipe2(log_pipe, O_NONBLOCK), 0);
	dup2(log_pipe[1], STDERR_FILENO);
	return 0;
}

static int tear_down(void **state)
{
	log_drain();
	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	close(log_pipe[0]);
	close(log_pipe[1]);
	return 0;
}

/* What reached stderr since the last look, without the times. */
static void assert_logged(const char *expected)
{
	char text[2000], plain[2000] = "";
	ssize_t n;

	log_drain();
	n = read(log_pipe[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		strcat(plain, strstr(line, " level=") + 1);
		strcat(plain, "\n");
	}
	assert_string_equal(plain, expected);
}

#define SHED(reason, count) "level=warn event=shed reason=" reason " count=" count "\n"

/* Fills the places, one of them with that caller's call. */
static void fill(void)
{
	autoerr(err);

	assert_true(admission_enter(admission, &passes[0], "me", deadline_after(0), &err));
	assert_true(admission_enter(admission, &passes[1], "", deadline_after(0), &err));
}

static void empty(void)
{
	for (int i = 0; i < PLACES; i++)
		admission_leave(admission, &passes[i]);
}

static void shed(const char *caller, int times)
{
	struct admission_pass late = {0};

	for (int i = 0; i < times; i++) {
		autoerr(err);

		assert_false(admission_enter(admission, &late, caller, deadline_after(0), &err));
	}
}

static void a_reason_is_logged_at_once_and_then_once_a_second(void **state)
{
	fill();
	assert_logged("");
	shed("", 5);
	assert_logged(SHED("full", "1"));
	now_ms += 999;
	shed("", 1);
	assert_logged("");
	now_ms += 1;
	shed("", 1);
	assert_logged(SHED("full", "6"));
	empty();
	admission_free(admission);
	assert_logged("");
}

static void each_reason_has_a_line_of_its_own(void **state)
{
	fill();
	shed("", 2);
	shed("me", 3);
	assert_logged(SHED("full", "1") SHED("caller", "1"));
	now_ms += 1000;
	shed("", 1);
	assert_logged(SHED("full", "2") SHED("caller", "2"));
	empty();
	admission_free(admission);
}

static void one_turned_away_elsewhere_is_counted_and_logged_too(void **state)
{
	struct admission_count count;

	for (int i = 0; i < 3; i++)
		admission_note_shed(admission, ADMISSION_BODY);
	assert_logged(SHED("body", "1"));
	admission_count(admission, &count);
	assert_int_equal(count.shed[ADMISSION_BODY], 3);
	assert_int_equal(count.in, 0);
	admission_free(admission);
	assert_logged(SHED("body", "2"));
}

static void what_is_left_of_a_flood_is_logged_when_the_next_call_ends(void **state)
{
	fill();
	shed("", 3);
	assert_logged(SHED("full", "1"));
	now_ms += 1000;
	admission_leave(admission, &passes[0]);
	assert_logged(SHED("full", "2"));
	empty();
	assert_logged("");
	admission_free(admission);
}

static void or_at_the_end(void **state)
{
	fill();
	shed("me", 4);
	assert_logged(SHED("caller", "1"));
	empty();
	assert_logged("");
	admission_free(admission);
	assert_logged(SHED("caller", "3"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reason_is_logged_at_once_and_then_once_a_second),
		TEST(each_reason_has_a_line_of_its_own),
		TEST(one_turned_away_elsewhere_is_counted_and_logged_too),
		TEST(what_is_left_of_a_flood_is_logged_when_the_next_call_ends),
		TEST(or_at_the_end),
	};

	return log_start(LOG_INFO) ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
