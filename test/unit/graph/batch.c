#include "graph/batch.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

#define BOTH (GRAPH_INCLUDE_PHOTO | GRAPH_INCLUDE_MANAGER)
#define CHALLENGE "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMTcifX19"

#define REQUEST(id, url) "{\"id\":\"" id "\",\"method\":\"GET\",\"url\":\"" url "\"}"
#define PHOTO_REQUEST REQUEST("photo", "/me/photo/$value")
#define MANAGER_REQUEST REQUEST("manager", "/me/manager")

static void a_batch_asks_for_the_user_and_each_part(void **state)
{
	static const struct {
		const char *select;
		unsigned include;
		const char *body;
	} CASES[] = {
		{NULL, BOTH,
			"{\"requests\":[" REQUEST("me", "/me") "," PHOTO_REQUEST "," MANAGER_REQUEST
							       "]}"},
		{NULL, GRAPH_INCLUDE_MANAGER,
			"{\"requests\":[" REQUEST("me", "/me") "," MANAGER_REQUEST "]}"},
		{"displayName,mail", GRAPH_INCLUDE_PHOTO,
			"{\"requests\":[" REQUEST(
				"me", "/me?$select=displayName,mail") "," PHOTO_REQUEST "]}"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *body = graph_batch_body(CASES[i].select, CASES[i].include);

		assert_string_equal(body, CASES[i].body);
	}
}

static void the_longest_select_fits_into_a_batch(void **state)
{
	autofree char *body = NULL;
	struct buf select;

	buf_init(&select);
	for (int i = 0; i < 64; i++)
		buf_addf(&select, "%s%064d", i ? "," : "", 7);
	body = graph_batch_body(buf_text(&select), BOTH);
	assert_non_null(strstr(body, buf_text(&select)));
	buf_done(&select);
}

static void read_batch(const char *body, struct graph_answer *ret)
{
	struct http_reply reply = reply_make(200, "request-id: r-7\r\n", body);

	graph_answer_read(&reply, NOW_S, ret);
	http_reply_done(&reply);
}

/* The profile {"id":1} with the parts of a batch's answer beside it. */
static void assert_merges(unsigned include, const char *parts, const char *expected)
{
	struct graph_answer batch;
	struct buf profile;
	char body[2048];

	snprintf(body, sizeof(body), "{\"responses\":%s}", parts);
	read_batch(body, &batch);
	buf_init(&profile);
	buf_adds(&profile, "{\"id\":1");
	graph_batch_add(&batch, include, NOW_S, &profile);
	buf_adds(&profile, "}");
	assert_string_equal(buf_text(&profile), expected);
	buf_done(&profile);
	graph_answer_done(&batch);
}

/* A photo with these bytes in base64; its part says that it is HTML. */
#define PHOTO(base64)                                                                              \
	"{\"id\":\"photo\",\"status\":200,\"headers\":{\"Content-Type\":\"text/html\"},"           \
	"\"body\":\"" base64 "\"}"
#define MANAGER "{\"id\":\"manager\",\"status\":200,\"body\":{\"displayName\":\"Bo\"}}"

static void the_parts_stand_beside_the_profile(void **state)
{
	assert_merges(BOTH, "[" MANAGER "," PHOTO("/9j/4AAQ") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/jpeg\",\"data\":\"/9j/4AAQ\"},"
		"\"manager\":{\"displayName\":\"Bo\"}}");
	assert_merges(GRAPH_INCLUDE_MANAGER, "[" PHOTO("/9j/4AAQ") "," MANAGER "]",
		"{\"id\":1,\"manager\":{\"displayName\":\"Bo\"}}");
	assert_merges(0, "[" MANAGER "]", "{\"id\":1}");
}

static void a_part_is_passed_on_as_the_bytes_it_is(void **state)
{
	assert_merges(GRAPH_INCLUDE_MANAGER,
		"[{\"id\":\"manager\",\"status\":200,\"body\": {\"a\": 1.10,\n\"b\":"
		"[9223372036854775807, 1e400],\"c\":\"\\u00e9\\/\\ud83d\\u0000\"} }]",
		"{\"id\":1,\"manager\":{\"a\": 1.10, \"b\":[9223372036854775807, 1e400],"
		"\"c\":\"\\u00e9\\/\\ufffd\\u0000\"}}");
}

static void base64_may_be_escaped(void **state)
{
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("\\/9j\\u002f4AAQ") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/jpeg\",\"data\":\"/9j/4AAQ\"}}");
}

static void the_first_part_needs_no_comma_in_an_empty_object(void **state)
{
	struct graph_answer batch;
	struct buf object;

	read_batch("{\"responses\":[" MANAGER "]}", &batch);
	buf_init(&object);
	buf_adds(&object, "{");
	graph_batch_add(&batch, GRAPH_INCLUDE_MANAGER, NOW_S, &object);
	assert_string_equal(buf_text(&object), "{\"manager\":{\"displayName\":\"Bo\"}");
	buf_done(&object);
	graph_answer_done(&batch);
}

static void a_photos_type_is_told_by_its_first_bytes_alone(void **state)
{
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("iVBORw0KGgo=") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/png\",\"data\":\"iVBORw0KGgo=\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("/9j/2wBD") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/jpeg\",\"data\":\"/9j/2wBD\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("R0lGODdhAQ==") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/gif\",\"data\":\"R0lGODdhAQ==\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("R0lGODlhAQ==") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/gif\",\"data\":\"R0lGODlhAQ==\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("UklGRiQAAABXRUJQ") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/"
		"webp\",\"data\":\"UklGRiQAAABXRUJQ\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("Qk1GAAAA") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"image/bmp\",\"data\":\"Qk1GAAAA\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("UklGRiQAAABXQVZF") "]", /* a WAVE */
		"{\"id\":1,\"photo\":{\"contentType\":\"application/octet-stream\","
		"\"data\":\"UklGRiQAAABXQVZF\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("UklGRiQ=") "]",
		"{\"id\":1,\"photo\":{\"contentType\":\"application/octet-stream\","
		"\"data\":\"UklGRiQ=\"}}");
	assert_merges(GRAPH_INCLUDE_PHOTO, "[" PHOTO("PGh0bWw+") "]", /* <html> */
		"{\"id\":1,\"photo\":{\"contentType\":\"application/octet-stream\","
		"\"data\":\"PGh0bWw+\"}}");
}

#define GRAPH_ERROR_PART                                                                           \
	"{\"error\":{\"code\":\"graph_error\",\"message\":\"Microsoft Graph gave an answer that "  \
	"cannot be used.\"}}"

static void a_photo_that_is_none_is_an_error_of_its_part(void **state)
{
	static const char *const PARTS[] = {"[" PHOTO("") "]", "[" PHOTO("/9g=") "]",
		"[" PHOTO("not base64!") "]", "[" PHOTO("/9j_4AAQ") "]",
		"[{\"id\":\"photo\",\"status\":200}]",
		"[{\"id\":\"photo\",\"status\":200,\"body\":{\"a\":1}}]",
		"[{\"id\":\"photo\",\"status\":200,\"body\":7}]",
		"[{\"id\":\"photo\",\"status\":302,\"body\":\"/9j/4AAQ\"}]"};

	for (size_t i = 0; i < COUNT_OF(PARTS); i++)
		assert_merges(
			GRAPH_INCLUDE_PHOTO, PARTS[i], "{\"id\":1,\"photo\":" GRAPH_ERROR_PART "}");
}

static void what_there_is_none_of_is_null(void **state)
{
	assert_merges(BOTH,
		"[{\"id\":\"photo\",\"status\":404,\"body\":{\"error\":{\"code\":"
		"\"ImageNotFound\"}}},{\"id\":\"manager\",\"status\":404}]",
		"{\"id\":1,\"photo\":null,\"manager\":null}");
}

static void a_part_that_fails_says_so_alone(void **state)
{
	static const struct {
		int status;
		enum err_code code;
	} CASES[] = {{401, ERR_INVALID_TOKEN}, {403, ERR_GRAPH_FORBIDDEN},
		{503, ERR_UPSTREAM_UNAVAILABLE}, {504, ERR_UPSTREAM_TIMEOUT},
		{500, ERR_GRAPH_ERROR}, {400, ERR_GRAPH_ERROR}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct err_info *info = err_info(CASES[i].code);
		char parts[512], expected[512];

		snprintf(parts, sizeof(parts),
			"[{\"id\":\"manager\",\"status\":%d,\"body\":{\"error\":{\"code\":"
			"\"theirs\",\"message\":\"theirs\"}}}," PHOTO("/9j/4AAQ") "]",
			CASES[i].status);
		snprintf(expected, sizeof(expected),
			"{\"id\":1,\"photo\":{\"contentType\":\"image/jpeg\",\"data\":"
			"\"/9j/4AAQ\"},\"manager\":{\"error\":{\"code\":\"%s\",\"message\":"
			"\"%s\"}}}",
			info->slug, info->text);
		assert_merges(BOTH, parts, expected);
	}
}

static void a_throttled_part_says_when_to_come_back(void **state)
{
	static const struct {
		const char *headers;
		int seconds;
	} CASES[] = {{"{}", 60}, {"{\"Retry-After\":\"30,120\"}", 120},
		{"{\"Retry-After\":\"30\",\"retry-after\":\"7\"}", 30}};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		char parts[256], expected[256];

		snprintf(parts, sizeof(parts),
			"[{\"id\":\"manager\",\"status\":429,\"headers\":%s}]", CASES[i].headers);
		snprintf(expected, sizeof(expected),
			"{\"id\":1,\"manager\":{\"error\":{\"code\":\"throttled\",\"message\":\"%"
			"s\","
			"\"retryAfterSeconds\":%d}}}",
			err_info(ERR_THROTTLED)->text, CASES[i].seconds);
		assert_merges(GRAPH_INCLUDE_MANAGER, parts, expected);
	}
}

static void a_missing_part_is_an_error_of_its_own(void **state)
{
	assert_merges(BOTH, "[" MANAGER "]",
		"{\"id\":1,\"photo\":" GRAPH_ERROR_PART ",\"manager\":{\"displayName\":\"Bo\"}}");
}

static void garbage_in_place_of_parts_is_an_error_of_the_part(void **state)
{
	static const char *const PARTS[] = {"[]", "{}", "null", "7", "\"text\"",
		"[null,7,[],\"x\"]", "[{\"id\":7,\"status\":200,\"body\":{}}]",
		"[{\"id\":\"manager\"}]", "[{\"id\":\"manager\",\"status\":\"200\",\"body\":{}}]",
		"[{\"id\":\"manager\",\"status\":99,\"body\":{}}]",
		"[{\"id\":\"manager\",\"status\":600,\"body\":{}}]",
		"[{\"id\":\"manager\",\"status\":4294967496,\"body\":{}}]",
		"[{\"id\":\"Manager\",\"status\":200,\"body\":{}}]",
		"[{\"id\":\"manager\",\"status\":200,\"body\":[]}]",
		"[{\"id\":\"manager\",\"status\":200,\"body\":null}]",
		"[{\"id\":\"manager\",\"status\":200}]"};

	for (size_t i = 0; i < COUNT_OF(PARTS); i++)
		assert_merges(GRAPH_INCLUDE_MANAGER, PARTS[i],
			"{\"id\":1,\"manager\":" GRAPH_ERROR_PART "}");
}

static bool find_part(const char *body, struct graph_answer *batch, struct graph_answer *ret)
{
	read_batch(body, batch);
	return graph_answer_part(batch, "me", NOW_S, ret);
}

static void a_part_is_read_as_an_answer_of_its_own(void **state)
{
	struct graph_answer batch, part;

	assert_true(find_part("{\"responses\":[{\"id\":\"other\",\"status\":200},{\"id\":\"me\","
			      "\"status\":403,\"headers\":{\"retry-AFTER\":\"7\","
			      "\"www-authenticate\":\"Bearer error=\\\"insufficient_claims\\\", "
			      "claims=\\\"" CHALLENGE "\\\"\"},\"body\":{\"error\":{\"code\":"
			      "\"outer\",\"innerError\":{\"code\":\"inner\"}}}}]}",
		&batch, &part));
	assert_int_equal(part.status, 403);
	assert_int_equal(part.retry_after_s, 7);
	assert_string_equal(part.code, "inner");
	assert_string_equal(part.claims, CHALLENGE);
	assert_string_equal(part.request_id, "r-7"); /* the batch's: a part has none */
	assert_null(part.bytes.data);                /* they are the batch's */
	assert_string_equal(batch.code, "");
	graph_answer_done(&part);
	graph_answer_done(&batch);
}

static void headers_of_other_shapes_count_as_absent(void **state)
{
	static const char *const HEADERS[] = {"null", "[]", "\"Retry-After: 7\"",
		"{\"Retry-After\":7,\"WWW-Authenticate\":[\"x\"]}", "{\"Retry-After\":null}"};

	for (size_t i = 0; i < COUNT_OF(HEADERS); i++) {
		struct graph_answer batch, part;
		char body[256];

		snprintf(body, sizeof(body),
			"{\"responses\":[{\"id\":\"me\",\"status\":401,\"headers\":%s}]}",
			HEADERS[i]);
		assert_true(find_part(body, &batch, &part));
		check(!part.retry_after_s && !part.claims, "%s", HEADERS[i]);
		graph_answer_done(&batch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_asks_for_the_user_and_each_part),
		cmocka_unit_test(the_longest_select_fits_into_a_batch),
		cmocka_unit_test(the_parts_stand_beside_the_profile),
		cmocka_unit_test(a_part_is_passed_on_as_the_bytes_it_is),
		cmocka_unit_test(base64_may_be_escaped),
		cmocka_unit_test(the_first_part_needs_no_comma_in_an_empty_object),
		cmocka_unit_test(a_photos_type_is_told_by_its_first_bytes_alone),
		cmocka_unit_test(a_photo_that_is_none_is_an_error_of_its_part),
		cmocka_unit_test(what_there_is_none_of_is_null),
		cmocka_unit_test(a_part_that_fails_says_so_alone),
		cmocka_unit_test(a_throttled_part_says_when_to_come_back),
		cmocka_unit_test(a_missing_part_is_an_error_of_its_own),
		cmocka_unit_test(garbage_in_place_of_parts_is_an_error_of_the_part),
		cmocka_unit_test(a_part_is_read_as_an_answer_of_its_own),
		cmocka_unit_test(headers_of_other_shapes_count_as_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
