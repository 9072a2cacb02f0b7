#include "token/jwt.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "stage/support.h"

#define OBJECT "{\"a\":1}"

static bool parses_n(const char *token, size_t n, struct jwt *ret)
{
	autoerr(err);

	if (jwt_parse(token, n, ret, &err))
		return true;
	assert_int_equal(err.code, ERR_INVALID_TOKEN);
	return false;
}

static bool parses(const char *token)
{
	struct jwt jwt;
	bool good = parses_n(token, strlen(token), &jwt);

	if (good)
		jwt_done(&jwt);
	return good;
}

/* base64url(header).base64url(claims).AQID */
static char *token_of(const char *header, size_t header_len, const char *claims, size_t claims_len)
{
	struct buf token;

	buf_init(&token);
	b64url_encode(&token, header, header_len);
	buf_adds(&token, ".");
	b64url_encode(&token, claims, claims_len);
	buf_adds(&token, ".AQID");
	return token.data;
}

static bool parses_parts(const char *header, const char *claims)
{
	autofree char *token = token_of(header, strlen(header), claims, strlen(claims));

	return parses(token);
}

static void a_token_is_taken_apart(void **state)
{
	autofree char *token = token_of("{\"alg\":\"RS256\"}", 15, "{\"iss\":\"x\"}", 11);
	struct jwt jwt;

	assert_true(parses_n(token, strlen(token), &jwt));
	assert_string_equal(json_string(jwt.header, "alg"), "RS256");
	assert_string_equal(json_string(jwt.claims, "iss"), "x");
	assert_int_equal(jwt.signature.len, 3);
	assert_memory_equal(jwt.signature.data, "\1\2\3", 3);
	assert_ptr_equal(jwt.signed_text, token);
	assert_int_equal(jwt.signed_len, strlen(token) - strlen(".AQID"));
	jwt_done(&jwt);
	assert_null(jwt.header);
}

static void a_token_has_exactly_three_parts(void **state)
{
	static const char *const BAD[] = {"", ".", "..", "...", "e30", "e30.e30", "e30.e30.AQID.",
		"e30.e30.AQID.AQID", "e30.e30.AQID.AQID.AQID", ".e30.AQID", "e30..AQID"};

	assert_true(parses("e30.e30.AQID"));
	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!parses(BAD[i]), "%s", BAD[i]);
}

static void nothing_beyond_the_given_length_is_read(void **state)
{
	struct jwt jwt;

	assert_false(parses_n("e30.e30.AQID", 7, &jwt));
	assert_false(parses_n("e30.e30.AQID", 0, &jwt));
	assert_true(parses_n("e30.e30.AQIDx", 12, &jwt));
	assert_int_equal(jwt.signature.len, 3);
	jwt_done(&jwt);
}

static void parts_are_unpadded_base64url(void **state)
{
	static const char *const BAD[] = {"e30=.e30.AQID", "e30.e30=.AQID",
		"e30.e30.AQI=", "e30.e30.AQ I", "e30.e3+.AQID", "e30.e30.+/8", "e30.e31.AQID",
		"e30.e30.A", " e30.e30.AQID", "e30.e30.AQID\n"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++)
		check(!parses(BAD[i]), "%s", BAD[i]);
}

static void header_and_claims_are_json_objects(void **state)
{
	static const char *const BAD[] = {"", "[]", "\"x\"", "7", "null", "{", "{} {}",
		"{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}"};

	assert_true(parses_parts(OBJECT, OBJECT));
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(!parses_parts(BAD[i], OBJECT), "header %s", BAD[i]);
		check(!parses_parts(OBJECT, BAD[i]), "claims %s", BAD[i]);
	}
}

/* A directory keeps what it is given, and the token says it: its user is no less its user. */
static void a_half_character_in_a_name_costs_nothing_but_itself(void **state)
{
	static const char CLAIMS[] =
		"{\"name\":\"Ann \\ud83d\",\"oid\":\"x\\ude00\",\"tid\":\"t\"}";
	autofree char *token = token_of(OBJECT, strlen(OBJECT), CLAIMS, strlen(CLAIMS));
	struct jwt jwt;

	assert_true(parses_n(token, strlen(token), &jwt));
	assert_string_equal(json_string(jwt.claims, "name"), "Ann \xef\xbf\xbd");
	assert_string_equal(json_string(jwt.claims, "oid"), "x\xef\xbf\xbd");
	assert_string_equal(json_string(jwt.claims, "tid"), "t");
	jwt_done(&jwt);
}

/* RFC 7515 §4, RFC 7519 §4: of two, another reader might believe the other one. */
static void a_name_twice_in_header_or_claims_is_refused(void **state)
{
	static const char *const BAD[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"\\u0061\":3}",
		"{\"x\":{\"a\":1,\"a\":2}}", "{\"x\":[{\"a\":1,\"a\":2}]}",
		("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,"
		 "\"1\":1}")};

	assert_true(parses_parts("{\"a\":1,\"A\":2}", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}"));
	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		check(!parses_parts(BAD[i], OBJECT), "header %s", BAD[i]);
		check(!parses_parts(OBJECT, BAD[i]), "claims %s", BAD[i]);
	}
}

static void a_token_has_at_most_16384_bytes(void **state)
{
	char claims[12283];
	autofree char *token = NULL;

	memset(claims, ' ', sizeof(claims));
	memcpy(claims, "{}", 2);
	token = token_of("{}", 2, claims, sizeof(claims) - 1); /* 3 + 1 + 16376 + 5 */
	assert_int_equal(strlen(token), 16385);
	assert_false(parses(token));
	token[16384] = '\0'; /* one character of the signature less leaves whole bytes */
	assert_true(parses(token));
}

static void a_signature_has_at_most_2048_bytes(void **state)
{
	char token[4096] = "e30.e30.";

	memset(token + 8, 'A', 2732);
	assert_false(parses(token));
	token[8 + 2731] = '\0'; /* 2048 bytes */
	assert_true(parses(token));
}

static void an_empty_signature_is_parsed_and_left_to_fail(void **state)
{
	struct jwt jwt;

	assert_true(parses_n("e30.e30.", 8, &jwt));
	assert_int_equal(jwt.signature.len, 0);
	jwt_done(&jwt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_taken_apart),
		cmocka_unit_test(a_token_has_exactly_three_parts),
		cmocka_unit_test(nothing_beyond_the_given_length_is_read),
		cmocka_unit_test(parts_are_unpadded_base64url),
		cmocka_unit_test(header_and_claims_are_json_objects),
		cmocka_unit_test(a_half_character_in_a_name_costs_nothing_but_itself),
		cmocka_unit_test(a_name_twice_in_header_or_claims_is_refused),
		cmocka_unit_test(a_token_has_at_most_16384_bytes),
		cmocka_unit_test(a_signature_has_at_most_2048_bytes),
		cmocka_unit_test(an_empty_signature_is_parsed_and_left_to_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
