/* A client that follows cursors through a list of a Graph in miniature. */
#include "result.h"

#include "base/text.h"

/* What a list of Graph's is like. */
struct mailbox {
	enum page_by by; /* PAGE_SKIP or PAGE_SKIPTOKEN */
	int count;
	int page; /* items a page where no size is asked for; 0: as asked */
	uint32_t random;
};

static uint32_t draw(uint32_t *random, uint32_t below)
{
	*random = *random * 1664525 + 1013904223;
	return (*random >> 8) % below;
}

#define TOKEN "a&b=/?#'\"\\+% \xc3\xa9 "

/* The number of the first item of a page. */
static int place_of(const struct page *page)
{
	if (!page->at)
		return 0;
	if (page->by == PAGE_SKIP)
		return (int)strtol(page->at, NULL, 10);
	assert_memory_equal(page->at, TOKEN, strlen(TOKEN));
	return (int)strtol(page->at + strlen(TOKEN), NULL, 10);
}

static void add_item(struct buf *answer, int number, struct mailbox *mailbox)
{
	uint32_t random = mailbox->random + (uint32_t)number; /* an item is the same each time */
	uint32_t words = draw(&random, 4) ? draw(&random, 30) : draw(&random, 600);

	buf_addf(answer, "{\"n\":%d,\"t\":\"", number);
	for (uint32_t i = 0; i < words; i++)
		buf_adds(answer, i % 3 ? "a word " : "\\ud83d\\ude00 ");
	buf_adds(answer, "\"}");
}

static void add_next_link(struct buf *answer, int start, const struct mailbox *mailbox)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%d", mailbox->by == PAGE_SKIP ? "" : TOKEN, start);
	buf_addf(answer, "\"@odata.nextLink\":\"https:\\/\\/evil.example\\/x?%%24top=9&%%24%s=",
		mailbox->by == PAGE_SKIP ? "skip" : "skiptoken");
	buf_add_urlencoded(answer, text);
	buf_adds(answer, "\",");
}

/* Graph's answer to a request for that page; the caller frees it. */
static char *page_of(struct mailbox *mailbox, const struct page *page)
{
	int start = place_of(page);
	int end = start + (mailbox->page ? mailbox->page : (int)page->size);
	struct buf answer;

	buf_init(&answer);
	buf_adds(&answer, "{");
	if (end < mailbox->count)
		add_next_link(&answer, end, mailbox);
	buf_adds(&answer, "\"value\":[");
	for (int i = start; i < end && i < mailbox->count; i++) {
		buf_adds(&answer, i > start ? "," : "");
		add_item(&answer, i, mailbox);
	}
	buf_adds(&answer, "]}");
	return answer.data;
}

/* Notes that items came in their order; how many so far. */
static int follow(const cJSON *result, int expected)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(result, "x"))
	{
		const cJSON *number = cJSON_GetObjectItem(item, "n");

		check(number && number->valueint == expected, "%d comes where %d should",
			number ? number->valueint : -1, expected);
		expected++;
	}
	return expected;
}

/* One call; false at the list's end, else *page is where the next one goes on. */
static bool call(struct mailbox *mailbox, const struct tool_result *tool, struct page *page,
	size_t bytes_max, int *count)
{
	autofree char *answer = page_of(mailbox, page);
	autofree char *text = result_written(tool, answer, page, bytes_max);
	autofree_json cJSON *result = cJSON_Parse(text);
	const char *cursor = json_string(result, "cursor");
	int64_t size = page->size;
	int before = *count;
	autoerr(err);

	*count = follow(result, *count);
	check(*count - before <= size, "%d items for %d", *count - before, (int)size);
	page_done(page);
	assert_true(!cursor == !json_string(result, "more"));
	if (!cursor)
		return false;
	check(page_read_cursor(tool_result_pages(tool), cursor, page, &err), "%s", cursor);
	assert_int_equal(page->size, size);
	return true;
}

static void assert_whole(struct mailbox *mailbox, const char *definition, size_t bytes_max)
{
	struct tool_result *tool = result_defined(definition);
	int count = 0, calls = 0;
	struct page page;

	page_first(tool_result_pages(tool), 1 + draw(&mailbox->random, 50), &page);
	while (call(mailbox, tool, &page, bytes_max, &count))
		check(++calls <= 2 * mailbox->count + 2, "it never ends");
	check(count == mailbox->count, "%d items of %d", count, mailbox->count);
	tool_result_free(tool);
}

#define DEFINITION(size)                                                                           \
	"{\"list\":\"value\",\"as\":\"x\",\"pick\":{\"n\":\"n\",\"t\":\"t\"},\"others\":[\"t\"],"  \
	"\"page\":{" size "\"default\":10,\"max\":50}}"
#define SIZED DEFINITION("\"size\":\"$top\",")
#define UNSIZED DEFINITION("")

static void no_item_is_lost_or_doubled_whichever_way_pages_come(void **state)
{
	static const size_t BOUNDS[] = {2048, 2500, 5000, 32768};
	uint32_t random = 1;

	for (int i = 0; i < SCALED(400); i++) {
		struct mailbox mailbox = {.by = i % 2 ? PAGE_SKIP : PAGE_SKIPTOKEN,
			.count = (int)draw(&random, 130),
			.page = i % 4 < 2 ? 0 : 1 + (int)draw(&random, 100),
			.random = random};

		assert_whole(&mailbox, mailbox.page ? UNSIZED : SIZED,
			BOUNDS[draw(&random, COUNT_OF(BOUNDS))]);
	}
}

static void a_graph_that_gives_more_than_was_asked_for_loses_nothing(void **state)
{
	struct mailbox mailbox = {PAGE_SKIP, 300, 200, 7};

	assert_whole(&mailbox, SIZED, 4096);
}

static void an_empty_page_in_the_middle_is_gone_through(void **state)
{
	struct tool_result *tool = result_defined(SIZED);
	struct page page = {PAGE_SKIP, "10", 10, 4};
	autofree char *text = result_written(
		tool, "{\"value\":[],\"@odata.nextLink\":\"?$skip=20\"}", &page, 2048);

	assert_true(strstr(text, "\"cursor\":\"s.10.0.MjA\"") && strstr(text, "\"x\":[]"));
	tool_result_free(tool);
}

static void a_place_that_no_cursor_can_hold_is_said_to_be_there(void **state)
{
	static const char MORE[] = "{\"more\":\"There is more, but no cursor to it: say that this "
				   "is not all, or ask more narrowly.\"";
	struct tool_result *tool = result_defined(SIZED);
	struct page page;
	struct buf answer;

	page_first(tool_result_pages(tool), 0, &page);
	buf_init(&answer);
	buf_adds(&answer, "{\"value\":[{\"n\":1}],\"@odata.nextLink\":\"?$skiptoken=");
	for (int i = 0; i < 1000; i++)
		buf_adds(&answer, "abc");
	buf_adds(&answer, "\"}");
	{
		autofree char *small = result_written(tool, buf_text(&answer), &page, 2048);
		autofree char *large = result_written(tool, buf_text(&answer), &page, ROOM);

		assert_true(!strncmp(small, MORE, strlen(MORE)) && strstr(small, "{\"n\":1}"));
		assert_true(!strncmp(large, "{\"cursor\":\"t.", 13));
	}
	buf_done(&answer);
	tool_result_free(tool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_item_is_lost_or_doubled_whichever_way_pages_come),
		cmocka_unit_test(a_graph_that_gives_more_than_was_asked_for_loses_nothing),
		cmocka_unit_test(an_empty_page_in_the_middle_is_gone_through),
		cmocka_unit_test(a_place_that_no_cursor_can_hold_is_said_to_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
