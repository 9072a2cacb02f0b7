#include "base/lru.h"

#include <stdlib.h>
#include <string.h>

#include "stage/support.h"

#define NODES 6

static struct lru lru;
static struct lru_node nodes[NODES]; /* 0 to 2 share a bucket, as do 3 to 5 */

static int set_up(void **state)
{
	lru_init(&lru, 4);
	for (int i = 0; i < NODES; i++) {
		memset(&nodes[i], 0xee, sizeof(nodes[i])); /* the links are the table's to set */
		memset(nodes[i].key, 0, SHA256_SIZE);
		nodes[i].key[0] = (unsigned char)(i / 3);
		nodes[i].key[SHA256_SIZE - 1] = (unsigned char)i;
	}
	return 0;
}

static int tear_down(void **state)
{
	lru_done(&lru, NULL);
	return 0;
}

static void add(int from, int to)
{
	for (int i = from; i <= to; i++)
		lru_add(&lru, &nodes[i]);
}

static bool found(int i)
{
	unsigned char key[SHA256_SIZE];

	memcpy(key, nodes[i].key, sizeof(key)); /* by value, not by address */
	return lru_find(&lru, key) == &nodes[i];
}

/* The nodes' numbers from the newest to the oldest, and the same the other way round. */
static void assert_order(const char *expected)
{
	char text[NODES + 1] = "";
	size_t n = strlen(expected);
	struct lru_node *node;

	for (node = lru.newest; node && strlen(text) < NODES; node = node->older)
		text[strlen(text)] = (char)('0' + (node - nodes));
	assert_string_equal(text, expected);
	for (node = lru.oldest; node && n; node = node->newer)
		assert_int_equal(node - nodes, expected[--n] - '0');
	assert_null(node);
	assert_int_equal(n, 0);
	assert_int_equal(lru.count, strlen(expected));
}

static void an_empty_table_finds_nothing(void **state)
{
	assert_order("");
	assert_null(lru_find(&lru, nodes[0].key));
}

static void what_was_added_is_found_by_its_whole_key(void **state)
{
	unsigned char key[SHA256_SIZE];

	add(0, 4);
	for (int i = 0; i < 5; i++)
		assert_true(found(i));
	assert_null(lru_find(&lru, nodes[5].key)); /* in a bucket with others */
	for (int bit = 0; bit < SHA256_SIZE * 8; bit++) {
		memcpy(key, nodes[4].key, sizeof(key));
		key[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_ptr_not_equal(lru_find(&lru, key), &nodes[4]);
	}
}

static void all_that_share_a_key_are_found_and_no_others(void **state)
{
	int found = 0;

	memcpy(nodes[2].key, nodes[0].key, SHA256_SIZE);
	memcpy(nodes[5].key, nodes[0].key, SHA256_SIZE);
	add(0, 5);
	for (struct lru_node *node = lru_find(&lru, nodes[0].key); node; node = lru_find_next(node))
		found = found * 10 + (int)(node - nodes);
	assert_int_equal(found, 520);
	lru_remove(&lru, &nodes[2]);
	assert_ptr_equal(lru_find_next(&nodes[5]), &nodes[0]);
	assert_null(lru_find_next(&nodes[0]));
}

static void the_last_added_is_the_newest(void **state)
{
	add(0, 3);
	assert_order("3210");
}

static void finding_does_not_change_the_order(void **state)
{
	add(0, 3);
	assert_true(found(0));
	assert_order("3210");
}

static void touching_makes_the_newest_wherever_it_was(void **state)
{
	add(0, 3);
	lru_touch(&lru, &nodes[3]);
	assert_order("3210");
	lru_touch(&lru, &nodes[0]);
	assert_order("0321");
	lru_touch(&lru, &nodes[2]);
	assert_order("2031");
	for (int i = 0; i < 4; i++)
		assert_true(found(i));
}

static void the_removed_is_gone_and_the_rest_stays_in_order(void **state)
{
	add(0, 5);
	lru_remove(&lru, &nodes[4]); /* in the middle of order and chain */
	assert_order("53210");
	lru_remove(&lru, &nodes[0]); /* the oldest, the end of its chain */
	assert_order("5321");
	lru_remove(&lru, &nodes[5]); /* the newest, the start of its chain */
	assert_order("321");
	for (int i = 0; i < NODES; i++)
		assert_int_equal(found(i), i >= 1 && i <= 3);
}

static void the_removed_can_be_added_again(void **state)
{
	add(0, 1);
	lru_remove(&lru, &nodes[1]);
	lru_remove(&lru, &nodes[0]);
	assert_order("");
	assert_null(lru.newest);
	assert_null(lru.oldest);
	add(0, 1);
	assert_order("10");
	assert_true(found(0) && found(1));
}

static void there_is_no_limit_to_what_was_expected(void **state)
{
	enum { MANY = 1000 };
	struct lru_node *many = calloc(MANY, sizeof(*many));

	for (int i = 0; i < MANY; i++) {
		memcpy(many[i].key, &i, sizeof(i));
		lru_add(&lru, &many[i]);
	}
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(lru_find(&lru, many[i].key), &many[i]);
	assert_int_equal(lru.count, MANY);
	assert_ptr_equal(lru.oldest, &many[0]);
	free(many);
}

static void the_table_is_as_large_as_what_is_expected(void **state)
{
	struct lru large;

	lru_init(&large, 50000);
	assert_true(large.bucket_mask + 1 >= 50000);
	assert_int_equal(large.bucket_mask & (large.bucket_mask + 1), 0);
	lru_done(&large, NULL);
	lru_init(&large, 0);
	assert_null(lru_find(&large, nodes[0].key));
	lru_done(&large, NULL);
}

static int freed[NODES];

static void count(struct lru_node *node)
{
	ptrdiff_t i = node - nodes;

	memset(node, 0, sizeof(*node)); /* as if it were gone */
	freed[i]++;
}

static void every_entry_that_is_left_is_freed_once(void **state)
{
	add(0, 5);
	lru_remove(&lru, &nodes[2]);
	lru_done(&lru, count);
	for (int i = 0; i < NODES; i++)
		assert_int_equal(freed[i], i != 2);
	lru_init(&lru, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_table_finds_nothing),
		TEST(what_was_added_is_found_by_its_whole_key),
		TEST(all_that_share_a_key_are_found_and_no_others),
		TEST(the_last_added_is_the_newest),
		TEST(finding_does_not_change_the_order),
		TEST(touching_makes_the_newest_wherever_it_was),
		TEST(the_removed_is_gone_and_the_rest_stays_in_order),
		TEST(the_removed_can_be_added_again),
		TEST(there_is_no_limit_to_what_was_expected),
		TEST(the_table_is_as_large_as_what_is_expected),
		TEST(every_entry_that_is_left_is_freed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
