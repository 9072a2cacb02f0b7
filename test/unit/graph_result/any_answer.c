/* Answers that no one would write, of a generator whose seed is fixed. */
#include "result.h"

#define RUNS SCALED(1000)

static uint32_t state_of_random = 1;

static uint32_t draw(uint32_t below)
{
	state_of_random = state_of_random * 1664525 + 1013904223;
	return (state_of_random >> 8) % below;
}

/* Short mostly, and seldom very long. */
static uint32_t draw_length(void)
{
	return draw(20) ? draw(30) : draw(8) ? draw(700) : draw(20000);
}

static void add_string(struct buf *out)
{
	static const char *const UNITS[] = {"a", "words and ", "\xc3\xa9", "\xe2\x82\xac", "\\\"",
		"\\\\", "\xf0\x9f\x98\x80", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\n",
		"\\u0000", "{\\\"a\\\":1}", "<p>", "<!-- ", "&nbsp;", "&amp;", "]", "\\/", ":",
		","};
	const char *unit = UNITS[draw(COUNT_OF(UNITS))];
	uint32_t mixed = draw(2);

	buf_adds(out, "\"");
	for (uint32_t i = draw_length(); i; i--)
		buf_adds(out, mixed ? UNITS[draw(COUNT_OF(UNITS))] : unit);
	buf_adds(out, "\"");
}

static void add_plain(struct buf *out)
{
	static const char *const VALUES[] = {"null", "true", "false", "0", "-1.5e+300"};

	if (draw(10)) {
		buf_adds(out, VALUES[draw(COUNT_OF(VALUES))]);
		return;
	}
	buf_adds(out, "1");
	for (uint32_t i = draw_length(); i; i--)
		buf_adds(out, "0");
}

static void add_blank(struct buf *out)
{
	static const char *const BLANKS[] = {"", "", "", " ", "\r\n\t", "      "};

	buf_adds(out, BLANKS[draw(COUNT_OF(BLANKS))]);
}

static void add_value(struct buf *out, int depth);

static void add_container(struct buf *out, int depth, const char *brackets)
{
	static const char *const NAMES[] = {"a", "b", "c", "d", "e", "\\u0061", "other", "a\\\"b"};
	uint32_t count = draw(depth < 3 && !draw(10) ? 60 : 5) + !depth;

	buf_add(out, brackets, 1);
	add_blank(out);
	for (uint32_t i = 0; i < count; i++) {
		buf_adds(out, i ? "," : "");
		add_blank(out);
		if (*brackets == '{' && !draw(50)) {
			add_string(out);
			buf_adds(out, ":");
		} else if (*brackets == '{') {
			buf_addf(out, "\"%s\" :", NAMES[draw(COUNT_OF(NAMES))]);
		}
		add_value(out, depth + 1);
		add_blank(out);
	}
	buf_add(out, brackets + 1, 1);
}

static void add_value(struct buf *out, int depth)
{
	uint32_t kind = draw(depth < 3 ? 8 : depth < 8 ? 5 : 3);

	if (kind < 2)
		add_string(out);
	else if (kind == 2)
		add_plain(out);
	else
		add_container(out, depth, kind % 2 ? "{}" : "[]");
}

#define PICK                                                                                       \
	"\"pick\":{\"k\":\"a\",\"l\":\"a.b\",\"m\":{\"at\":\"b\",\"html\":true},\"n\":\"c[]\","    \
	"\"o\":{\"at\":\"d[]\",\"pick\":{\"p\":\"a\",\"q\":{\"at\":\"b[].c[]\",\"html\":true}}},"  \
	"\"r\":\"c[].a\",\"s\":{\"at\":\"e\",\"pick\":{\"t\":\"a\",\"u\":\"b\",\"v\":\"d\"}}}"
#define OTHERS ",\"others\":[\"k\",\"o.q\"]"

static void assert_results(const char *definition, const char *prefix)
{
	struct tool_result *tool = result_defined(definition);
	const struct page_rules *rules = tool_result_pages(tool);

	for (int i = 0; i < RUNS; i++) {
		struct page page = {.size = 1 + draw(50), .offset = draw(4) ? 0 : draw(3)};
		autofree char *result = NULL;
		struct buf answer;

		buf_init(&answer);
		buf_adds(&answer, prefix);
		add_container(&answer, 0, *prefix ? "[]" : "{}");
		buf_adds(&answer, *prefix ? "}" : "");
		result = result_written(tool, buf_text(&answer), rules ? &page : NULL,
			2048 + draw(draw(3) ? 2000 : 40000));
		check(*result == '{', "%s: %.300s", result, answer.data);
		buf_done(&answer);
	}
	tool_result_free(tool);
}

static void an_object_of_any_answer_is_whole_json_within_its_bounds(void **state)
{
	assert_results("{" PICK OTHERS "}", "");
}

static void a_list_of_any_answer_is_whole_json_within_its_bounds(void **state)
{
	assert_results("{\"list\":\"value\",\"as\":\"x\"," PICK "}", "{\"value\":");
}

static void a_page_of_any_answer_is_whole_json_within_its_bounds(void **state)
{
	assert_results("{\"list\":\"value\",\"as\":\"x\"," PICK OTHERS
		       ",\"page\":{\"size\":\"$top\",\"default\":10,\"max\":50}}",
		"{\"@odata.nextLink\":\"?$skiptoken=abcdefghijklmnopqrstuvwxyz\",\"value\":");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_of_any_answer_is_whole_json_within_its_bounds),
		cmocka_unit_test(a_list_of_any_answer_is_whole_json_within_its_bounds),
		cmocka_unit_test(a_page_of_any_answer_is_whole_json_within_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
