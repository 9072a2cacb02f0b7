/* A cursor, a next link (what stands between its quotes) and an answer of Graph's, a line each:
 * what a tool makes of them is one JSON object within its bounds, and the cursor in it is one that
 * the tool takes. */
#include <assert.h>

#include "base/json_text.h"
#include "base/text.h"
#include "fuzz.h"
#include "graph/tool_result.h"

#define PICK                                                                                       \
	"\"pick\":{\"k\":\"a\",\"l\":\"a.b\",\"m\":{\"at\":\"b\",\"html\":true},\"n\":\"c[]\","    \
	"\"o\":{\"at\":\"d[]\",\"pick\":{\"p\":\"a\",\"q\":{\"at\":\"b[].c[]\",\"html\":true}}}}," \
	"\"others\":[\"k\",\"o.q\"]"
#define PAGE "\"page\":{\"size\":\"$top\",\"default\":10,\"max\":50}"

static struct tool_result *read_definition(const char *text)
{
	struct tool_problem problem;
	autofree_json cJSON *tree = NULL;
	struct tool_result *ret = NULL;
	autoerr(err);

	assert(json_parse(text, strlen(text), &tree, &err));
	assert(tool_result_read(tree, &ret, &problem));
	return ret;
}

/* A cursor that was written is one to go on with. */
static void check_page(const struct tool_result *tool, const struct page *page)
{
	struct buf cursor;
	struct page again;
	autoerr(err);

	buf_init(&cursor);
	page_write_cursor(page, &cursor);
	assert(cursor.len <= page_cursor_bytes(page));
	assert(page_read_cursor(tool_result_pages(tool), buf_text(&cursor), &again, &err));
	assert(again.by == page->by && again.size == page->size && again.offset == page->offset);
	assert(!page->at || !strcmp(again.at, page->at));
	page_done(&again);
	buf_done(&cursor);
}

/* What the client gets of it, if anything. */
static void check_result(
	const struct tool_result *tool, const struct graph_answer *answer, const struct page *page)
{
	struct tool_result_bounds bounds = {page, TOOL_RESULT_BYTES_MIN};
	struct json_span cursor;
	struct buf out, text;
	struct page next;
	bool nul;
	autoerr(err);

	buf_init(&out);
	buf_init(&text);
	if (tool_result_write(tool, answer, &bounds, &out, &err)) {
		struct json_span whole = {buf_text(&out), out.len};

		assert(out.len <= bounds.bytes_max && !json_flaw(whole.text, whole.len, &nul));
		assert(json_is_object(whole) && !strpbrk(whole.text, "\r\n"));
		if (page && json_find(whole, "cursor", &cursor)) {
			assert(json_unquote(cursor, &text));
			assert(page_read_cursor(
				tool_result_pages(tool), buf_text(&text), &next, &err));
			page_done(&next);
		}
	}
	buf_done(&text);
	buf_done(&out);
}

static void check_link(const struct tool_result *tool, const char *link)
{
	struct buf token;
	struct page page;
	bool nul;

	buf_init(&token);
	buf_addf(&token, "\"%s\"", link);
	if (!json_flaw(buf_text(&token), token.len, &nul) &&
		page_of_next_link((struct json_span){token.data, token.len}, 10, &page)) {
		check_page(tool, &page);
		page_done(&page);
	}
	buf_done(&token);
}

static char *take_line(char **text)
{
	char *line = *text;

	*text += strcspn(line, "\n");
	if (**text)
		*(*text)++ = '\0';
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tool_result *list = read_definition(
		"{\"list\":\"value\",\"as\":\"x\"," PICK "," PAGE "}");
	struct tool_result *one = read_definition("{" PICK "}");
	char *text = fuzz_text(data, size), *rest = text;
	const char *cursor = take_line(&rest), *link = take_line(&rest);
	struct graph_answer answer = {.status = 200};
	struct page page;
	bool nul;
	autoerr(err);

	if (!json_flaw(rest, strlen(rest), &nul))
		answer.body = json_trim((struct json_span){rest, strlen(rest)});
	if (!page_read_cursor(tool_result_pages(list), cursor, &page, &err))
		page_first(tool_result_pages(list), 0, &page);
	check_page(list, &page);
	check_link(list, link);
	check_result(list, &answer, &page);
	check_result(one, &answer, NULL);
	page_done(&page);
	tool_result_free(list);
	tool_result_free(one);
	free(text);
	return 0;
}
