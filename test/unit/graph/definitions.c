#include "graph/definitions.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asked.h"
#include "base/text.h"

static char folder[64];

static int make_folder(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/definitions.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	for (; *text; text++)
		fputc(*text == '`' ? '"' : *text, file);
	assert_int_equal(fclose(file), 0);
}

static int remove_folder(void **state)
{
	static const char *const NAMES[] = {
		"a.json", "b.json", ".c.json", "d.txt", "e.json", "\xff.json"};
	char path[128];

	for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, NAMES[i]);
		unlink(path);
		rmdir(path);
	}
	return rmdir(folder);
}

#define TOOL(name)                                                                                 \
	"{`name`:`" name "`,`title`:`T`,`description`:`D`,`permissions`:[`User.Read`],"            \
	"`request`:{`path`:`/me`},`result`:{`pick`:{`id`:`id`}}}"
#define FILE_OF(set, tools) "{`$schema`:`s`,`set`:`" set "`,`tools`:[" tools "]}"

/* The names of the tools, and the problems, a line each; the caller frees it. */
static char *loaded(const char *from)
{
	struct definitions definitions;
	struct buf out;

	buf_init(&out);
	definitions_load(from, &definitions);
	for (size_t i = 0; i < definitions.count; i++)
		buf_addf(&out, "%s.%s\n", definitions.tools[i].set, definitions.tools[i].name);
	for (size_t i = 0; i < definitions.problem_count; i++) {
		const struct tool_problem *problem = &definitions.problems[i];

		buf_addf(&out, "%s|%s|%s|%s\n", problem->file, problem->tool, problem->place,
			problem->text);
	}
	definitions_done(&definitions);
	return out.len ? out.data : xstrdup("");
}

static void tools_come_by_file_name_and_then_in_the_files_order(void **state)
{
	autofree char *is = NULL;

	write_file("b.json", FILE_OF("two", TOOL("x")));
	write_file("a.json", FILE_OF("one", TOOL("z") "," TOOL("y")));
	write_file(".c.json", FILE_OF("hidden", TOOL("h")));
	write_file("d.txt", "no definition");
	is = loaded(folder);
	assert_string_equal(is, "one.z\none.y\ntwo.x\n");
}

static void a_mistake_is_named_by_file_tool_and_place_and_costs_only_its_tool(void **state)
{
	autofree char *is = NULL;

	write_file("a.json",
		FILE_OF("one", TOOL("x") ",{`name`:`y`,`title`:``}," TOOL("Bad") "," TOOL("z")));
	write_file("b.json", FILE_OF("two", TOOL("x") "," TOOL("w")));
	is = loaded(folder);
	assert_string_equal(is,
		"one.x\none.z\ntwo.w\n"
		"a.json|y|title|This must be a text of one line.\n"
		"a.json||tools[2].name|A name is of a-z, 0-9 and _, begins with a letter, is no "
		"longer than 64, and is not shared.\n"
		"b.json|x|name|There is a tool of this name already.\n");
}

static void a_file_that_is_none_is_a_problem_and_the_others_work(void **state)
{
	static const char *const BAD[][2] = {
		{"", "a.json|||The JSON"},
		{"{`set`:`one`", "a.json|||"},
		{"{`set`:`one`,`set`:`two`,`tools`:[]}",
			"a.json|||An object in the JSON holds a name twice."},
		{"[]", "a.json|||This must be an object."},
		{"{`set`:`One`,`tools`:[]}", "a.json||set|"},
		{"{`set`:`shared`,`tools`:[]}", "a.json||set|"},
		{"{`tools`:[]}", "a.json||set|"},
		{"{`set`:`one`,`tools`:{}}", "a.json||tools|This must be an array of tools."},
		{"{`set`:`one`,`tools`:[],`tool`:1}", "a.json||tool|There is no such member; those "
						      "known here are: $schema set tools."},
		{"{`set`:`one`,`tools`:[7]}", "a.json||tools[0].name|"},
	};

	write_file("b.json", FILE_OF("two", TOOL("w")));
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		autofree char *is = NULL, *expected = NULL;
		struct buf both;

		write_file("a.json", BAD[i][0]);
		is = loaded(folder);
		buf_init(&both);
		buf_addf(&both, "two.w\n%s", BAD[i][1]);
		expected = both.data;
		if (i == 0) /* json_flaw's own sentence */
			expected[strlen("two.w\na.json|||")] = '\0';
		check(!strncmp(is, expected, strlen(expected)), "%s gives %s", BAD[i][0], is);
	}
}

static void what_cannot_be_read_is_a_problem(void **state)
{
	autofree char *none = loaded("/nowhere/at/all"), *is = NULL;
	char path[128];

	assert_string_equal(none, "|||The folder of Graph tools cannot be read.\n");
	snprintf(path, sizeof(path), "%s/e.json", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	is = loaded(folder);
	assert_string_equal(is, "e.json|||This is no regular file.\n");
}

/* Were it opened as a file is, the test would wait for a writer. */
static void what_is_no_file_is_a_problem_and_holds_up_nothing(void **state)
{
	autofree char *is = NULL;
	char path[128];

	write_file("b.json", FILE_OF("two", TOOL("w")));
	snprintf(path, sizeof(path), "%s/a.json", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/e.json", folder);
	assert_int_equal(symlink("/dev/zero", path), 0);
	is = loaded(folder);
	assert_string_equal(is, "two.w\na.json|||This is no regular file.\n"
				"e.json|||This is no regular file.\n");
}

static void a_file_of_more_than_a_mebibyte_is_left_out(void **state)
{
	autofree char *is = NULL, *text = xcalloc((1 << 20) + 2, 1);

	memset(text, ' ', (1 << 20) + 1);
	write_file("a.json", text);
	is = loaded(folder);
	assert_string_equal(is, "a.json|||The file is longer than 1 MiB.\n");
}

static void a_byte_order_mark_is_skipped(void **state)
{
	autofree char *is = NULL;

	write_file("a.json", "\xef\xbb\xbf" FILE_OF("one", TOOL("x")));
	is = loaded(folder);
	assert_string_equal(is, "one.x\n");
}

#define FIFTY(text) TEN(text) TEN(text) TEN(text) TEN(text) TEN(text)
#define TEN(text) text text text text text text text text text text

static void a_problem_is_text_wherever_it_is_cut(void **state)
{
	struct definitions definitions;

	write_file("a.json", "{`" FIFTY("é") FIFTY("é") "`:1}");
	write_file("b.json", "{`x" FIFTY("é") FIFTY("é") "`:1}");
	write_file("\xff.json", "{`set`:`one`,`tools`:[{`name`:`x`,`title`:7}]}");
	definitions_load(folder, &definitions);
	assert_int_equal(definitions.problem_count, 3);
	for (size_t i = 0; i < definitions.problem_count; i++) {
		const struct tool_problem *problem = &definitions.problems[i];

		check(utf8_valid(problem->place, strlen(problem->place)), "%s", problem->place);
		check(utf8_valid(problem->file, strlen(problem->file)), "%s", problem->file);
	}
	assert_string_equal(definitions.problems[2].file, "?.json");
	definitions_done(&definitions);
}

static void of_more_than_200_tools_the_rest_is_left_out(void **state)
{
	struct definitions definitions;
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "{`set`:`one`,`tools`:[{}");
	for (int i = 0; i < 300; i++)
		buf_addf(&text,
			",{`name`:`t%d`,`title`:`T`,`description`:`D`,`permissions`:[`A`],"
			"`request`:{`path`:`/me`},`result`:{`pick`:{`id`:`id`}}}",
			i);
	buf_adds(&text, "]}");
	write_file("a.json", text.data);
	buf_done(&text);
	definitions_load(folder, &definitions);
	assert_int_equal(definitions.count, 199);
	assert_int_equal(definitions.problem_count, 2);
	definitions_done(&definitions);
}

static void many_problems_are_all_kept(void **state)
{
	struct definitions definitions;
	struct tool_problem problem = {.tool = ""};

	definitions_load(folder, &definitions);
	for (int i = 0; i < 100; i++) {
		snprintf(problem.tool, sizeof(problem.tool), "t%d", i);
		definitions_add_problem(&definitions, &problem);
	}
	assert_int_equal(definitions.problem_count, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(atol(definitions.problems[i].tool + 1), i);
	definitions_done(&definitions);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(tools_come_by_file_name_and_then_in_the_files_order),
		IN_FOLDER(a_mistake_is_named_by_file_tool_and_place_and_costs_only_its_tool),
		IN_FOLDER(a_file_that_is_none_is_a_problem_and_the_others_work),
		IN_FOLDER(what_cannot_be_read_is_a_problem),
		IN_FOLDER(what_is_no_file_is_a_problem_and_holds_up_nothing),
		IN_FOLDER(a_file_of_more_than_a_mebibyte_is_left_out),
		IN_FOLDER(a_byte_order_mark_is_skipped),
		IN_FOLDER(a_problem_is_text_wherever_it_is_cut),
		IN_FOLDER(of_more_than_200_tools_the_rest_is_left_out),
		IN_FOLDER(many_problems_are_all_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
