#include "mcp/rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "stage/support.h"

/* Reads text; checks the fault (0: none) and the raw id ("" none). */
static void check_read(const char *text, int fault, const char *id)
{
	struct rpc_message message;
	bool good = rpc_read(text, strlen(text), &message);

	check(good == !message.fault && message.fault == fault, "%s\n-> %d %s", text, message.fault,
		message.why);
	check(good || *message.why, "%s", text);
	check(!strcmp(message.id ? message.id : "", id), "%s\n-> id %s", text,
		message.id ? message.id : "none");
	rpc_message_done(&message);
}

static void a_request_is_taken_apart(void **state)
{
	static const char TEXT[] =
		" {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":2}}\r\n";
	struct rpc_message message;
	int64_t a = 0;

	assert_true(rpc_read(TEXT, sizeof(TEXT) - 1, &message));
	assert_int_equal(message.kind, RPC_REQUEST);
	assert_string_equal(message.id, "1");
	assert_string_equal(message.method, "m");
	assert_true(json_integer(message.params, "a", &a) && a == 2);
	assert_null(message.cancels);
	rpc_message_done(&message);
	assert_null(message.params);
}

static void a_byte_order_mark_before_the_message_is_skipped(void **state)
{
	check_read("\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\"}", 0, "7");
	check_read("\xef\xbb\xbf \r\n{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\"}", 0, "7");
}

static void params_that_are_null_are_none(void **state)
{
	static const char *const TEXTS[] = {
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":null}",
		"{\"jsonrpc\":\"2.0\",\"params\":null,\"id\":1,\"method\":\"m\"}"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		struct rpc_message message;

		check(rpc_read(TEXTS[i], strlen(TEXTS[i]), &message), "%s", TEXTS[i]);
		assert_int_equal(message.kind, RPC_REQUEST);
		assert_null(message.params);
		rpc_message_done(&message);
	}
}

static void messages_are_of_four_kinds(void **state)
{
	static const struct {
		const char *text;
		enum rpc_kind kind;
	} CASES[] = {
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", RPC_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"result\":1}", RPC_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"m\"}", RPC_NOTIFICATION},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", RPC_RESPONSE},
		{"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{}}", RPC_RESPONSE},
		{"{\"jsonrpc\":\"2.0\",\"error\":{}}", RPC_RESPONSE},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null,\"params\":null,\"result\":{},"
		 "\"error\":null}",
			RPC_RESPONSE},
		{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"result\":null,\"error\":null}",
			RPC_REQUEST},
		{"[]", RPC_BATCH},
		{" [{}]", RPC_BATCH},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		struct rpc_message message;

		check(rpc_read(CASES[i].text, strlen(CASES[i].text), &message) &&
				message.kind == CASES[i].kind,
			"%s", CASES[i].text);
		rpc_message_done(&message);
	}
}

static void an_id_is_kept_as_it_was_written(void **state)
{
	static const char *const IDS[] = {"0", "-0", "-7", "9007199254740993",
		"123456789012345678901234567890123456789012345678901234567890123456789012345",
		"\"\"", "\"a\"", "\"\\u0061\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud83d\"",
		"\"\\\"\\\\\\/\\n\"", "\"\xc3\xa9 \\u00e9\"", "\"}\"", "\"\\\",\\\"id\\\":2\""};

	for (size_t i = 0; i < COUNT_OF(IDS); i++) {
		struct buf text;

		buf_init(&text);
		buf_adds(&text, "{\"jsonrpc\":\"2.0\" , \"id\" :\t");
		buf_adds(&text, IDS[i]);
		buf_adds(&text, " ,\"method\":\"m\"}");
		check_read(buf_text(&text), 0, IDS[i]);
		buf_done(&text);
	}
}

static void what_is_no_string_or_integer_is_no_id(void **state)
{
	static const char *const IDS[] = {"null", "true", "false", "1.0", "1.5", "1e0", "1E2",
		"-0.0", "{}", "[]", "[1]", "{\"id\":1}"};

	for (size_t i = 0; i < COUNT_OF(IDS); i++) {
		char text[128];

		snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"m\"}",
			IDS[i]);
		check_read(text, RPC_INVALID_REQUEST, "");
	}
}

static void an_escaped_name_is_the_same_name(void **state)
{
	check_read("{\"jsonrpc\":\"2.0\",\"\\u0069d\":7,\"method\":\"m\"}", 0, "7");
	check_read("{\"jsonrpc\":\"2.0\",\"i\\u0064\":7,\"met\\u0068od\":\"m\"}", 0, "7");
	check_read("{\"jsonrpc\":\"2.0\",\"ID\":7,\"method\":\"m\"}", 0, "");
}

static void what_is_not_json_has_no_id(void **state)
{
	static const char *const BAD[] = {"", " ", "{", "{\"id\":1,}", "{\"id\":1}x", "{'id':1}",
		"{\"id\":01}", "{\"id\":+1}", "{\"id\":1.}", "{\"id\":.1}", "{\"id\":1e}",
		"{\"id\":-}", "{\"id\":\"a\n\"}", "{\"id\":\"\xff\"}", "{\"id\":\"\\x\"}",
		"{\"id\":\"\\u12\"}", "{\"id\":1}\v", "{\v\"id\":1}", "{\xef\xbb\xbf\"id\":1}",
		"{\"id\":1}\xef\xbb\xbf", "\xef\xbb\xbf\xef\xbb\xbf{\"id\":1}",
		"\xef\xbb{\"id\":1}", "\xef\xbb\xbf", "{\"id\":1 \"a\":2}", "[1,]", "nul",
		"{\"id\"}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check_read(BAD[i], RPC_PARSE_ERROR, "");
}

static void a_message_is_an_object_or_a_batch(void **state)
{
	static const char *const BAD[] = {"1", "\"a\"", "null", "true"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check_read(BAD[i], RPC_INVALID_REQUEST, "");
}

static void a_wrong_shape_still_tells_its_id(void **state)
{
	static const char *const BAD[] = {"{\"id\":1}", "{\"id\":1,\"method\":\"m\"}",
		"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}",
		"{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", "{\"jsonrpc\":\"2.0\",\"id\":1}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7,\"result\":1}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[]}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"Method\":\"m\"}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check_read(BAD[i], RPC_INVALID_REQUEST, "1");
}

static void u0000_is_refused_but_in_an_id(void **state)
{
	check_read(
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\\u0000\"}", RPC_INVALID_REQUEST, "1");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\\u0000\":1}}",
		RPC_INVALID_REQUEST, "1");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":\"\\u0000\",\"method\":\"m\",\"params\":"
		   "{\"a\":\"\\ud800\"}}",
		RPC_INVALID_REQUEST, "\"\\u0000\"");
}

static void a_name_twice_in_any_object_is_refused(void **state)
{
	static const char *const PARAMS[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}",
		"{\"a\":1,\"\\u0061\":1}", "{\"_meta\":{\"x\":1,\"x\":2}}",
		"{\"arguments\":{\"l\":[{\"x\":1,\"x\":2}]}}"};

	for (size_t i = 0; i < COUNT_OF(PARAMS); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":%s}", PARAMS[i]);
		check_read(text, RPC_INVALID_REQUEST, "1");
	}
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"method\":\"n\"}",
		RPC_INVALID_REQUEST, "1");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":1,\"A\":1}}",
		0, "1");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"x\":1,\"y\":2,\"\\u0078\":3}",
		RPC_INVALID_REQUEST, "1");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{},\"params\":{}}",
		RPC_INVALID_REQUEST, "1");
}

static void members_that_nobody_knows_are_passed_over_up_to_sixteen(void **state)
{
	for (int count = 0; count < 20; count++) {
		struct buf text;

		buf_init(&text);
		buf_adds(&text, "{\"jsonrpc\":\"2.0\"");
		for (int i = 0; i < count; i++)
			buf_addf(&text, ",\"x%d\":{\"a\\u0000\":\"\\ud800\"}", i);
		buf_adds(&text, ",\"method\":\"m\",\"id\":1}");
		check_read(buf_text(&text), count <= 16 ? 0 : RPC_INVALID_REQUEST, "1");
		buf_done(&text);
	}
}

static void a_method_is_read_however_it_is_written(void **state)
{
	static const char TEXT[] = "{\"jsonrpc\":\"2\\u002e0\",\"method\":\"\\u0061\\/b\"}";
	struct rpc_message message;

	assert_true(rpc_read(TEXT, sizeof(TEXT) - 1, &message));
	assert_string_equal(message.method, "a/b");
	rpc_message_done(&message);
	check_read(
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}", RPC_INVALID_REQUEST, "1");
}

static void of_two_ids_none_is_told(void **state)
{
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"id\":2}", RPC_INVALID_REQUEST,
		"");
	check_read("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"i\\u0064\":1}",
		RPC_INVALID_REQUEST, "");
}

static void nor_is_one_when_they_stand_far_apart(void **state)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"");
	for (int i = 0; i < 20; i++)
		buf_addf(&text, ",\"x%d\":%d", i, i);
	buf_adds(&text, ",\"id\":2}");
	check_read(buf_text(&text), RPC_INVALID_REQUEST, "");
	buf_done(&text);
}

static void many_names_are_compared_quickly(void **state)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"x\":1");
	for (int i = 0; i < 19000; i++)
		buf_addf(&text, ",\"%d\":1", i);
	buf_adds(&text, "}}");
	check_read(buf_text(&text), 0, "1");
	text.len -= 2;
	buf_adds(&text, ",\"18999\":1}}");
	check_read(buf_text(&text), RPC_INVALID_REQUEST, "1");
	text.len = 0;
	buf_adds(&text, "{\"id\":1,\"x\":[1");
	for (int i = 0; i < 20000; i++)
		buf_adds(&text, ",1");
	buf_adds(&text, "]}");
	check_read(buf_text(&text), RPC_PARSE_ERROR, "");
	buf_done(&text);
}

static void what_is_cancelled_is_kept_as_it_was_written(void **state)
{
	static const char *const IDS[] = {"1", "\"a\\u0000\"", "9007199254740993"};

	for (size_t i = 0; i < COUNT_OF(IDS); i++) {
		struct rpc_message message;
		char text[256];

		snprintf(text, sizeof(text),
			"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
			"{\"requestId\":%s}}",
			IDS[i]);
		assert_true(rpc_read(text, strlen(text), &message));
		assert_string_equal(message.cancels, IDS[i]);
		rpc_message_done(&message);
	}
}

static void only_that_notification_cancels(void **state)
{
	static const char *const TEXTS[] = {
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":{\"requestId\":1}}",
		"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"notifications/cancelled\",\"params\":"
		"{\"requestId\":1}}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
		"{\"requestId\":1.5}}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":"
		"{\"requestId\":null}}",
		"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		struct rpc_message message;

		assert_true(rpc_read(TEXTS[i], strlen(TEXTS[i]), &message));
		check(!message.cancels, "%s", TEXTS[i]);
		rpc_message_done(&message);
	}
}

static void ids_are_compared_by_value(void **state)
{
	assert_true(rpc_id_equal("1", "1"));
	assert_true(rpc_id_equal("\"a\"", "\"\\u0061\""));
	assert_true(rpc_id_equal("\"\\/\\n\"", "\"/\\u000a\""));
	assert_true(rpc_id_equal("\"\xc3\xa9\"", "\"\\u00E9\""));
	assert_true(rpc_id_equal("\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\uDE00\""));
	assert_true(rpc_id_equal("\"\\u0000b\"", "\"\\u0000\\u0062\""));
	assert_false(rpc_id_equal("1", "\"1\""));
	assert_false(rpc_id_equal("\"1\"", "1"));
	assert_false(rpc_id_equal("9007199254740993", "9007199254740992"));
	assert_false(rpc_id_equal("\"\\u0000a\"", "\"\\u0000b\""));
	assert_false(rpc_id_equal("\"a\"", "\"ab\""));
	assert_false(rpc_id_equal("\"ab\"", "\"a\""));
	assert_false(rpc_id_equal("\"\\ud83d\"", "\"\\ud83d\\ude00\""));
}

static void answers_carry_the_id_as_it_was_written(void **state)
{
	autofree char *error = rpc_error("12345678901234567890", -32601, "No \"x\"", NULL);
	autofree char *more = rpc_error(NULL, -32700, "Parse error", cJSON_CreateArray());
	struct buf result;

	buf_init(&result);
	rpc_open(&result, "\"\\u0000\"", "result");
	assert_string_equal(
		buf_text(&result), "{\"jsonrpc\":\"2.0\",\"id\":\"\\u0000\",\"result\":");
	buf_done(&result);
	assert_string_equal(error, "{\"jsonrpc\":\"2.0\",\"id\":12345678901234567890,\"error\":"
				   "{\"code\":-32601,\"message\":\"No \\\"x\\\"\"}}");
	assert_string_equal(more, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,"
				  "\"message\":\"Parse error\",\"data\":[]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(a_byte_order_mark_before_the_message_is_skipped),
		cmocka_unit_test(params_that_are_null_are_none),
		cmocka_unit_test(messages_are_of_four_kinds),
		cmocka_unit_test(an_id_is_kept_as_it_was_written),
		cmocka_unit_test(what_is_no_string_or_integer_is_no_id),
		cmocka_unit_test(an_escaped_name_is_the_same_name),
		cmocka_unit_test(what_is_not_json_has_no_id),
		cmocka_unit_test(a_message_is_an_object_or_a_batch),
		cmocka_unit_test(a_wrong_shape_still_tells_its_id),
		cmocka_unit_test(u0000_is_refused_but_in_an_id),
		cmocka_unit_test(a_name_twice_in_any_object_is_refused),
		cmocka_unit_test(members_that_nobody_knows_are_passed_over_up_to_sixteen),
		cmocka_unit_test(a_method_is_read_however_it_is_written),
		cmocka_unit_test(of_two_ids_none_is_told),
		cmocka_unit_test(nor_is_one_when_they_stand_far_apart),
		cmocka_unit_test(many_names_are_compared_quickly),
		cmocka_unit_test(what_is_cancelled_is_kept_as_it_was_written),
		cmocka_unit_test(only_that_notification_cancels),
		cmocka_unit_test(ids_are_compared_by_value),
		cmocka_unit_test(answers_carry_the_id_as_it_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
