#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

static struct buf buf;
static size_t block_max = SIZE_MAX; /* more is not to be had in one piece */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
	return size > block_max ? NULL : __real_malloc(size);
}

static int set_up(void **state)
{
	buf_init(&buf);
	return 0;
}

static int tear_down(void **state)
{
	buf_done(&buf);
	block_max = SIZE_MAX;
	return 0;
}

static void an_empty_buffer_reads_as_empty_text(void **state)
{
	assert_string_equal(buf_text(&buf), "");
	assert_null(buf.data);
}

static void additions_follow_each_other(void **state)
{
	buf_adds(&buf, "ab");
	buf_add(&buf, "c\0d", 3);
	buf_addf(&buf, "%d", 42);
	assert_int_equal(buf.len, 7);
	assert_memory_equal(buf.data, "abc\0d42", 8);
}

static void a_ceiling_can_be_reached_but_not_passed(void **state)
{
	assert_true(buf_add_within(&buf, "0123456789", 10, 10));
	assert_true(buf_add_within(&buf, "", 0, 10));
	assert_false(buf_add_within(&buf, "x", 1, 10));
	assert_string_equal(buf_text(&buf), "0123456789");
	assert_false(buf_add_within(&buf, "", 0, 9));
}

static void an_addition_that_does_not_fit_is_not_made_in_part(void **state)
{
	buf_adds(&buf, "012345");
	assert_false(buf_add_within(&buf, "01234", 5, 10));
	assert_string_equal(buf_text(&buf), "012345");
}

static void a_size_near_the_largest_does_not_wrap_around(void **state)
{
	buf_adds(&buf, "0123");
	assert_false(buf_add_within(&buf, "x", SIZE_MAX, 10));
	assert_int_equal(buf.len, 4);
}

static void a_buffer_grows_as_needed_and_keeps_its_bytes(void **state)
{
	struct buf large;

	buf_init(&large);
	for (int i = 0; i < 100000; i++)
		buf_add(&large, &"abcdefghij"[i % 10], 1);
	assert_int_equal(large.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(large.data[i], "abcdefghij"[i % 10]);
	assert_int_equal(large.data[large.len], '\0');
	buf_done(&large);
}

static void reserved_room_becomes_content_when_counted(void **state)
{
	char *room = buf_reserve(&buf, 10);

	assert_non_null(room);
	assert_int_equal(buf.len, 0);
	memcpy(room, "0123456789", 11); /* the NUL has room too */
	buf.len += 10;
	assert_string_equal(buf_text(&buf), "0123456789");
}

static void a_buffer_can_be_used_again_after_it_is_done(void **state)
{
	buf_adds(&buf, "01234567890");
	buf_done(&buf);
	buf_adds(&buf, "0123456789");
	assert_string_equal(buf_text(&buf), "0123456789");
	buf_wipe(&buf);
	assert_string_equal(buf_text(&buf), "");
}

static void only_unreserved_characters_stay_as_they_are_in_urls(void **state)
{
	struct buf url;

	buf_init(&url);
	buf_add_urlencoded(&url, "AZaz09-._~");
	buf_add_urlencoded(&url, " +&=/:?#%\"\n\x7f\xc3\xa9");
	buf_add_urlencoded(&url, "");
	assert_string_equal(buf_text(&url), "AZaz09-._~%20%2B%26%3D%2F%3A%3F%23%25%22%0A%7F%C3%A9");
	buf_done(&url);
}

static void form_fields_are_joined_and_their_values_encoded(void **state)
{
	struct buf form;

	buf_init(&form);
	buf_add_field(&form, "a", "x y");
	buf_add_field(&form, "b", "");
	buf_add_field(&form, "c", "1&d=2");
	assert_string_equal(buf_text(&form), "a=x%20y&b=&c=1%26d%3D2");
	buf_done(&form);
}

static void numbers_are_added_in_decimal(void **state)
{
	struct buf text;

	buf_init(&text);
	buf_add_int(&text, -12);
	buf_add_int(&text, 34);
	assert_string_equal(buf_text(&text), "-1234");
	buf_done(&text);
}

static void a_buffer_in_the_callers_storage_moves_out_when_it_is_full(void **state)
{
	char storage[8];
	struct buf text;

	buf_init_in(&text, storage, sizeof(storage));
	assert_string_equal(buf_text(&text), "");
	buf_adds(&text, "1234567");
	assert_ptr_equal(text.data, storage);
	buf_adds(&text, "8");
	assert_ptr_not_equal(text.data, storage);
	buf_adds(&text, "901234567890");
	assert_string_equal(buf_text(&text), "12345678901234567890");
	buf_wipe(&text);
}

static void a_buffer_may_not_grow_past_what_memory_there_is_for_its_copies(void **state)
{
	block_max = 1 << 20;
	assert_true(buf_may_grow(&buf, 65535));
	assert_true(buf_may_grow(&buf, (1 << 17) - 1));
	assert_false(buf_may_grow(&buf, 1 << 17));
	assert_false(buf_add_within(&buf, "x", 1 << 17, SIZE_MAX / 4));
	assert_int_equal(buf.len, 0);
}

static void what_is_promised_to_one_buffer_is_not_to_another_until_that_is_done(void **state)
{
	struct buf other;

	buf_init(&other);
	block_max = 1 << 20;
	assert_true(buf_may_grow(&buf, 100000));
	assert_false(buf_may_grow(&other, 100000));
	assert_true(buf_may_grow(&other, 1000));
	buf_done(&buf);
	assert_true(buf_may_grow(&other, 100000));
	assert_true(buf_may_grow(&other, 100000)); /* the same bytes are promised once, */
	assert_true(buf_may_grow(&other, 90000));  /* and fewer are among them */
	buf_done(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_buffer_reads_as_empty_text),
		TEST(additions_follow_each_other),
		TEST(a_ceiling_can_be_reached_but_not_passed),
		TEST(an_addition_that_does_not_fit_is_not_made_in_part),
		TEST(a_size_near_the_largest_does_not_wrap_around),
		TEST(a_buffer_grows_as_needed_and_keeps_its_bytes),
		TEST(reserved_room_becomes_content_when_counted),
		TEST(a_buffer_can_be_used_again_after_it_is_done),
		TEST(only_unreserved_characters_stay_as_they_are_in_urls),
		TEST(form_fields_are_joined_and_their_values_encoded),
		TEST(numbers_are_added_in_decimal),
		TEST(a_buffer_may_not_grow_past_what_memory_there_is_for_its_copies),
		TEST(what_is_promised_to_one_buffer_is_not_to_another_until_that_is_done),
		TEST(a_buffer_in_the_callers_storage_moves_out_when_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
