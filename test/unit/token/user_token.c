#include "token/user_token.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"
#include "stage/upstream.h"

static struct config config;
static struct user_token *source;
static char folder[] = "/tmp/user-token-XXXXXX";

static struct deadline deadline;

static void start(const char *token, const char *command)
{
	const struct setting_change changes[] = {
		{"ACCESS_TOKEN", token}, {"ACCESS_TOKEN_COMMAND", command}};

	settings_load_changed(&config, changes, COUNT_OF(changes));
	assert_int_equal(config.problem_count, 0);
	source = user_token_new(&config);
	upstream_reset(); /* the clock */
	deadline = deadline_after(WHILE_MS);
}

static int tear_down(void **state)
{
	user_token_free(source);
	config_done(&config);
	upstream_reset();
	return 0;
}

/* The token, or "!" and the public sentence. */
static const char *get(void)
{
	static char outcome[1024];
	struct secret token = {0};
	autoerr(err);

	if (user_token_get(source, deadline, &token, &err)) {
		snprintf(outcome, sizeof(outcome), "%s", token.data);
	} else {
		assert_int_equal(err.code, ERR_MISSING_TOKEN);
		snprintf(outcome, sizeof(outcome), "!%s", err_message(&err));
	}
	secret_done(&token);
	return outcome;
}

/* A command that prints that, and counts how often it was run. */
static const char *printing(const char *text)
{
	static char command[2048];

	snprintf(command, sizeof(command), "echo x >>%s/runs; printf '%%s\\n' '%s'", folder, text);
	return command;
}

static int runs(void)
{
	char path[64], line[8];
	int count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/runs", folder);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		count++;
	if (file)
		fclose(file);
	unlink(path);
	return count;
}

/* A token that expires then; nothing in it is checked here. */
static const char *jwt_until(int64_t expires_s)
{
	static char token[512];
	char claims[64];
	struct buf jwt;

	snprintf(claims, sizeof(claims), "{\"exp\":%lld}", (long long)expires_s);
	buf_init(&jwt);
	buf_adds(&jwt, "e30.");
	b64url_encode(&jwt, claims, strlen(claims));
	buf_adds(&jwt, ".AQID");
	snprintf(token, sizeof(token), "%s", buf_text(&jwt));
	buf_done(&jwt);
	return token;
}

static void a_token_in_the_settings_is_used_and_no_command_run(void **state)
{
	start("fixed", printing("other"));
	assert_string_equal(get(), "fixed");
	assert_int_equal(runs(), 0);
}

static void without_either_setting_the_command_to_sign_in_with_is_told(void **state)
{
	start(NULL, NULL);
	assert_string_equal(get(),
		"!No access token. Set ACCESS_TOKEN_COMMAND (or ACCESS_TOKEN) to: az account "
		"get-access-token --tenant " TENANT " --scope api://" CLIENT
		"/access_as_user --query accessToken -o tsv");
}

static void what_the_command_prints_is_the_token_until_a_minute_before_it_expires(void **state)
{
	start(NULL, printing(jwt_until(NOW_S + 1000)));
	assert_string_equal(get(), jwt_until(NOW_S + 1000));
	upstream.now_s = NOW_S + 939;
	assert_string_equal(get(), jwt_until(NOW_S + 1000));
	assert_int_equal(runs(), 1);
	upstream.now_s = NOW_S + 940;
	get();
	assert_int_equal(runs(), 1);
}

static void a_token_with_little_time_left_is_not_asked_for_by_every_call(void **state)
{
	start(NULL, printing(jwt_until(NOW_S + 50)));
	assert_string_equal(get(), jwt_until(NOW_S + 50));
	upstream.now_s = NOW_S + 44;
	get();
	assert_int_equal(runs(), 1);
	upstream.now_s = NOW_S + 45;
	get();
	assert_int_equal(runs(), 1);
}

static void a_token_that_says_nothing_of_its_life_is_kept_for_four_minutes(void **state)
{
	start(NULL, printing("opaque"));
	assert_string_equal(get(), "opaque");
	upstream.now_s = NOW_S + 239;
	get();
	assert_int_equal(runs(), 1);
	upstream.now_s = NOW_S + 240;
	get();
	assert_int_equal(runs(), 1);
}

static void the_token_may_be_a_member_of_a_json_object(void **state)
{
	start(NULL, printing("{\"accessToken\":\"t.o.k\",\"expiresOn\":\"2026-01-01\"}"));
	assert_string_equal(get(), "t.o.k");
	runs();
}

static void a_command_that_brings_no_token_is_an_error_and_run_again(void **state)
{
	static const char *const TEXTS[] = {
		"", "  ", "two words", "{", "{}", "{\"accessToken\":7}", "{\"accessToken\":\"\"}"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		start(NULL, printing(TEXTS[i]));
		check(!strncmp(get(), "!ACCESS_TOKEN_COMMAND brought no access token", 45), "%s",
			TEXTS[i]);
		get();
		assert_int_equal(runs(), 2);
		tear_down(state);
	}
	start(NULL, "exit 3");
	assert_non_null(strstr(get(), "(it ended with status 3)"));
	assert_non_null(strstr(get(), "az login --tenant " TENANT));
}

/* Nobody would take it, so nobody is sent it. */
static void a_token_has_at_most_16384_bytes(void **state)
{
	start(NULL, "head -c 16384 /dev/zero | tr '\\0' a");
	assert_int_equal(*get(), 'a');
	tear_down(state);
	start(NULL, "head -c 16385 /dev/zero | tr '\\0' a");
	assert_int_equal(*get(), '!');
}

static void a_token_that_was_refused_is_dropped_and_the_command_run_again(void **state)
{
	struct secret token = {0}, other = {0};

	start(NULL, printing("opaque"));
	assert_string_equal(get(), "opaque");
	secret_set(&other, "other", 5);
	user_token_drop(source, &other); /* it is another's refusal */
	get();
	assert_int_equal(runs(), 1);
	secret_set(&token, "opaque", 6);
	user_token_drop(source, &token);
	get();
	assert_int_equal(runs(), 1);
	secret_done(&token);
	secret_done(&other);
}

static void *get_in_thread(void *arg)
{
	struct secret token = {0};
	autoerr(err);

	if (!user_token_get(source, deadline_after(60000), &token, &err))
		return NULL;
	secret_done(&token);
	return arg;
}

static void those_who_wait_share_one_run(void **state)
{
	pthread_t threads[8];
	char command[256];

	snprintf(command, sizeof(command), "echo x >>%s/runs; sleep 0.2; echo %s", folder, "t");
	start(NULL, command);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_create(&threads[i], NULL, get_in_thread, source);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		void *got = NULL;

		pthread_join(threads[i], &got);
		assert_ptr_equal(got, source);
	}
	assert_int_equal(runs(), 1);
}

static void once_stopped_it_ends_the_command(void **state)
{
	start(NULL, "sleep 1000; echo t");
	user_token_stop(source);
	assert_non_null(strstr(get(), "(stopping)"));
}

static void a_command_lasts_no_longer_than_its_caller_has(void **state)
{
	start(NULL, "sleep 100; echo late");
	deadline = deadline_after(50);
	assert_non_null(strstr(get(), "took too long"));
	assert_true(deadline_passed(deadline));
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_in_the_settings_is_used_and_no_command_run),
		TEST(without_either_setting_the_command_to_sign_in_with_is_told),
		TEST(what_the_command_prints_is_the_token_until_a_minute_before_it_expires),
		TEST(a_token_with_little_time_left_is_not_asked_for_by_every_call),
		TEST(a_token_that_says_nothing_of_its_life_is_kept_for_four_minutes),
		TEST(the_token_may_be_a_member_of_a_json_object),
		TEST(a_command_that_brings_no_token_is_an_error_and_run_again),
		TEST(a_token_has_at_most_16384_bytes),
		TEST(a_token_that_was_refused_is_dropped_and_the_command_run_again),
		TEST(those_who_wait_share_one_run),
		TEST(once_stopped_it_ends_the_command),
		TEST(a_command_lasts_no_longer_than_its_caller_has),
	};
	int failed;

	fail_if_hung();
	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
