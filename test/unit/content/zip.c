#include "content/zip.h"

#include <stdlib.h>
#include <string.h>

#include "stage/support.h"
#include "stage_content/zipped.h"

#define MIB (1u << 20)

struct kept {
	size_t bytes;
	size_t enough; /* 0: takes all */
};

static bool take(void *context, const char *bytes, size_t n)
{
	struct kept *kept = context;

	assert_true(n <= ZIP_CHUNK_BYTES && (n == 0 || bytes));
	kept->bytes += n;
	return !kept->enough || kept->bytes < kept->enough;
}

/* What is said of a file of the parts, or of the first one's entry in it. */
static const char *flaw_of(const struct zipped_part *parts, size_t count, struct kept *kept)
{
	struct zip_sink sink = {take, kept};
	struct zip *zip;
	struct buf file;
	const char *why;

	buf_init(&file);
	zipped(parts, count, &file);
	why = zip_open((struct json_span){file.data, file.len}, &zip);
	if (!why) {
		why = zip_read(zip, zip_find(zip, parts[0].name), &sink);
		zip_free(zip);
	}
	buf_done(&file);
	return why;
}

static void assert_refused(const struct zipped_part *parts, size_t count, const char *word)
{
	struct kept kept = {0};
	const char *why = flaw_of(parts, count, &kept);

	check(why && strstr(why, word), "%s: %s", word, why);
}

static void an_entry_is_found_by_its_name_in_either_case_and_read_whole(void **state)
{
	const struct zipped_part parts[] = {
		{.name = "a/B.xml", .text = "deflated", .stored = false},
		{.name = "c", .text = "stored", .stored = true}, {.name = "empty", .text = ""}};
	struct kept kept = {0};
	struct zip_sink sink = {take, &kept};
	struct zip *zip;
	struct buf file;

	buf_init(&file);
	zipped(parts, COUNT_OF(parts), &file);
	assert_null(zip_open((struct json_span){file.data, file.len}, &zip));
	assert_null(zip_find(zip, "a/B"));
	assert_null(zip_read(zip, zip_find(zip, "A/b.XML"), &sink));
	assert_int_equal(kept.bytes, strlen("deflated"));
	assert_null(zip_read(zip, zip_find(zip, "c"), &sink));
	assert_int_equal(kept.bytes, strlen("deflatedstored"));
	assert_null(zip_read(zip, zip_find(zip, "empty"), &sink));
	assert_int_equal(kept.bytes, strlen("deflatedstored"));
	zip_free(zip);
	buf_done(&file);
}

static void no_more_is_handed_on_than_an_entry_is_said_to_hold(void **state)
{
	char *text = calloc(1, MIB);
	const struct zipped_part parts[] = {
		{.name = "a", .text = text, .len = MIB, .stored = true, .said_size = 100000}};
	struct kept kept = {0};

	assert_non_null(flaw_of(parts, 1, &kept));
	assert_true(kept.bytes <= 100000);
	free(text);
}

static void a_sink_that_has_enough_gets_no_more(void **state)
{
	char *text = calloc(1, MIB);
	const struct zipped_part parts[] = {{.name = "a", .text = text, .len = MIB}};
	struct kept kept = {.enough = 1};

	assert_null(flaw_of(parts, 1, &kept));
	assert_true(kept.bytes <= ZIP_CHUNK_BYTES);
	free(text);
}

static void what_unpacks_to_far_more_than_it_has_is_a_bomb(void **state)
{
	char *text = calloc(8, MIB);
	const struct zipped_part bomb[] = {{.name = "a", .text = text, .len = 8 * MIB}};
	const struct zipped_part small[] = {{.name = "a", .text = text, .len = MIB}};
	struct kept kept = {0};

	assert_refused(bomb, 1, "unpacks to far more");
	assert_null(flaw_of(small, 1, &kept));
	assert_int_equal(kept.bytes, MIB);
	free(text);
}

/* Reads the file's first entry so often; returns how many bytes came. */
static size_t read_times(const struct zipped_part *parts, size_t count, int times, bool *ret_cut)
{
	struct kept kept = {0};
	struct zip_sink sink = {take, &kept};
	struct zip *zip;
	struct buf file;

	buf_init(&file);
	zipped(parts, count, &file);
	assert_null(zip_open((struct json_span){file.data, file.len}, &zip));
	for (int i = 0; i < times; i++)
		assert_null(zip_read(zip, zip_find(zip, parts[0].name), &sink));
	*ret_cut = zip_was_cut(zip);
	zip_free(zip);
	buf_done(&file);
	return kept.bytes;
}

static void a_file_ends_at_its_bound_in_bytes_over_all_readings(void **state)
{
	char *text = calloc(1, ZIP_BYTES_MAX + MIB);
	const struct zipped_part parts[] = {
		{.name = "a", .text = text, .len = 10 * MIB, .stored = true}};
	const struct zipped_part large[] = {
		{.name = "a", .text = text, .len = ZIP_BYTES_MAX + MIB, .stored = true}};
	bool cut;

	assert_int_equal(read_times(parts, 1, 6, &cut), 60 * MIB);
	assert_false(cut);
	assert_int_equal(read_times(parts, 1, 8, &cut), ZIP_BYTES_MAX);
	assert_true(cut);
	assert_int_equal(read_times(large, 1, 1, &cut), ZIP_BYTES_MAX);
	assert_true(cut);
	free(text);
}

static void a_small_file_read_again_and_again_ends_at_its_ratio(void **state)
{
	char *text = calloc(1, MIB);
	const struct zipped_part parts[] = {{.name = "a", .text = text, .len = MIB}};
	bool cut;

	assert_int_equal(read_times(parts, 1, 1, &cut), MIB);
	assert_false(cut);
	assert_true(read_times(parts, 1, 100, &cut) < 2 * MIB);
	assert_true(cut);
	free(text);
}

static void entries_that_share_their_bytes_are_refused(void **state)
{
	const struct zipped_part parts[] = {
		{.name = "a", .text = "text"}, {.name = "a", .text = "text", .elsewhere = true}};
	const struct zipped_part others[] = {
		{.name = "a", .text = "text"}, {.name = "b", .text = "text", .elsewhere = true}};

	assert_refused(parts, 2, "damaged");
	assert_refused(others, 2, "damaged");
}

/* As in bombs of many entries, each the next one's header and all that follows. */
static void an_entry_within_another_is_refused(void **state)
{
	const struct zipped_part inner = {.name = "b", .text = "text", .stored = true};
	struct buf bytes;

	buf_init(&bytes);
	zipped(&inner, 1, &bytes);
	{
		const struct zipped_part parts[] = {
			{.name = "a", .text = bytes.data, .len = bytes.len, .stored = true},
			{.name = "b",
				.text = "text",
				.stored = true,
				.elsewhere = true,
				.begin = 31}};

		assert_refused(parts, 2, "damaged");
	}
	buf_done(&bytes);
}

static void two_entries_of_one_name_are_refused(void **state)
{
	const struct zipped_part parts[] = {
		{.name = "a.xml", .text = "one"}, {.name = "A.XML", .text = "two"}};

	assert_refused(parts, 2, "damaged");
}

static void an_entry_that_lies_about_itself_is_refused(void **state)
{
	static const struct zipped_part LIES[] = {
		{.name = "a", .text = "text", .said_size = 3},
		{.name = "a", .text = "text", .said_size = 5},
		{.name = "a", .text = "text", .said_size = 3, .stored = true},
		{.name = "a", .text = "text", .said_size = 5, .stored = true},
		{.name = "a", .text = "text", .wrong_sum = true},
		{.name = "a", .text = "text", .local_name = "b"},
		{.name = "a", .text = "text", .method = 12},
		{.name = "a", .text = "\xff no deflate", .method = 8, .stored = true},
	};

	for (size_t i = 0; i < COUNT_OF(LIES); i++)
		assert_refused(&LIES[i], 1, "damaged");
}

static void an_encrypted_entry_is_said_to_be(void **state)
{
	const struct zipped_part parts[] = {
		{.name = "a", .text = "text"}, {.name = "b", .text = "text", .flags = 1}};

	assert_refused(parts, 2, "encrypted");
}

static void a_name_is_no_path_out_of_the_file(void **state)
{
	static const char *const NAMES[] = {"", "/a", "../a", "a/../b", "a\nb"};

	for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
		const struct zipped_part parts[] = {{.name = NAMES[i], .text = "text"}};

		assert_refused(parts, 1, "damaged");
	}
}

static void a_name_may_be_in_any_charset(void **state)
{
	const struct zipped_part parts[] = {{.name = "gr\x81\xe1"
						     "e.txt",
		.text = "text"}};
	struct content content;

	zipped_read(parts, COUNT_OF(parts), &content);
	check(strstr(content.why, "a zip of other files"), "%s", content.why);
	content_done(&content);
}

static void too_many_entries_and_zip64_are_said(void **state)
{
	char many[] = "PK\5\6\0\0\0\0\x01\x10\x01\x10\0\0\0\0\0\0\0\0\0";
	char huge[] = "PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0";
	const struct zipped_part wide[] = {{.name = "a", .text = "", .said_size = 0xffffffff}};
	struct zip *zip;

	assert_non_null(strstr(zip_open((struct json_span){many, 22}, &zip), "too many"));
	assert_non_null(strstr(zip_open((struct json_span){huge, 22}, &zip), "zip64"));
	assert_refused(wide, 1, "zip64");
}

/* Whatever is cut off or changed, the bytes are read within their bounds: in a block of their own,
 * which AddressSanitizer watches. */
static void open_and_read_all(const char *bytes, size_t n)
{
	char *copy = malloc(n ? n : 1);
	struct kept kept = {0};
	struct zip_sink sink = {take, &kept};
	struct zip *zip;

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	if (!zip_open((struct json_span){copy, n}, &zip)) {
		const struct zip_entry *entry = zip_find(zip, "a");
		const char *why = entry ? zip_read(zip, entry, &sink) : NULL;

		check(why || kept.bytes <= 8, "%zu bytes", kept.bytes);
		zip_free(zip);
	}
	free(copy);
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
	const struct zipped_part parts[] = {
		{.name = "a", .text = "text"}, {.name = "b", .text = "more"}};
	struct zip *zip;
	struct buf file;

	buf_init(&file);
	zipped(parts, COUNT_OF(parts), &file);
	for (size_t n = 0; n < file.len; n++) {
		check(zip_open((struct json_span){file.data, n}, &zip) != NULL, "%zu bytes", n);
		open_and_read_all(file.data, n);
	}
	buf_done(&file);
}

static void a_file_with_any_byte_changed_is_read_within_its_bounds(void **state)
{
	static const char BYTES[] = {0, 1, 0x7f, (char)0x80, (char)0xff};
	const struct zipped_part parts[] = {
		{.name = "a", .text = "text"}, {.name = "b", .text = "more"}};
	struct buf file;

	buf_init(&file);
	zipped(parts, COUNT_OF(parts), &file);
	for (size_t i = 0; i < file.len * sizeof(BYTES); i++) {
		char *at = &file.data[i / sizeof(BYTES)], was = *at;

		*at = BYTES[i % sizeof(BYTES)];
		open_and_read_all(file.data, file.len);
		*at = was;
	}
	buf_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_found_by_its_name_in_either_case_and_read_whole),
		cmocka_unit_test(no_more_is_handed_on_than_an_entry_is_said_to_hold),
		cmocka_unit_test(a_sink_that_has_enough_gets_no_more),
		cmocka_unit_test(what_unpacks_to_far_more_than_it_has_is_a_bomb),
		cmocka_unit_test(a_file_ends_at_its_bound_in_bytes_over_all_readings),
		cmocka_unit_test(a_small_file_read_again_and_again_ends_at_its_ratio),
		cmocka_unit_test(entries_that_share_their_bytes_are_refused),
		cmocka_unit_test(an_entry_within_another_is_refused),
		cmocka_unit_test(two_entries_of_one_name_are_refused),
		cmocka_unit_test(an_entry_that_lies_about_itself_is_refused),
		cmocka_unit_test(an_encrypted_entry_is_said_to_be),
		cmocka_unit_test(a_name_is_no_path_out_of_the_file),
		cmocka_unit_test(a_name_may_be_in_any_charset),
		cmocka_unit_test(too_many_entries_and_zip64_are_said),
		cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
		cmocka_unit_test(a_file_with_any_byte_changed_is_read_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
