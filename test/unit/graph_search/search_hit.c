/* A hit of Microsoft Search, of each shape that its documentation shows, becomes a result. */
#include "graph/search_hit.h"

#include <string.h>

#include "stage/support.h"

/* ` stands for ". The result, "" for none; the caller frees it. */
static char *written(enum found_kind searched, const char *hit)
{
	autofree char *json = xstrdup(hit);
	struct buf out;
	bool nul;

	for (char *p = json; *p; p++)
		*p = *p == '`' ? '"' : *p;
	check(!json_flaw(json, strlen(json), &nul), "%s", json);
	buf_init(&out);
	buf_adds(&out, "");
	if (!search_hit_write(searched, (struct json_span){json, strlen(json)}, &out))
		assert_int_equal(out.len, 0);
	for (size_t i = 0; i < out.len; i++)
		out.data[i] = out.data[i] == '"' ? '`' : out.data[i];
	return out.data;
}

struct hit_case {
	enum found_kind searched;
	const char *hit, *expected;
};

static void assert_written(const struct hit_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autofree char *is = written(cases[i].searched, cases[i].hit);

		check(!strcmp(is, cases[i].expected), "%s gives\n%s\nand not\n%s", cases[i].hit, is,
			cases[i].expected);
	}
}
#define ASSERT_WRITTEN(cases) assert_written(cases, COUNT_OF(cases))

static void each_kind_of_hit_has_an_id_title_address_and_text(void **state)
{
	static const struct hit_case CASES[] = {
		{FOUND_MAIL,
			"{`hitId`:`AAMk_-=`,`summary`:`A digest`,`resource`:{`@odata.type`:"
			"`#microsoft.graph.message`,`subject`:`Weekly`,`webLink`:"
			"`https://outlook.office365.com/owa/?ItemID=AA%2B`}}",
			"{`id`:`mail:AAMk_-%3D`,`title`:`Weekly`,`url`:"
			"`https://outlook.office365.com/owa/?ItemID=AA%2B`,`text`:`A digest`}"},
		{FOUND_EVENT, "{`hitId`:`AAMk/+=`,`summary`:``,`resource`:{`subject`:`Review`}}",
			"{`id`:`event:AAMk-_%3D`,`title`:`Review`,`url`:``,`text`:``}"},
		{FOUND_CHAT,
			"{`hitId`:`x`,`summary`:`...Test`,`resource`:{`@odata.type`:"
			"`microsoft.graph.chatMessage`,`id`:`165`,`subject`:``,`from`:"
			"{`emailAddress`:{`name`:`Goncalo`}},`channelIdentity`:{},`chatId`:"
			"`19:b@thread.v2`}}",
			"{`id`:`chat:19%3Ab%40thread.v2/165`,`title`:`Goncalo: a message`,`url`:``,"
			"`text`:`...Test`}"},
		{FOUND_CHAT,
			"{`hitId`:`x`,`resource`:{`id`:`165`,`subject`:`S`,`chatId`:`c`,"
			"`channelIdentity`:{`teamId`:`t`,`channelId`:`19:c`}}}",
			"{`id`:`post:t/19%3Ac/165`,`title`:`S`,`url`:``,`text`:``}"},
		{FOUND_FILE,
			"{`hitId`:`01SH`,`summary`:`<c0>Contoso</c0> &amp; co<ddd/>`,`resource`:"
			"{`@odata.type`:`#microsoft.graph.driveItem`,`id`:`01SH`,`name`:`c.txt`,"
			"`parentReference`:{`driveId`:`b!U`,`id`:`01PARENT`,`siteId`:`h,a,b`},"
			"`webUrl`:`https://h.sharepoint.com/Document Library/c.txt`}}",
			"{`id`:`file:b%21U/01SH`,`title`:`c.txt`,`url`:"
			"`https://h.sharepoint.com/Document%20Library/c.txt`,"
			"`text`:`Contoso & co…`}"},
		{FOUND_FILE,
			"{`hitId`:`g1`,`resource`:{`@odata.type`:`#microsoft.graph.listItem`,"
			"`id`:`g1`,`name`:`Issue`,`sharepointIds`:{`listId`:`l`,`listItemId`:`4`},"
			"`parentReference`:{`siteId`:`h,a,b`},`webUrl`:`https://h/x`}}",
			"{`id`:`item:h%2Ca%2Cb/l/4`,`title`:`Issue`,`url`:`https://h/"
			"x`,`text`:``}"},
		{FOUND_FILE,
			"{`hitId`:`g1`,`resource`:{`@odata.type`:`#microsoft.graph.listItem`,"
			"`fields`:{`title`:`T`},`parentReference`:{`siteId`:`h,a,b`,"
			"`sharepointIds`:{`listId`:`l`}}}}",
			"{`id`:`item:h%2Ca%2Cb/l/g1`,`title`:`T`,`url`:``,`text`:``}"},
		{FOUND_FILE,
			"{`hitId`:`h,a,b`,`resource`:{`@odata.type`:`#microsoft.graph.site`,"
			"`displayName`:`Team`,`name`:`team`,`description`:`All of us`}}",
			"{`id`:`site:h%2Ca%2Cb`,`title`:`Team`,`url`:``,`text`:`All of us`}"},
	};

	ASSERT_WRITTEN(CASES);
}

static void a_hit_that_graph_gives_no_way_to_can_still_be_opened(void **state)
{
	static const struct hit_case CASES[] = {
		{FOUND_FILE,
			"{`hitId`:`FlUL/ui/1G`,`resource`:{`@odata.type`:"
			"`#microsoft.graph.driveItem`,`name`:`n`,`webUrl`:`https://h/n`}}",
			"{`id`:`hit:FlUL-ui-1G`,`title`:`n`,`url`:`https://h/n`,`text`:``}"},
		{FOUND_FILE,
			"{`hitId`:`x`,`resource`:{`@odata.type`:`#microsoft.graph.list`,"
			"`id`:`x`}}",
			"{`id`:`hit:x`,`title`:`Untitled`,`url`:``,`text`:``}"},
		{FOUND_CHAT, "{`hitId`:`x`,`resource`:{`id`:`1`}}",
			"{`id`:`hit:x`,`title`:`A message`,`url`:``,`text`:``}"},
		{FOUND_FILE, "{`hitId`:`x`}",
			"{`id`:`hit:x`,`title`:`Untitled`,`url`:``,`text`:``}"},
	};

	ASSERT_WRITTEN(CASES);
}

static void a_hit_without_an_id_is_left_out(void **state)
{
	static const struct hit_case CASES[] = {
		{FOUND_MAIL, "{}", ""},
		{FOUND_MAIL, "[]", ""},
		{FOUND_MAIL, "7", ""},
		{FOUND_MAIL, "{`hitId`:7}", ""},
		{FOUND_MAIL, "{`hitId`:`..`}", ""},
		{FOUND_FILE, "{`hitId`:`a b`}", ""},
		{FOUND_MAIL, "{`hitId`:`a\\u0000`}", ""},
	};

	ASSERT_WRITTEN(CASES);
}

static void words_of_others_stay_on_their_line_and_in_their_place(void **state)
{
	static const struct hit_case CASES[] = {
		{FOUND_MAIL,
			"{`hitId`:`x`,`summary`:`a\\n\\n<b>c</b> <me@x.example> "
			"<c12>d</c12><ddd/><c>`,`resource`:{`subject`:`\\r\\n Sub\\tject\\n `,"
			"`webLink`:`javascript:alert(1)`}}",
			"{`id`:`mail:x`,`title`:`Sub ject`,`url`:``,"
			"`text`:`a <b>c</b> <me@x.example> d…<c>`}"},
		{FOUND_FILE,
			"{`hitId`:`x`,`summary`:`<i>x</i>&lt;b&gt; &eacute;&nope; a<`,`resource`:"
			"{`webUrl`:`https://h/\\u00fc?a=\\\"b`}}",
			"{`id`:`hit:x`,`title`:`https://h/%C3%BC?a=%22b`,`url`:"
			"`https://h/%C3%BC?a=%22b`,`text`:`<i>x</i><b> é&nope; a<`}"},
		{FOUND_MAIL, "{`hitId`:`x`,`resource`:{`webLink`:`http://h/`,`subject`:[7]}}",
			"{`id`:`mail:x`,`title`:`Untitled`,`url`:``,`text`:``}"},
		{FOUND_MAIL, "{`hitId`:`x`,`resource`:{`webLink`:`https://u:p@h/`}}",
			"{`id`:`mail:x`,`title`:`Untitled`,`url`:``,`text`:``}"},
	};

	ASSERT_WRITTEN(CASES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_hit_has_an_id_title_address_and_text),
		cmocka_unit_test(a_hit_that_graph_gives_no_way_to_can_still_be_opened),
		cmocka_unit_test(a_hit_without_an_id_is_left_out),
		cmocka_unit_test(words_of_others_stay_on_their_line_and_in_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
