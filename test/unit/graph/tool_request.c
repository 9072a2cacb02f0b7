#include "graph/tool_request.h"

#include "asked.h"

#define S "{`type`:`string`}"
#define TIME "{`type`:`string`,`format`:`date-time`}"
#define PEOPLE "{`type`:`array`,`items`:{`type`:`string`},`maxItems`:20}"

/* Graph refuses $search beside $filter or $orderby, and an order whose property is not the filter's
 * first. */
#define LIST_MAIL                                                                                  \
	"{`arguments`:{`folder`:{`type`:`string`,`default`:`inbox`},`search`:" S ",`from`:" S      \
	",`unread`:{`type`:`boolean`},`since`:" TIME ",`until`:" TIME "},"                         \
	"`request`:{`path`:`/me/mailFolders/{folder}/messages`,`query`:{"                          \
	"`$select`:true,"                                                                          \
	"`$search`:{`kql`:[`{search}`,`from:\\`{from}\\``,`received>={since}`,"                    \
	"`received<={until}`],`when`:`search`},"                                                   \
	"`$filter`:{`all`:[`from/emailAddress/address eq '{from}'`,"                               \
	"{`choose`:`unread`,`of`:{`true`:`isRead eq false`}},`receivedDateTime ge {since}`,"       \
	"`receivedDateTime le {until}`,`receivedDateTime ge 1900-01-01T00:00:00Z`],"               \
	"`unless`:`search`},"                                                                      \
	"`$orderby`:{`value`:`receivedDateTime desc`,`unless`:[`search`]}},"                       \
	"`headers`:{`Prefer`:[`IdType=\\`ImmutableId\\``,`outlook.body-content-type=\\`text\\``]}" \
	"}}"

#define MAIL_HEAD "GET /v1.0/me/mailFolders/inbox/messages\n$select=id,subject\n"
#define MAIL_TAIL "\nPrefer: IdType=\"ImmutableId\", outlook.body-content-type=\"text\""
#define FILTER "$filter=receivedDateTime ge 1900-01-01T00:00:00Z"
#define ORDER "\n$orderby=receivedDateTime desc" MAIL_TAIL

static void list_mail_searches_or_filters_and_a_filter_begins_with_its_constant(void **state)
{
	static const struct asked_case CASES[] = {
		{"{}", MAIL_HEAD FILTER ORDER},
		{"{`unread`:true,`from`:`o'neill@example.com`}",
			MAIL_HEAD FILTER " and from/emailAddress/address eq 'o''neill@example.com'"
					 " and isRead eq false" ORDER},
		{"{`unread`:false}", MAIL_HEAD FILTER ORDER},
		{"{`since`:`2026-11-27T10:00:00+01:00`,`until`:null}",
			MAIL_HEAD FILTER " and receivedDateTime ge 2026-11-27T09:00:00Z" ORDER},
		{"{`search`:`budget OR plan`,`from`:`bo`}",
			MAIL_HEAD "$search=\"(budget OR plan) AND from:\\\"bo\\\"\"" MAIL_TAIL},
		{"{`search`:`budget`,`folder`:`AAMk=_-1!`}",
			"GET /v1.0/me/mailFolders/AAMk%3D_-1%21/messages\n$select=id,subject\n"
			"$search=\"budget\"" MAIL_TAIL},
		{"{`search`:`\\`annual plan\\` budget`,`since`:`2026-11-27T00:00Z`}",
			MAIL_HEAD "$search=\"(\\\"annual plan\\\" budget) AND "
				  "received>=2026-11-27T00:00:00Z\"" MAIL_TAIL},
	};

	ASSERT_ASKED(LIST_MAIL, CASES);
}

static void search_users_asks_for_eventual_consistency(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`query`:" S "},`required`:[`query`],`request`:{`path`:`/users`,"
		"`query`:{`$search`:`\\`displayName:{query}\\` OR \\`mail:{query}\\``,"
		"`$count`:`true`,`$select`:true},`headers`:{`ConsistencyLevel`:`eventual`}}}";
	static const struct asked_case CASES[] = {
		{"{`query`:`Ada \\`the\\\\first`}",
			"GET /v1.0/users\n$search=\"displayName:Ada \\\"the\\\\first\" OR "
			"\"mail:Ada \\\"the\\\\first\"\n$count=true\n$select=id,subject\n"
			"ConsistencyLevel: eventual"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void find_free_time_writes_moments_without_their_z_beside_the_zone(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`people`:" PEOPLE ",`start`:" TIME ",`end`:" TIME ","
		"`time_zone`:{`type`:`string`,`default`:`UTC`},`minutes`:{`type`:`integer`,"
		"`default`:30}},`required`:[`people`,`start`,`end`],"
		"`request`:{`method`:`POST`,`path`:`/me/calendar/getSchedule`,"
		"`headers`:{`Prefer`:`outlook.timezone=\\`{time_zone}\\``},"
		"`body`:{`schedules`:`{people}`,`startTime`:{`dateTime`:`{start}`,`timeZone`:`UTC`}"
		","
		"`endTime`:{`dateTime`:`{end}`,`timeZone`:`UTC`},"
		"`availabilityViewInterval`:`{minutes}`}}}";
	static const struct asked_case CASES[] = {
		{"{`people`:[`a@x`,`b\\``],`start`:`2026-11-27T10:00:00+01:00`,"
		 "`end`:`2026-11-27T18:00Z`}",
			"POST /v1.0/me/calendar/getSchedule\nPrefer: outlook.timezone=\"UTC\"\n"
			"{\"schedules\":[\"a@x\",\"b\\\"\"],"
			"\"startTime\":{\"dateTime\":\"2026-11-27T09:00:00\",\"timeZone\":\"UTC\"},"
			"\"endTime\":{\"dateTime\":\"2026-11-27T18:00:00\",\"timeZone\":\"UTC\"},"
			"\"availabilityViewInterval\":30}"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void draft_reply_goes_to_one_of_two_paths(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`id`:" S ",`comment`:" S ",`all`:{`type`:`boolean`,"
		"`default`:false}},`required`:[`id`],`request`:{`method`:`POST`,`path`:"
		"{`choose`:`all`,`of`:{`true`:`/me/messages/{id}/createReplyAll`,"
		"`false`:`/me/messages/{id}/createReply`}},`body`:{`comment`:`{comment}`}}}";
	static const struct asked_case CASES[] = {
		{"{`id`:`a/b`}",
			"400: id must be an id: not empty, without / and \\, no dots alone, and "
			"not beginning with $."},
		{"{`id`:`a=`}", "POST /v1.0/me/messages/a%3D/createReply"},
		{"{`id`:`a`,`all`:true,`comment`:`Yes.\\nAda`}",
			"POST /v1.0/me/messages/a/createReplyAll\n{\"comment\":\"Yes.\\nAda\"}"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

#define ADDRESS "{`emailAddress`:{`address`:`{item}`}}"

static void send_mail_makes_a_recipient_of_each_address(void **state)
{
	static const char TOOL[] =
		"{`arguments`:{`to`:" PEOPLE ",`cc`:" PEOPLE ",`subject`:" S ",`body`:" S ","
		"`html`:{`type`:`boolean`},`importance`:{`type`:`string`,`enum`:[`low`,`high`]}},"
		"`required`:[`to`,`subject`],`request`:{`method`:`POST`,`path`:`/me/sendMail`,"
		"`body`:{`message`:{`subject`:`{subject}`,`body`:{`value`:{`contentType`:"
		"{`choose`:`html`,`of`:{`true`:`html`,`false`:`text`}},`content`:`{body}`},"
		"`when`:`body`},"
		"`toRecipients`:{`each`:`to`,`as`:" ADDRESS "},"
		"`ccRecipients`:{`each`:`cc`,`as`:" ADDRESS "},`importance`:`{importance}`},"
		"`saveToSentItems`:true}}}";
	static const struct asked_case CASES[] = {
		{"{`to`:[`a@x`,`b\\`},{\\`@x`],`subject`:`{to} Hi`}",
			"POST /v1.0/me/sendMail\n{\"message\":{\"subject\":\"{to} Hi\","
			"\"toRecipients\":[{\"emailAddress\":{\"address\":\"a@x\"}},"
			"{\"emailAddress\":{\"address\":\"b\\\"},{\\\"@x\"}}]},"
			"\"saveToSentItems\":true}"},
		{"{`to`:[`a`],`cc`:[],`subject`:``,`body`:`<b>`,`html`:true,`importance`:`high`}",
			"POST /v1.0/me/sendMail\n{\"message\":{\"subject\":\"\","
			"\"body\":{\"contentType\":\"html\",\"content\":\"<b>\"},"
			"\"toRecipients\":[{\"emailAddress\":{\"address\":\"a\"}}],"
			"\"ccRecipients\":[],\"importance\":\"high\"},\"saveToSentItems\":true}"},
	};

	ASSERT_ASKED(TOOL, CASES);
}

static void a_page_is_asked_for_by_its_size_and_its_one_parameter(void **state)
{
	static const char TOOL[] = "{`request`:{`path`:`/me/messages`,`query`:{`$select`:true}}}";
	static char top[] = "$top", skip[] = "40", token[] = "a&$filter=1+1 #%é";
	struct page_rules rules = {.size_parameter = top, .size = 10, .size_max = 50};
	struct page pages[] = {{PAGE_FIRST, NULL, 10, 0}, {PAGE_SKIP, skip, 25, 3},
		{PAGE_SKIPTOKEN, token, 50, 0}};
	static const char *const EXPECTED[] = {
		"$top=10", "$top=25\n$skip=40", "$top=50\n$skiptoken=a&$filter=1+1 #%é"};

	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		autofree char *is = asked_paged(TOOL, "{}", &rules, &pages[i]);

		assert_string_equal(strstr(is, "$top"), EXPECTED[i]);
	}
	rules.size_parameter = NULL;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		autofree char *is = asked_paged(TOOL, "{}", &rules, &pages[i]);

		assert_null(strstr(is, "$top"));
	}
}

static void the_query_goes_out_percent_encoded_but_for_the_names(void **state)
{
	struct tool_problem problem;
	struct tool_request *request = asked_read("{`arguments`:{`q`:" S
						  "},`request`:{`path`:`/me/drive/root/search(q='"
						  "{q}')`,`query`:{`$filter`:`a eq '{q}'`}}}",
		NULL, &problem);
	assert_null(request);
	request = asked_read("{`arguments`:{`q`:" S "},`required`:[`q`],`request`:{`path`:"
			     "`/me/drive/root/search(q='{q}')`,`query`:{`$filter`:`a eq '{q}'`}}}",
		NULL, &problem);
	assert_non_null(request);
	{
		autofree_json cJSON *arguments = asked_json("{`q`:`é&'#/?+`}");
		struct tool_request_text text;
		autoerr(err);

		assert_true(tool_request_write(request, arguments, NULL, &text, &err));
		assert_string_equal(text.request.path,
			"/v1.0/me/drive/root/search(q='%C3%A9%26%27%27%23%2F%3F%2B')");
		assert_string_equal(
			text.request.query, "$filter=a%20eq%20%27%C3%A9%26%27%27%23%2F%3F%2B%27");
		tool_request_text_done(&text);
	}
	tool_request_free(request);
}

static void an_address_of_more_than_8000_bytes_is_refused(void **state)
{
	static const char TOOL[] = "{`arguments`:{`q`:" S ",`r`:" S "},`request`:{`path`:`/me`,"
				   "`query`:{`q`:`{q}`,`r`:`{r}`}}}";
	struct buf arguments;

	for (int n = 3500; n <= 4500; n += 1000) {
		autofree char *is = NULL, *q = xcalloc((size_t)n + 1, 1);

		memset(q, 'x', (size_t)n);
		buf_init(&arguments);
		buf_addf(&arguments, "{`q`:`%s`,`r`:`%s`}", q, q);
		is = asked(TOOL, arguments.data);
		buf_done(&arguments);
		if (n == 3500)
			assert_memory_equal(is, "GET /v1.0/me\nq=xxx", 18);
		else
			assert_string_equal(is, "400: The arguments are too long: with them the "
						"request's address is longer than 8000 bytes.");
	}
}

static void a_list_cannot_multiply_a_long_argument_without_end(void **state)
{
	static const char TOOL[] = "{`arguments`:{`note`:" S ",`people`:" PEOPLE "},`request`:{"
				   "`method`:`POST`,`path`:`/me`,`body`:{`each`:`people`,`as`:"
				   "[`{item}`,`{note}`]}}}";
	autofree char *note = xcalloc(100001, 1), *is = NULL;
	struct buf arguments;

	memset(note, 'x', 100000);
	buf_init(&arguments);
	buf_addf(&arguments, "{`note`:`%s`,`people`:[`0`", note);
	for (int i = 1; i < 50; i++)
		buf_addf(&arguments, ",`%d`", i);
	buf_adds(&arguments, "]}");
	is = asked(TOOL, arguments.data);
	assert_string_equal(
		is, "400: The arguments are too long for one request of Microsoft Graph.");
	buf_done(&arguments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			list_mail_searches_or_filters_and_a_filter_begins_with_its_constant),
		cmocka_unit_test(search_users_asks_for_eventual_consistency),
		cmocka_unit_test(find_free_time_writes_moments_without_their_z_beside_the_zone),
		cmocka_unit_test(draft_reply_goes_to_one_of_two_paths),
		cmocka_unit_test(send_mail_makes_a_recipient_of_each_address),
		cmocka_unit_test(a_page_is_asked_for_by_its_size_and_its_one_parameter),
		cmocka_unit_test(the_query_goes_out_percent_encoded_but_for_the_names),
		cmocka_unit_test(an_address_of_more_than_8000_bytes_is_refused),
		cmocka_unit_test(a_list_cannot_multiply_a_long_argument_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
