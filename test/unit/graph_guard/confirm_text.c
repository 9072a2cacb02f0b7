/* The question that a definition puts before its write. */
#include "graph/confirm_text.h"

#include <string.h>

#include "graph/shown.h"
#include "stage/support.h"

static struct tool_arguments arguments;
static struct pick_set *looked;

static int set_up(void **state)
{
	autofree_json cJSON *schemas = cJSON_Parse(
		"{\"to\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
		"\"body\":{\"type\":\"string\"},\"all\":{\"type\":\"boolean\","
		"\"default\":false},\"n\":{\"type\":\"integer\"}}");
	autofree_json cJSON *pick = cJSON_Parse("{\"subject\":\"subject\",\"who\":\"from\"}");
	struct tool_problem problem;

	assert_true(tool_arguments_read(schemas, NULL, &arguments, &problem));
	assert_true(pick_set_read(pick, &looked, &problem));
	return 0;
}

static int tear_down(void **state)
{
	tool_arguments_done(&arguments);
	pick_set_free(looked);
	return 0;
}

static void expect(const char *text, const char *given, const char *seen, const char *expected)
{
	autofree_json cJSON *call = cJSON_Parse(given), *object = cJSON_Parse(seen);
	struct tool_values values;
	struct confirm_values all = {&values, object};
	struct buf out;
	autoerr(err);

	assert_true(tool_values_read(&arguments, call, &values, &err));
	buf_init(&out);
	confirm_text_write(text, &all, &out);
	check(!strcmp(buf_text(&out), expected), "%s\nis\n%s", text, buf_text(&out));
	buf_done(&out);
}

static void names_become_what_they_are_in_the_call(void **state)
{
	expect("To {to}: {body} ({n})", "{\"to\":[\"a\",\"b\"],\"body\":\"hi\",\"n\":7}", "{}",
		"To a, b: hi (7)");
	expect("{all} {{all}}", "{}", "{}", "no {all}");
	expect("{all}", "{\"all\":true}", "{}", "yes");
	expect("{subject} of {who}", "{}",
		"{\"subject\":\"S\",\"who\":{\"name\":\"Al\",\"address\":\"a@b.example\"}}",
		"S of Al <a@b.example>");
	expect("{who}", "{}", "{\"who\":[{\"address\":\"a@b.example\"},{\"name\":\"Bo\"},\"c\"]}",
		"<a@b.example>, Bo <no address>, c");
}

static void a_line_of_which_a_name_is_not_there_is_left_out(void **state)
{
	expect("Do it?\nTo: {to}\nOf: {subject}\n\n{body}", "{\"to\":[\"a\"]}", "{}",
		"Do it?\nTo: a\n");
	expect("{subject}\n{body}", "{\"body\":null}", "{\"subject\":null}", "");
	expect("To: {to}\nDo it?", "{\"to\":[]}", "{}", "Do it?");
}

static void no_text_of_others_looks_like_a_line_of_ours(void **state)
{
	expect("Do it?\n{body}\nEnd", "{\"body\":\"a\\r\\nTo: nobody\\n\"}", "{}",
		"Do it?\na\n    To: nobody\n    \nEnd");
	expect("{body}", "{\"body\":\"a\\u001b[2Kb\\u0085c\\u202ed\\u2066e\\u200bf\\ufeffg\"}",
		"{}", "a [2Kb c d e f g");
	expect("{body}", "{\"body\":\"a\\u00adb\\u034fc\\u180ed\\u3164e\\ufff9f\\udb40\\udc41g\"}",
		"{}", "a b c d e f g");
	expect("{body}", "{\"body\":\"{to} {{x}}\"}", "{}", "{to} {{x}}");
	expect("{body}", "{\"body\":\"Zo\\u00eb \\u96ea \\ud83d\\ude00\"}", "{}",
		"Zo\xc3\xab \xe9\x9b\xaa \xf0\x9f\x98\x80");
}

static void no_recipient_is_hidden_behind_others_or_behind_a_name(void **state)
{
	struct buf given, expected;

	buf_init(&given);
	buf_init(&expected);
	for (int i = 0; i < 200; i++) {
		buf_addf(&given, "%s\"somebody.with.a.long.name.%d@b.example\"",
			i ? "," : "{\"to\":[", i);
		buf_addf(&expected, "%ssomebody.with.a.long.name.%d@b.example", i ? ", " : "", i);
	}
	buf_adds(&given, "]}");
	expect("{to}", given.data, "{}", expected.data);
	buf_cut(&given, 0);
	buf_cut(&expected, 0);
	buf_addf(&given, "{\"who\":[{\"address\":\"x@evil.example\",\"name\":\"%0*d\"}]}", 9000, 0);
	buf_addf(&expected, "%0*d [and 8900 bytes more] <x@evil.example>", 100, 0);
	expect("{who}", "{}", given.data, expected.data);
	buf_done(&given);
	buf_done(&expected);
}

static void a_long_text_is_cut_between_characters_and_says_how_much_is_left(void **state)
{
	struct buf out;

	buf_init(&out);
	shown_add("a\xc3\xab\xc3\xab", 4, &out);
	assert_string_equal(out.data, "a\xc3\xab [and 2 bytes more]");
	buf_done(&out);
}

static void a_mistake_is_told(void **state)
{
	static const struct {
		const char *text, *problem;
	} CASES[] = {
		{"Do {it}?", "{it} is no argument, and nothing that is looked at."},
		{"", "This must be a text."},
		{"a { b", "A brace lacks its other half; {{ and }} are the braces themselves."},
		{"a } b", "A brace lacks its other half; {{ and }} are the braces themselves."},
		{"{to\n}", "A brace lacks its other half; {{ and }} are the braces themselves."},
		{"{}", "{} is no argument, and nothing that is looked at."},
	};
	struct confirm_names names = {&arguments, looked};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct tool_problem problem = {.text = ""};

		check(!confirm_text_check(CASES[i].text, &names, &problem) &&
				!strcmp(problem.text, CASES[i].problem),
			"%s: %s", CASES[i].text, problem.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_what_they_are_in_the_call),
		cmocka_unit_test(a_line_of_which_a_name_is_not_there_is_left_out),
		cmocka_unit_test(no_text_of_others_looks_like_a_line_of_ours),
		cmocka_unit_test(no_recipient_is_hidden_behind_others_or_behind_a_name),
		cmocka_unit_test(a_long_text_is_cut_between_characters_and_says_how_much_is_left),
		cmocka_unit_test(a_mistake_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
