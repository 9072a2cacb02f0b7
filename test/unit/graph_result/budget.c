#include "result.h"

#include "graph/budget.h"

#define ONE "{\"pick\":{\"a\":\"a\",\"b\":\"b\",\"c\":\"c\"}}"
#define LIST(page)                                                                                 \
	"{\"list\":\"value\",\"as\":\"x\",\"pick\":{\"n\":\"n\",\"t\":\"t\",\"l\":\"l\"}" page "}"
#define PAGED LIST(",\"page\":{\"default\":50,\"max\":50}")

/* unit as often as it takes to be n bytes long; the caller frees it */
static char *times(const char *unit, size_t n)
{
	struct buf text;

	buf_init(&text);
	while (text.len < n)
		buf_adds(&text, unit);
	return text.data;
}

/* {"a":"…","b":"…"} of those texts, within bytes_max, as a tree */
static cJSON *fitted(const char *a, const char *b, size_t bytes_max)
{
	autofree char *text = NULL;
	struct buf answer;
	cJSON *ret = NULL;
	autoerr(err);

	buf_init(&answer);
	buf_addf(&answer, "{\"a\":\"%s\",\"b\":\"%s\",\"c\":12}", a, b);
	text = result_of(ONE, buf_text(&answer), bytes_max);
	buf_done(&answer);
	check(json_parse(text, strlen(text), &ret, &err), "%s", text);
	return ret;
}

static bool is_marked(const char *text)
{
	size_t n = strlen(text), mark = strlen(BUDGET_MARK);

	return n >= mark && !strcmp(text + n - mark, BUDGET_MARK);
}

static void what_fits_stays_to_the_byte_and_one_more_is_cut(void **state)
{
	static const char EMPTY[] = "{\"a\":\"\"}";
	autofree char *words = times("abc ", 4096 - strlen(EMPTY)), *whole = NULL, *cut = NULL;
	struct buf answer;

	buf_init(&answer);
	buf_addf(&answer, "{\"a\":\"%s\"}", words);
	whole = result_of(ONE, buf_text(&answer), answer.len + 1);
	assert_string_equal(whole, buf_text(&answer));
	cut = result_of(ONE, buf_text(&answer), answer.len - 1);
	assert_non_null(strstr(cut, BUDGET_MARK "\"}"));
	buf_done(&answer);
}

static void the_longest_strings_are_cut_first_and_marked(void **state)
{
	autofree char *longer = times("two words ", 9000), *shorter = times("a b ", 400);
	autofree_json cJSON *tree = fitted(longer, shorter, 4096);

	assert_string_equal(json_string(tree, "b"), shorter);
	assert_true(is_marked(json_string(tree, "a")));
	assert_true(strlen(json_string(tree, "a")) > 3500);
}

static void strings_that_are_too_long_are_cut_to_one_length(void **state)
{
	autofree char *one = times("one ", 9000), *other = times("other ", 6000);
	autofree_json cJSON *tree = fitted(one, other, 4096);
	size_t a = strlen(json_string(tree, "a")), b = strlen(json_string(tree, "b"));

	assert_true(a == b && a > 1900 && a < 2048);
	assert_true(is_marked(json_string(tree, "a")) && is_marked(json_string(tree, "b")));
}

/* Whether the text is the unit again and again, with the mark behind it. */
static bool repeats(const char *text, const char *unit)
{
	size_t n = strlen(unit);

	while (!strncmp(text, unit, n))
		text += n;
	return !strcmp(text, BUDGET_MARK);
}

static void a_string_is_cut_at_a_whole_character_however_it_is_written(void **state)
{
	static const struct {
		const char *written, *read;
	} UNITS[] = {{"\xc3\xa9", "\xc3\xa9"}, {"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}, {"\\u00e9", "\xc3\xa9"},
		{"\\ud83d\\ude00", "\xf0\x9f\x98\x80"}, {"\\\\", "\\"}, {"\\\"", "\""},
		{"\\n", "\n"}, {"\\ude00", "\xef\xbf\xbd"}};

	for (size_t i = 0; i < COUNT_OF(UNITS); i++) {
		autofree char *text = times(UNITS[i].written, 9000);

		for (size_t bytes_max = 2048; bytes_max < 2064; bytes_max++) {
			autofree_json cJSON *tree = fitted(text, "b", bytes_max);

			check(repeats(json_string(tree, "a"), UNITS[i].read), "%s: %s",
				UNITS[i].written, json_string(tree, "a"));
		}
	}
}

/* {"value":[{"n":0,"t":"…"},…]} */
static char *list_of(int count, const char *text)
{
	struct buf answer;

	buf_init(&answer);
	buf_adds(&answer, "{\"value\":[");
	for (int i = 0; i < count; i++)
		buf_addf(&answer, "%s{\"n\":%d,\"t\":\"%s\"}", i ? "," : "", i, text);
	buf_adds(&answer, "]}");
	return answer.data;
}

static void an_id_or_an_address_is_kept_whole_where_words_are_cut(void **state)
{
	autofree char *id = times("AAMkAGI2", 512), *no_id = times("AAMkAGI2", 520);
	autofree char *words = times("some words ", 6000), *answer = list_of(50, id);
	autofree char *too_many = list_of(50, no_id), *whole = NULL, *cut = NULL;
	autofree_json cJSON *tree = fitted(id, words, 2048);

	assert_string_equal(json_string(tree, "a"), id);
	assert_true(is_marked(json_string(tree, "b")));
	whole = result_of(PAGED, answer, 8192);
	cut = result_of(PAGED, too_many, 8192);
	assert_null(strstr(whole, BUDGET_MARK));
	assert_non_null(strstr(cut, BUDGET_MARK));
}

static void items_are_left_out_only_when_no_string_can_be_cut_further(void **state)
{
	autofree char *text = times("two words ", 1000), *answer = list_of(50, text);
	autofree char *all = result_of(PAGED, answer, 16384),
		      *some = result_of(PAGED, answer, 4096);
	autofree_json cJSON *all_tree = cJSON_Parse(all), *some_tree = cJSON_Parse(some);
	const cJSON *items = cJSON_GetObjectItem(some_tree, "x"), *item;
	int count = cJSON_GetArraySize(items);
	char cursor[32];

	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(all_tree, "x")), 50);
	assert_null(cJSON_GetObjectItem(all_tree, "cursor"));
	assert_true(strlen(all) > 16000);
	assert_true(count > 15 && count < 20);
	cJSON_ArrayForEach(item, items)
	{
		size_t n = strlen(json_string(item, "t"));

		check(n >= 190 && n <= 260 && is_marked(json_string(item, "t")), "%zu", n);
	}
	assert_string_equal(
		json_string(some_tree, "more"), "There is more: call again with this cursor.");
	snprintf(cursor, sizeof(cursor), "f.50.%d.", count);
	assert_string_equal(json_string(some_tree, "cursor"), cursor);
}

static void a_list_that_no_cursor_goes_on_in_says_so(void **state)
{
	autofree char *text = times("two words ", 1000), *answer = list_of(50, text);
	autofree char *cut = result_of(LIST(""), answer, 4096);
	autofree char *next = result_of(
		LIST(""), "{\"value\":[],\"@odata.nextLink\":\"https://x/?$skip=1\"}", 4096);
	static const char MORE[] = "{\"more\":\"There is more, but no cursor to it: say that this "
				   "is not all, or ask more narrowly.\",\"x\":[";

	assert_true(!strncmp(cut, MORE, strlen(MORE)) && !strncmp(next, MORE, strlen(MORE)));
}

static void a_first_item_too_long_is_given_with_shorter_strings_and_then_shorter_lists(void **state)
{
	struct buf answer;
	autofree char *text = NULL;
	autofree_json cJSON *tree = NULL;
	const cJSON *item, *list;

	buf_init(&answer);
	buf_adds(&answer, "{\"value\":[{\"n\":7,\"t\":\"");
	for (int i = 0; i < 1000; i++)
		buf_adds(&answer, "some words ");
	buf_adds(&answer, "\",\"l\":[0");
	for (int i = 1; i < 2000; i++)
		buf_addf(&answer, ",%d", i);
	buf_adds(&answer, "]},{\"n\":8}]}");
	text = result_of(PAGED, buf_text(&answer), 2048);
	buf_done(&answer);
	tree = cJSON_Parse(text);
	item = cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "x"), 0);
	list = cJSON_GetObjectItem(item, "l");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "x")), 1);
	assert_string_equal(json_string(tree, "cursor"), "f.50.1.");
	assert_int_equal(cJSON_GetObjectItem(item, "n")->valueint, 7);
	assert_true(is_marked(json_string(item, "t")));
	assert_true(cJSON_GetArraySize(list) > 300);
	assert_int_equal(cJSON_GetArrayItem(list, 300)->valueint, 300);
	assert_string_equal(
		cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1)->valuestring, BUDGET_MARK);
}

static void a_number_too_long_for_a_result_is_left_out(void **state)
{
	autofree char *digits = times("123456789", 9000), *text = NULL;
	struct buf answer;

	buf_init(&answer);
	buf_addf(&answer, "{\"a\":%s,\"b\":\"b\",\"c\":1}", digits);
	text = result_of(ONE, buf_text(&answer), 2048);
	assert_string_equal(text, "{\"b\":\"b\",\"c\":1}");
	buf_done(&answer);
}

static void a_name_is_never_cut_only_what_it_names(void **state)
{
	autofree char *name = times("a long name ", 1500), *words = times("words ", 6000),
		      *text = NULL;
	struct buf answer;

	buf_init(&answer);
	buf_addf(&answer, "{\"a\":{\"%s\" : \"%s\"}}", name, words);
	text = result_of(ONE, buf_text(&answer), 2048);
	assert_non_null(strstr(text, name));
	assert_non_null(strstr(text, BUDGET_MARK "\"}}"));
	buf_done(&answer);
}

static void every_room_is_kept_to_whatever_is_to_be_cut(void **state)
{
	static const char *const TEXTS[] = {
		"{\"a\":[[[\"some words\"]]],\"b\":[1,2,3,4,5,6,7,8,9,10,11]}",
		"{\"a\":[[[\"a word and another one that is longer\",2]],[3],[4],[5],[6],[7]]}",
		"{\"a\":[                                                            "
		"],\"b\":{          },\"c\":[ [            ] ]}",
		"{\"a\":{\"b\":{\"c\":{\"d\":123456789012345678901234567890,\"e\":"
		"\"\\u00e9\\u00e9\\u00e9\\u00e9\"}}}}"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		for (size_t room = 2; room <= strlen(TEXTS[i]); room++) {
			struct buf out;

			buf_init(&out);
			budget_write((struct json_span){TEXTS[i], strlen(TEXTS[i])}, room, &out);
			result_check(buf_text(&out), out.len, room);
			buf_done(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays_to_the_byte_and_one_more_is_cut),
		cmocka_unit_test(the_longest_strings_are_cut_first_and_marked),
		cmocka_unit_test(strings_that_are_too_long_are_cut_to_one_length),
		cmocka_unit_test(a_string_is_cut_at_a_whole_character_however_it_is_written),
		cmocka_unit_test(an_id_or_an_address_is_kept_whole_where_words_are_cut),
		cmocka_unit_test(items_are_left_out_only_when_no_string_can_be_cut_further),
		cmocka_unit_test(a_list_that_no_cursor_goes_on_in_says_so),
		cmocka_unit_test(
			a_first_item_too_long_is_given_with_shorter_strings_and_then_shorter_lists),
		cmocka_unit_test(a_name_is_never_cut_only_what_it_names),
		cmocka_unit_test(every_room_is_kept_to_whatever_is_to_be_cut),
		cmocka_unit_test(a_number_too_long_for_a_result_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
