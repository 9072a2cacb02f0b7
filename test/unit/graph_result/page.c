#include "graph/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "stage/support.h"

static const struct page_rules RULES = {.size_parameter = "$top", .size = 10, .size_max = 50};
static const struct page_rules SEARCH = {.size = 10, .size_max = 25, .by_from = true};

static bool taken(const struct page_rules *rules, const char *cursor)
{
	struct page page;
	bool good;
	autoerr(err);

	good = page_read_cursor(rules, cursor, &page, &err);
	if (good)
		page_done(&page);
	else
		check(err.code == ERR_BAD_REQUEST && strstr(err.message, "cursor"), "%s", cursor);
	return good;
}

static void assert_round_trip(const struct page_rules *rules, const struct page *page)
{
	struct page again;
	struct buf cursor;
	autoerr(err);

	buf_init(&cursor);
	page_write_cursor(page, &cursor);
	check(cursor.len <= page_cursor_bytes(page), "%s", buf_text(&cursor));
	check(!buf_text(&cursor)[strspn(buf_text(&cursor),
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")],
		"%s", buf_text(&cursor));
	check(page_read_cursor(rules, buf_text(&cursor), &again, &err), "%s", buf_text(&cursor));
	assert_int_equal(again.by, page->by);
	assert_int_equal(again.size, page->size);
	assert_int_equal(again.offset, page->offset);
	if (page->at)
		assert_string_equal(again.at, page->at);
	else
		assert_null(again.at);
	page_done(&again);
	buf_done(&cursor);
}

static void a_cursor_says_where_it_was_made(void **state)
{
	struct page pages[] = {{PAGE_FIRST, NULL, 10, 3}, {PAGE_SKIP, "20", 50, 0},
		{PAGE_SKIPTOKEN, "a=b&c/d?e#f'\"\\ \x01\xc3\xa9%24", 1, PAGE_OFFSET_MAX}};
	struct page from = {PAGE_FROM, "25", 25, 0};

	for (size_t i = 0; i < COUNT_OF(pages); i++)
		assert_round_trip(&RULES, &pages[i]);
	assert_round_trip(&SEARCH, &from);
}

static void a_skiptoken_of_six_thousand_bytes_goes_round(void **state)
{
	static char token[6001];
	struct page page = {PAGE_SKIPTOKEN, token, 50, PAGE_OFFSET_MAX};

	for (size_t i = 0; i < sizeof(token) - 1; i++)
		token[i] = (char)(1 + i % 255);
	assert_round_trip(&RULES, &page);
}

static void a_cursor_of_no_kind_that_the_tool_gives_is_refused(void **state)
{
	static const char *const FOREIGN[] = {"", "f", "f.", "f.10", "f.10.", "f.10.0", "F.10.0.",
		"x.10.0.", "f.10.0.AA", "s.10.0.", "t.10.0.", "n.10.0.20", "s.10.0.20",
		"t.10.0.QQ==", "t.10.0.A", "t.10.0.QQ ", " t.10.0.QQ", "t.10.0.Q+", "t..0.QQ",
		"t.10..QQ", "t.-1.0.QQ", "t.+1.0.QQ", "t.10.-1.QQ", "t.010.0.QQ", "t.10.00.QQ",
		"t.0.0.QQ", "t.51.0.QQ", "t.10.100001.QQ", "t.1e1.0.QQ",
		"t.99999999999999999999.0.QQ", "t.18446744073709551626.0.QQ",
		"t.10.18446744073709551616.QQ", "https://evil.example/v1.0/me/messages?$skip=10",
		"t.10.0.AA" /* U+0000 */, "t.10.0.QQBB" /* within */, "s.10.0.LTE" /* -1 */,
		"s.10.0.MTBh" /* 10a */, "s.10.0.MTIzNDU2Nzg5MDE" /* 12345678901 */,
		"s.10.0.MTAmJHRvcD05OTk" /* 10&$top=999 */, "t.10.0.\xc3\xa9", "\xff.10.0.QQ"};
	static const char *const FOREIGN_TO_SEARCH[] = {"s.10.0.MTA", "t.10.0.QQ", "n.10.0.",
		"n.10.0.-1", "n.10.0.01", "n.10.0.1000001", "n.10.0.99999999999999999999",
		"n.10.0.1 ", "n.26.0.10"};

	for (size_t i = 0; i < COUNT_OF(FOREIGN); i++)
		check(!taken(&RULES, FOREIGN[i]), "%s", FOREIGN[i]);
	for (size_t i = 0; i < COUNT_OF(FOREIGN_TO_SEARCH); i++)
		check(!taken(&SEARCH, FOREIGN_TO_SEARCH[i]), "%s", FOREIGN_TO_SEARCH[i]);
	assert_true(taken(&RULES, "f.50.100000."));
	assert_true(taken(&RULES, "s.10.0.MTA"));
	assert_true(taken(&SEARCH, "f.10.5."));
}

static void a_cursor_longer_than_any_of_ours_is_refused(void **state)
{
	struct buf cursor;

	buf_init(&cursor);
	buf_adds(&cursor, "t.10.0.");
	while (cursor.len + 4 <= PAGE_CURSOR_BYTES_MAX)
		buf_adds(&cursor, "QUFB");
	assert_true(taken(&RULES, buf_text(&cursor)));
	buf_adds(&cursor, "QUFB");
	assert_false(taken(&RULES, buf_text(&cursor)));
	buf_done(&cursor);
}

/* "by at" of the page behind the link (what stands between quotes in JSON), or "none". */
static char *next(const char *link)
{
	static const char *const KINDS[] = {"first", "skip", "skiptoken", "from"};
	struct page page;
	struct buf token, ret;

	buf_init(&token);
	buf_init(&ret);
	buf_addf(&token, "\"%s\"", link);
	if (page_of_next_link((struct json_span){token.data, token.len}, 7, &page)) {
		assert_int_equal(page.size, 7);
		assert_int_equal(page.offset, 0);
		buf_addf(&ret, "%s %s", KINDS[page.by], page.at);
		page_done(&page);
	} else {
		buf_adds(&ret, "none");
	}
	buf_done(&token);
	return ret.data;
}

static void nothing_but_the_skip_parameter_of_a_next_link_is_read(void **state)
{
	static const struct {
		const char *link, *page;
	} CASES[] = {
		{"https://graph.microsoft.com/v1.0/me/messages?$top=10&$skip=20", "skip 20"},
		{"https://evil.example/?%24Skip=30#$skip=40", "skip 30"},
		{"?$SKIPTOKEN=a%2Bb%3D%26&$skip=9", "skiptoken a+b=&"},
		{"https://x/?a=$skip=1&$skip=2&$skip=3", "skip 2"},
		{"https:\\/\\/x\\/?\\u0024skip=5", "skip 5"},
		{"https://x/?%2524skip=5", "none"},
		{"https://x/$skip=5", "none"},
		{"https://x/?x=1#?$skip=5", "none"},
		{"https://x/?$skip=", "none"},
		{"https://x/?$skip", "none"},
		{"https://x/?$skip=-5", "none"},
		{"https://x/?$skip=5x", "none"},
		{"https://x/?$skip=1234567890", "none"},
		{"https://x/?$skiptoken=%00", "none"},
		{"https://x/?$skiptoken=a\\u0000b", "none"},
		{"https://x/?$skiptoken=%4", "none"},
		{"", "none"},
		{"?&&=&%", "none"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *page = next(CASES[i].link);

		check(!strcmp(page, CASES[i].page), "%s: %s", CASES[i].link, page);
	}
}

static void a_next_link_that_is_no_string_is_none(void **state)
{
	static const char *const LINKS[] = {"null", "7", "{}", "[]", ""};
	struct page page;

	for (size_t i = 0; i < COUNT_OF(LINKS); i++)
		check(!page_of_next_link((struct json_span){LINKS[i], strlen(LINKS[i])}, 10, &page),
			"%s", LINKS[i]);
}

static void a_skiptoken_too_long_for_a_cursor_is_no_page(void **state)
{
	static char link[8000] = "?$skiptoken=";
	autofree char *fits = NULL, *page = NULL;

	memset(link + strlen(link), 'a', 6100);
	fits = next(link);
	assert_int_equal(strlen(fits), strlen("skiptoken ") + 6100);
	memset(link + strlen(link), 'a', 100);
	page = next(link);
	assert_string_equal(page, "none");
}

static void a_limit_is_the_size_within_the_tools_own(void **state)
{
	struct page page;

	page_first(&RULES, 0, &page);
	assert_int_equal(page.size, 10);
	assert_null(page.at);
	page_first(&RULES, 50, &page);
	assert_int_equal(page.size, 50);
	page_first(&RULES, 1000, &page);
	assert_int_equal(page.size, 50);
}

static void no_place_is_further_than_a_cursor_may_say(void **state)
{
	struct page page = {PAGE_SKIP, "20", 50, PAGE_OFFSET_MAX - 5}, on;

	assert_true(page_go_on(&page, 5, &on));
	assert_int_equal(on.offset, PAGE_OFFSET_MAX);
	assert_string_equal(on.at, "20");
	page_done(&on);
	assert_false(page_go_on(&page, 6, &on));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_says_where_it_was_made),
		cmocka_unit_test(a_skiptoken_of_six_thousand_bytes_goes_round),
		cmocka_unit_test(a_cursor_of_no_kind_that_the_tool_gives_is_refused),
		cmocka_unit_test(a_cursor_longer_than_any_of_ours_is_refused),
		cmocka_unit_test(nothing_but_the_skip_parameter_of_a_next_link_is_read),
		cmocka_unit_test(a_next_link_that_is_no_string_is_none),
		cmocka_unit_test(a_skiptoken_too_long_for_a_cursor_is_no_page),
		cmocka_unit_test(a_limit_is_the_size_within_the_tools_own),
		cmocka_unit_test(no_place_is_further_than_a_cursor_may_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
