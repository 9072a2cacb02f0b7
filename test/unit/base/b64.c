#include "base/b64.h"

#include <string.h>

#include "stage/support.h"

/* RFC 4648 §10 */
static const char *const VECTORS[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

static struct buf out;

static int set_up(void **state)
{
	buf_init(&out);
	return 0;
}

static int tear_down(void **state)
{
	buf_done(&out);
	return 0;
}

static void the_rfcs_vectors_are_encoded(void **state)
{
	for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
		out.len = 0;
		buf_adds(&out, "");
		b64_encode(&out, VECTORS[i][0], strlen(VECTORS[i][0]));
		assert_string_equal(buf_text(&out), VECTORS[i][1]);
	}
}

static void the_rfcs_vectors_are_decoded(void **state)
{
	for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
		out.len = 0;
		assert_true(b64_decode(&out, VECTORS[i][1], strlen(VECTORS[i][1])));
		assert_string_equal(buf_text(&out), VECTORS[i][0]);
	}
}

static void base64url_is_the_same_without_padding(void **state)
{
	for (size_t i = 0; i < COUNT_OF(VECTORS); i++) {
		size_t n = strcspn(VECTORS[i][1], "=");

		out.len = 0;
		buf_adds(&out, "");
		b64url_encode(&out, VECTORS[i][0], strlen(VECTORS[i][0]));
		assert_int_equal(out.len, n);
		assert_memory_equal(buf_text(&out), VECTORS[i][1], n);
		out.len = 0;
		assert_true(b64url_decode(&out, VECTORS[i][1], n));
		assert_string_equal(buf_text(&out), VECTORS[i][0]);
	}
}

static void each_alphabet_has_its_own_last_two_characters(void **state)
{
	b64_encode(&out, "\xfb\xff", 2);
	assert_string_equal(buf_text(&out), "+/8=");
	out.len = 0;
	b64url_encode(&out, "\xfb\xff", 2);
	assert_string_equal(buf_text(&out), "-_8");
	out.len = 0;
	assert_true(b64_decode(&out, "+/8=", 4));
	assert_memory_equal(out.data, "\xfb\xff", 3);
	assert_false(b64_decode(&out, "-A==", 4));
	assert_false(b64_decode(&out, "_w==", 4));
	assert_false(b64url_decode(&out, "+A", 2));
	assert_false(b64url_decode(&out, "/w", 2));
	assert_true(b64url_decode(&out, "-A", 2));
	assert_true(b64url_decode(&out, "_w", 2));
}

static void all_bytes_survive_the_way_there_and_back(void **state)
{
	unsigned char bytes[256];
	struct buf text;

	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	buf_init(&text);
	b64url_encode(&text, bytes, sizeof(bytes));
	assert_true(b64url_decode(&out, text.data, text.len));
	assert_int_equal(out.len, sizeof(bytes));
	assert_memory_equal(out.data, bytes, sizeof(bytes));
	buf_done(&text);
}

static void what_is_not_base64_is_refused_and_adds_nothing(void **state)
{
	static const char *const BAD[] = {"Z", "Zg", "Zg=", "Zm8", "Zg===", "====", "A===", "=AAA",
		"Zg==Zg==", "Zm9v=", "Zm9v====", "Zm 9", "Zm9v\n", " Zm9v", "Zm.v",
		"Z\x80==", "Zh==", "Zm9=", "Zm9vYf==", "Zm9vYmF="};

	buf_adds(&out, "kept");
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(!b64_decode(&out, BAD[i], strlen(BAD[i])), "%s", BAD[i]);
		assert_string_equal(buf_text(&out), "kept");
		assert_int_equal(out.len, 4);
	}
}

static void what_is_not_base64url_is_refused_and_adds_nothing(void **state)
{
	static const char *const BAD[] = {
		"Z", "Zg==", "Zm8=", "Zm9vY", "Zh", "Zm9", "Zm9vYf", "Zm v", "Zm9v\n", "Zm9v."};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(!b64url_decode(&out, BAD[i], strlen(BAD[i])), "%s", BAD[i]);
		assert_string_equal(buf_text(&out), "");
	}
	assert_false(b64url_decode(&out, "AA\0A", 4));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void others_base64_is_read_in_either_alphabet_padded_or_not(void **state)
{
	static const char *const GOOD[] = {"eyJ+/w==", "eyJ+/w=", "eyJ+/w", "eyJ-_w==", "eyJ-_w"};
	static const char *const BAD[] = {
		"eyJ+_w", "eyJ+/w===", "eyJ +/w", "eyJ+/", "eyJ+/x", "=a"};
	struct buf bytes;

	buf_init(&bytes);
	for (size_t i = 0; i < COUNT_OF(GOOD); i++) {
		check(b64_decode_any(&bytes, GOOD[i], strlen(GOOD[i])), "%s", GOOD[i]);
		assert_string_equal(buf_text(&bytes), "{\"~\xff");
		buf_done(&bytes);
	}
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!b64_decode_any(&bytes, BAD[i], strlen(BAD[i])), "%s", BAD[i]);
	buf_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_rfcs_vectors_are_encoded),
		TEST(the_rfcs_vectors_are_decoded),
		TEST(base64url_is_the_same_without_padding),
		TEST(each_alphabet_has_its_own_last_two_characters),
		TEST(all_bytes_survive_the_way_there_and_back),
		TEST(what_is_not_base64_is_refused_and_adds_nothing),
		TEST(what_is_not_base64url_is_refused_and_adds_nothing),
		cmocka_unit_test(others_base64_is_read_in_either_alphabet_padded_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
