/* The id of what a search found: given to a client, and brought back by one. */
#include "graph/found_id.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

/* A JSON string as the part; false: it is none. */
static bool part(struct found_id *id, int set, const char *json)
{
	return found_part(id, set, (struct json_span){json, strlen(json)});
}

/* "kind part part part", or the error's sentence. */
static const char *read(const char *text)
{
	static char out[2048];
	struct found_id id;
	autoerr(err);

	memset(&id, 0, sizeof(id));
	if (found_id_read(text, &id, &err))
		snprintf(out, sizeof(out), "%s %s %s %s", found_word(id.kind), id.parts[0],
			id.parts[1], id.parts[2]);
	else
		snprintf(out, sizeof(out), "%s", err_info(err.code)->slug);
	return out;
}

static void an_id_is_read_as_it_was_written(void **state)
{
	static const struct {
		enum found_kind kind;
		const char *parts[3], *text;
	} CASES[] = {
		{FOUND_MAIL, {"\"AAMk_x-y=\""}, "mail:AAMk_x-y%3D"},
		{FOUND_EVENT, {"\"AAMk/x+y=\""}, "event:AAMk-x_y%3D"},
		{FOUND_CHAT, {"\"19:a@thread.v2\"", "\"1657\""}, "chat:19%3Aa%40thread.v2/1657"},
		{FOUND_POST, {"\"t\"", "\"19:c\"", "\"7\""}, "post:t/19%3Ac/7"},
		{FOUND_FILE, {"\"b!x\"", "\"01ABC\""}, "file:b%21x/01ABC"},
		{FOUND_ITEM, {"\"h.example,a,b\"", "\"l\"", "\"3\""}, "item:h.example%2Ca%2Cb/l/3"},
		{FOUND_SITE, {"\"h.example,a,b\""}, "site:h.example%2Ca%2Cb"},
		{FOUND_HIT, {"\"a+b/c\""}, "hit:a_b-c"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct found_id id = {.kind = CASES[i].kind}, back;
		struct buf out;
		autoerr(err);

		buf_init(&out);
		for (int j = 0; j < 3 && CASES[i].parts[j]; j++)
			assert_true(part(&id, j, CASES[i].parts[j]));
		assert_true(found_id_write(&id, &out));
		assert_string_equal(buf_text(&out), CASES[i].text);
		memset(&back, 0, sizeof(back));
		assert_true(found_id_read(buf_text(&out), &back, &err));
		assert_memory_equal(&id, &back, sizeof(id));
		buf_done(&out);
	}
	assert_int_equal(COUNT_OF(CASES), FOUND__COUNT);
}

static void what_could_be_more_than_a_part_is_none(void **state)
{
	static const char *const WRONG[] = {"\"\"", "\".\"", "\"..\"", "\"a/b\"", "\"a\\\\b\"",
		"\"a?b\"", "\"a#b\"", "\"a%2fb\"", "\"a b\"", "\"$value\"", "\"a\\nb\"",
		"\"a\\u0000b\"", "\"\\u00e9\"", "\"a'b\"", "\"a;b\"", "7", "null", "{}"};

	for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
		struct found_id id = {.kind = FOUND_FILE};

		check(!part(&id, 0, WRONG[i]), "%s", WRONG[i]);
	}
}

static void a_part_or_an_id_that_is_too_long_is_none(void **state)
{
	struct found_id id = {.kind = FOUND_FILE};
	char json[FOUND_PART_SIZE + 3];
	struct buf out;

	buf_init(&out);
	memset(json, 'a', sizeof(json));
	json[0] = json[FOUND_PART_SIZE + 1] = '"';
	json[FOUND_PART_SIZE + 2] = '\0';
	assert_false(part(&id, 0, json));
	json[FOUND_PART_SIZE] = '"';
	json[FOUND_PART_SIZE + 1] = '\0';
	assert_true(part(&id, 0, json));
	assert_true(part(&id, 1, json));
	assert_false(found_id_write(&id, &out)); /* both together */
	assert_int_equal(out.len, 0);
	buf_done(&out);
}

static void what_a_client_made_up_is_refused(void **state)
{
	static const char *const WRONG[] = {"", ":", "mail", "mail:", "Mail:a", "mails:a", "mai:a",
		"mail:a/b", "mail:a/", "mail:..", "mail:%2e%2E", "mail:a%2fb", "mail:a%5cb",
		"mail:a%00", "mail:a%", "mail:a%zz", "mail:a b", "mail:a+b", "mail:a?b", "mail:a#",
		"mail:%24value", "chat:a", "chat:a/", "chat:/a", "chat:a/b/c", "post:a/b",
		"file:../b", "file:a/..", "file:a//b", "item:a/b/c/d", "site:a/b",
		"site:a.example:%2Fx", " mail:a", "mail:a\n", "mail:\xc3\xa9", "https://x/y"};

	for (size_t i = 0; i < COUNT_OF(WRONG); i++)
		check(!strcmp(read(WRONG[i]), "bad_request"), "%s: %s", WRONG[i], read(WRONG[i]));
}

static void a_client_may_have_decoded_an_id(void **state)
{
	assert_string_equal(read("mail:AAMk_x-y="), "mail AAMk_x-y=  ");
	assert_string_equal(read("chat:19:a@thread.v2/7"), "chat 19:a@thread.v2 7 ");
	assert_string_equal(read("file:b!x/01"), "file b!x 01 ");
}

static void an_id_longer_than_any_that_was_given_is_refused(void **state)
{
	char text[4096] = "mail:";

	for (size_t i = 5; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "%61", 4);
	assert_string_equal(read(text), "bad_request");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_read_as_it_was_written),
		cmocka_unit_test(what_could_be_more_than_a_part_is_none),
		cmocka_unit_test(a_part_or_an_id_that_is_too_long_is_none),
		cmocka_unit_test(what_a_client_made_up_is_refused),
		cmocka_unit_test(a_client_may_have_decoded_an_id),
		cmocka_unit_test(an_id_longer_than_any_that_was_given_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
