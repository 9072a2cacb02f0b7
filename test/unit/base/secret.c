#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "http/envelope.h"
#include "stage/support.h"

#define TEXT "s3cr3t-s3cr3t"

/* What a block held when it was freed; by way of the linker's --wrap. */
static const void *watched;
static char last_seen[sizeof(TEXT)];
static int frees;

void __real_free(void *block);
void __wrap_free(void *block);

void __wrap_free(void *block)
{
	if (block && block == watched) {
		memcpy(last_seen, block, sizeof(last_seen));
		frees++;
	}
	__real_free(block);
}

static void watch(const void *block)
{
	watched = block;
	frees = 0;
	strcpy(last_seen, TEXT);
}

static void assert_wiped(void)
{
	static const char NOTHING[sizeof(TEXT)];

	assert_int_equal(frees, 1);
	assert_memory_equal(last_seen, NOTHING, sizeof(NOTHING));
	watched = NULL;
}

static void a_secret_is_a_copy_with_a_nul(void **state)
{
	struct secret secret = {0};
	char text[] = TEXT " and more";

	secret_set(&secret, text, strlen(TEXT));
	memset(text, 'x', sizeof(text));
	assert_string_equal(secret.data, TEXT);
	assert_int_equal(secret.len, strlen(TEXT));
	secret_done(&secret);
}

static void a_secret_can_be_set_from_itself(void **state)
{
	struct secret secret = {0};

	secret_set(&secret, TEXT, strlen(TEXT));
	secret_set(&secret, secret.data + 1, 3);
	assert_string_equal(secret.data, "3cr");
	secret_done(&secret);
}

static void a_released_secret_is_wiped_and_gone(void **state)
{
	struct secret secret = {0};

	secret_set(&secret, TEXT, strlen(TEXT));
	watch(secret.data);
	secret_done(&secret);
	assert_wiped();
	assert_null(secret.data);
	assert_int_equal(secret.len, 0);
	secret_done(&secret); /* a second time is fine */
}

static void a_replaced_secret_is_wiped(void **state)
{
	struct secret secret = {0};

	secret_set(&secret, TEXT, strlen(TEXT));
	watch(secret.data);
	secret_set(&secret, "other", 5);
	assert_wiped();
	secret_done(&secret);
}

static void a_buffer_wiped_leaves_nothing_behind(void **state)
{
	struct buf buf;

	buf_init(&buf);
	buf_adds(&buf, TEXT);
	watch(buf.data);
	buf_wipe(&buf);
	assert_wiped();
}

static void a_buffer_that_grows_leaves_nothing_behind(void **state)
{
	struct buf buf;

	buf_init(&buf);
	buf_adds(&buf, TEXT);
	watch(buf.data);
	buf_addf(&buf, "%0500d", 0);
	/* The byte after the text is not the buffer's content, and was a NUL. */
	assert_wiped();
	buf_done(&buf);
}

/* cJSON is not ours to wrap, but takes the free that it is given. */
static void a_tree_wiped_leaves_no_string_behind(void **state)
{
	static const char DOCUMENT[] = "{\"a\":[1,{\"b\":\"" TEXT "\"}],\"c\":null}";
	cJSON_Hooks hooks = {malloc, __wrap_free};
	autoerr(err);
	cJSON *tree;

	cJSON_InitHooks(&hooks);
	assert_true(json_parse(DOCUMENT, strlen(DOCUMENT), &tree, &err));
	watch(tree->child->child->next->child->valuestring);
	json_wipe(tree);
	assert_wiped();
	json_wipe(NULL);
	cJSON_InitHooks(NULL);
}

static void an_envelope_released_leaves_no_header_behind(void **state)
{
	static const char BODY[] = "{\"Data\":{\"req\":{\"Url\":\"http://x/me\",\"Method\":\"GET\","
				   "\"Headers\":{\"Authorization\":[\"" TEXT "\"]}}}}";
	struct request outer = {
		.method = "POST", .path = "/me", .body = BODY, .body_len = strlen(BODY)};
	cJSON_Hooks hooks = {malloc, __wrap_free};
	struct envelope envelope;
	autoerr(err);

	cJSON_InitHooks(&hooks);
	assert_true(envelope_open(&envelope, &outer, 100, &err));
	watch(request_header(&envelope.inner, "Authorization"));
	envelope_done(&envelope);
	assert_wiped();
	cJSON_InitHooks(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_a_copy_with_a_nul),
		cmocka_unit_test(a_secret_can_be_set_from_itself),
		cmocka_unit_test(a_released_secret_is_wiped_and_gone),
		cmocka_unit_test(a_replaced_secret_is_wiped),
		cmocka_unit_test(a_buffer_wiped_leaves_nothing_behind),
		cmocka_unit_test(a_buffer_that_grows_leaves_nothing_behind),
		cmocka_unit_test(a_tree_wiped_leaves_no_string_behind),
		cmocka_unit_test(an_envelope_released_leaves_no_header_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
