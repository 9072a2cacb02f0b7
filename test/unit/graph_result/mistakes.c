#include "result.h"

#define PICK "\"pick\":{\"id\":\"id\",\"to\":{\"at\":\"to[]\",\"pick\":{\"n\":\"n\"}}}"
#define LIST "\"list\":\"value\",\"as\":\"mails\"," PICK
#define PAGE(page) "{" LIST ",\"page\":" page "}"
#define ONE(pick) "{\"pick\":{\"x\":" pick "}}"

static const struct {
	const char *definition, *place;
} CASES[] = {
	{"[]", ""},
	{"{}", "pick"},
	{"{\"say\":7}", "say"},
	{"{\"say\":\"\"}", "say"},
	{"{\"say\":\"Done.\"," PICK "}", ""},
	{"{" LIST ",\"pages\":{}}", ""},
	{"{\"pick\":[]}", "pick"},
	{"{\"pick\":{}}", "pick"},
	{"{\"as\":\"mails\"," PICK "}", "as"},
	{"{\"list\":\"value\"," PICK "}", "as"},
	{"{\"list\":\"value\",\"as\":\"Mails\"," PICK "}", "as"},
	{"{\"list\":\"value\",\"as\":\"my_mails\"," PICK "}", "as"},
	{"{\"list\":\"value\",\"as\":\"cursor\"," PICK "}", "as"},
	{"{\"list\":\"value\",\"as\":\"othersWrote\"," PICK "}", "as"},
	{"{\"list\":\"value[]\",\"as\":\"mails\"," PICK "}", "list"},
	{"{\"list\":\"\",\"as\":\"mails\"," PICK "}", "list"},
	{"{\"list\":null,\"as\":\"mails\"," PICK "}", "list"},
	{"{\"pick\":{\"more\":\"a\"}}", "pick"},
	{"{\"pick\":{\"a b\":\"a\"}}", "pick"},
	{"{\"pick\":{\"\":\"a\"}}", "pick"},
	{"{\"pick\":{\"1a\":\"a\"}}", "pick"},
	{"{\"pick\":{\"abcdefghijklmnopqrstuvwxyz1234567\":\"a\"}}", "pick"},
	{ONE("7"), "pick.x"},
	{ONE("null"), "pick.x"},
	{ONE("\"\""), "pick.x"},
	{ONE("\".a\""), "pick.x"},
	{ONE("\"a.\""), "pick.x"},
	{ONE("\"a..b\""), "pick.x"},
	{ONE("\"[]\""), "pick.x"},
	{ONE("\"a[\""), "pick.x"},
	{ONE("\"a[0]\""), "pick.x"},
	{ONE("\"a[]b\""), "pick.x"},
	{ONE("\"a b\""), "pick.x"},
	{ONE("\"a,b\""), "pick.x"},
	{ONE("\"\xc3\xa9\""), "pick.x"},
	{ONE("\"a.b.c.d.e.f.g.h.i\""), "pick.x"},
	{ONE("{\"pick\":{\"y\":\"y\"}}"), "pick.x.at"},
	{ONE("{\"at\":\"a\"}"), "pick.x"},
	{ONE("{\"at\":\"a\",\"html\":false}"), "pick.x.html"},
	{ONE("{\"at\":\"a\",\"html\":true,\"pick\":{\"y\":\"y\"}}"), "pick.x"},
	{ONE("{\"at\":\"a\",\"pick\":{\"y\":\"\"}}"), "pick.x.pick.y"},
	{ONE("{\"at\":\"a\",\"to\":1}"), "pick.x"},
	{"{" LIST ",\"others\":\"id\"}", "others"},
	{"{" LIST ",\"others\":[]}", "others"},
	{"{" LIST ",\"others\":[7]}", "others"},
	{"{" LIST ",\"others\":[\"subject\"]}", "others"},
	{"{" LIST ",\"others\":[\"to.x\"]}", "others"},
	{"{" LIST ",\"others\":[\"id.x\"]}", "others"},
	{"{" LIST ",\"others\":[\"to.\"]}", "others"},
	{"{" PICK ",\"page\":{\"default\":1,\"max\":1}}", "page"},
	{PAGE("7"), "page"},
	{PAGE("{\"default\":1}"), "page.max"},
	{PAGE("{\"max\":1}"), "page.default"},
	{PAGE("{\"default\":2,\"max\":1}"), "page.default"},
	{PAGE("{\"default\":0,\"max\":1}"), "page.default"},
	{PAGE("{\"default\":1,\"max\":1001}"), "page.max"},
	{PAGE("{\"default\":1,\"max\":1.5}"), "page.max"},
	{PAGE("{\"default\":1,\"max\":1,\"size\":7}"), "page.size"},
	{PAGE("{\"default\":1,\"max\":1,\"size\":\"$top&x\"}"), "page.size"},
	{PAGE("{\"default\":1,\"max\":1,\"size\":\"\"}"), "page.size"},
	{PAGE("{\"default\":1,\"max\":1,\"sizes\":\"$top\"}"), "page"},
};

static void a_mistake_in_a_result_is_named_with_its_place(void **state)
{
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct tool_problem problem = {.text = ""};
		autofree_json cJSON *tree = NULL;
		struct tool_result *result;
		autoerr(err);

		assert_true(
			json_parse(CASES[i].definition, strlen(CASES[i].definition), &tree, &err));
		check(!tool_result_read(tree, &result, &problem), "%s", CASES[i].definition);
		check(*problem.text && !strcmp(problem.place, CASES[i].place), "%s: %s %s",
			CASES[i].definition, problem.place, problem.text);
	}
}

static void what_is_said_of_others_words_has_bounds(void **state)
{
	static const char NAME[] = "abcdefghijklmnopqrstuvwxyz123456";
	struct tool_problem problem = {.text = ""};
	autofree_json cJSON *tree = cJSON_CreateObject();
	cJSON *pick = json_add_object(tree, "pick"), *others = json_add_array(tree, "others");
	struct tool_result *result;

	json_add(pick, NAME, "a");
	for (int i = 0; i < 15; i++)
		cJSON_AddItemToArray(others, cJSON_CreateString(NAME));
	assert_true(tool_result_read(tree, &result, &problem));
	tool_result_free(result);
	for (int i = 0; i < 2; i++)
		cJSON_AddItemToArray(others, cJSON_CreateString(NAME));
	assert_false(tool_result_read(tree, &result, &problem));
	assert_string_equal(problem.place, "others");
}

static void an_object_has_no_more_picks_than_there_is_room_for(void **state)
{
	struct tool_problem problem = {.text = ""};
	autofree_json cJSON *tree = cJSON_CreateObject();
	cJSON *pick = json_add_object(tree, "pick");
	struct tool_result *result;
	char name[8];

	for (int i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		json_add(pick, name, "a");
	}
	assert_true(tool_result_read(tree, &result, &problem));
	tool_result_free(result);
	json_add(pick, "b", "a");
	assert_false(tool_result_read(tree, &result, &problem));
	assert_string_equal(problem.place, "pick");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_in_a_result_is_named_with_its_place),
		cmocka_unit_test(what_is_said_of_others_words_has_bounds),
		cmocka_unit_test(an_object_has_no_more_picks_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
