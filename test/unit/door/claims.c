#include "door/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/json.h"
#include "stage/support.h"

#define ACRS "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}"
#define NBF "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"17000000010000000001\"}}}"

/* Appends " claims.<the JSON>" to a scope, in a form's encoding. */
static void add_word(struct buf *form, const char *json, size_t n)
{
	buf_adds(form, "+claims.");
	b64url_encode(form, json, n);
}

/* What is gathered, or "refused".  The caller frees it. */
static char *verdict_of(const char *always, const char *text, size_t n)
{
	struct form form;
	struct buf all;
	autoerr(err);
	bool good;

	buf_init(&all);
	good = form_read(&form, text, n, &err);
	assert_true(good);
	good = claims_gather(always, &form, &all, &err);
	form_done(&form);
	if (good)
		return all.data ? all.data : xstrdup("");
	assert_int_equal(err.code, ERR_BAD_REQUEST);
	assert_int_equal(all.len, 0);
	buf_done(&all);
	return xstrdup("refused");
}

/* With that parameter and those words (NULL behind the last) between two others of the scope. */
static char *verdict(const char *always, const char *parameter, const char *const *words)
{
	struct buf text;
	char *got;

	buf_init(&text);
	if (parameter) {
		buf_add_field(&text, "claims", parameter);
		buf_adds(&text, "&");
	}
	buf_adds(&text, "scope=access_as_user");
	for (; words && *words; words++)
		add_word(&text, *words, strlen(*words));
	buf_adds(&text, "+offline_access");
	got = verdict_of(always, buf_text(&text), text.len);
	buf_done(&text);
	return got;
}

#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static void assert_gathers(
	const char *always, const char *parameter, const char *const *words, const char *expected)
{
	autofree char *got = verdict(always, parameter, words);

	check(!strcmp(got, expected), "%s\n not %s", got, expected);
}

static void without_claims_there_is_nothing_to_send(void **state)
{
	autofree char *none = verdict_of("", "", 0);

	assert_string_equal(none, "");
	assert_gathers("", NULL, NULL, "");
}

static void of_one_source_the_text_is_kept_to_the_letter(void **state)
{
	static const char ODD[] =
		"{ \"access_token\" : {\"n\" : 12345678901234567890.10 , \"\\u00e9\":null} }";

	assert_gathers(ODD, NULL, NULL, ODD);
	assert_gathers("", ODD, NULL, ODD);
	assert_gathers("", NULL, WORDS(ODD), ODD);
}

static void of_several_words_the_last_wins_claim_by_claim(void **state)
{
	assert_gathers("", NULL, WORDS(ACRS, NBF),
		"{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"},"
		"\"nbf\":{\"essential\":true,\"value\":\"17000000010000000001\"}}}");
	assert_gathers("", NULL,
		WORDS(ACRS, "{\"id_token\":{\"x\":null}}",
			"{\"access_token\":{\"a\\u0063rs\":{\"values\":[\"c2\"]}}}"),
		"{\"access_token\":{\"acrs\":{\"values\":[\"c2\"]}},\"id_token\":{\"x\":null}}");
	assert_gathers("", NULL, WORDS(ACRS, "{\"access_token\":null}", NBF), NBF);
	assert_gathers("", NULL, WORDS(ACRS, ACRS), ACRS);
	assert_gathers("", NULL, WORDS(ACRS, "{}"), ACRS);
}

static void words_go_before_the_parameter_and_that_before_the_setting(void **state)
{
	static const char SET[] =
		"{\"access_token\":{\"a\":{\"value\":\"s\"},\"b\":{\"value\":\"s\"},"
		"\"c\":{\"value\":\"s\"}}}";
	static const char ASKED[] =
		"{\"access_token\":{\"b\":{\"value\":\"p\"},\"c\":{\"value\":\"p\"}}}";

	assert_gathers(SET, ASKED, WORDS("{\"access_token\":{\"c\":{\"value\":\"w\"}}}"),
		"{\"access_token\":{\"a\":{\"value\":\"s\"},\"b\":{\"value\":\"p\"},"
		"\"c\":{\"value\":\"w\"}}}");
}

static void what_is_no_json_object_is_refused(void **state)
{
	static const char *const BAD[] = {"[]", "[{\"a\":1}]", "\"x\"", "null", "1", "", "{", "x",
		"{\"a\":1}{\"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}",
		"{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}",
		"{\"a\":\"\x01\"}", "{'a':1}", "\xef\xbb\xbf{\"a\":1}"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		assert_gathers("", NULL, WORDS(BAD[i]), "refused");
		assert_gathers("", NULL, WORDS(ACRS, BAD[i]), "refused");
		assert_gathers("", NULL, WORDS(BAD[i], ACRS), "refused");
	}
	assert_gathers("", "[]", NULL, "refused");
	assert_gathers("", "{", WORDS(ACRS), "refused");
}

static void what_is_not_base64url_is_refused(void **state)
{
	static const char *const BAD[] = {"scope=claims.e30%3D", "scope=claims.e3%2B0",
		"scope=claims.e31", "scope=claims.e30,x", "scope=x,claims.e30+claims.e30,x",
		"scope=claims.", "scope=claims.e30.e30", "scope=x+claims.%C3%A9"};

	for (size_t i = 0; i < COUNT_OF(BAD); i++) {
		autofree char *got = verdict_of("", BAD[i], strlen(BAD[i]));

		check(!strcmp(got, "refused"), "%s gives %s", BAD[i], got);
	}
}

static void other_words_are_no_claims(void **state)
{
	static const char OTHER[] = "scope=Claims.x+xclaims.x+claims+api%3A%2F%2Fclaims.x%2Fy+a,b";
	autofree char *got = verdict_of("", OTHER, strlen(OTHER));

	assert_string_equal(got, "");
}

static void line_ends_between_values_are_spaces(void **state)
{
	assert_gathers("", NULL, WORDS("{\n\"a\":\r\n1}"), "{ \"a\":  1}");
}

/* {"a":[[[...]]]}, so deep. */
static char *nested(size_t depth)
{
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "{\"a\":");
	for (size_t i = 0; i < depth; i++)
		buf_adds(&text, "[");
	for (size_t i = 0; i < depth; i++)
		buf_adds(&text, "]");
	buf_adds(&text, "}");
	return text.data;
}

/* {"name":"xxx"}, so many bytes of it. */
static char *sized(const char *name, size_t n)
{
	struct buf text;

	buf_init(&text);
	buf_addf(&text, "{\"%s\":\"", name);
	while (text.len < n - 2)
		buf_adds(&text, "x");
	buf_adds(&text, "\"}");
	return text.data;
}

static void what_is_too_deep_or_too_long_is_refused(void **state)
{
	autofree char *deep = nested(JSON_DEPTH_MAX), *flat = nested(JSON_DEPTH_MAX - 1);
	autofree char *fits = sized("a", CLAIMS_MAX), *longer = sized("a", CLAIMS_MAX + 1);

	assert_gathers("", NULL, WORDS(flat), flat);
	assert_gathers("", NULL, WORDS(deep), "refused");
	assert_gathers("", NULL, WORDS(fits), fits);
	assert_gathers("", NULL, WORDS(longer), "refused");
	assert_gathers("", longer, NULL, "refused");
	assert_gathers("", NULL, WORDS(fits, fits), fits);
	assert_gathers("", NULL, WORDS(fits, "{\"b\":1}"), "refused");
	assert_gathers("{\"b\":1}", fits, NULL, "refused");
}

static void of_more_words_than_count_the_last_are_taken(void **state)
{
	assert_gathers("", NULL,
		WORDS("{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}", "{\"e\":5}", "{\"f\":6}",
			"{\"g\":7}", "{\"h\":8}", "{\"i\":9}"),
		"{\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9}");
}

/* The word for these claims; "": there is none.  The caller frees it. */
static char *word_of(const char *json)
{
	struct buf base64, word;

	buf_init(&base64);
	buf_init(&word);
	b64_encode(&base64, json, strlen(json));
	if (!claims_add_word(&word, buf_text(&base64)))
		assert_int_equal(word.len, 0);
	buf_done(&base64);
	return word.data ? word.data : xstrdup("");
}

static void a_challenge_becomes_a_word_that_is_read_again(void **state)
{
	static const char *const CLAIMS[] = {ACRS, "{\"a\":\"?>~\xc3\xbf\"}", "{ }"};

	for (size_t i = 0; i < COUNT_OF(CLAIMS); i++) {
		autofree char *word = word_of(CLAIMS[i]), *got;
		char text[512];

		assert_int_equal(strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789-_."),
			strlen(word));
		snprintf(text, sizeof(text), "scope=%s", word);
		got = verdict_of("", text, strlen(text));
		assert_string_equal(got, CLAIMS[i]);
	}
}

static void a_challenge_of_anything_else_becomes_no_word(void **state)
{
	static const char *const CLAIMS[] = {"", "[1]", "null", "no json", "{"};
	struct buf word;

	for (size_t i = 0; i < COUNT_OF(CLAIMS); i++) {
		autofree char *got = word_of(CLAIMS[i]);

		assert_string_equal(got, "");
	}
	buf_init(&word);
	assert_false(claims_add_word(&word, "not base64"));
	assert_int_equal(word.len, 0);
	buf_done(&word);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_claims_there_is_nothing_to_send),
		TEST(of_one_source_the_text_is_kept_to_the_letter),
		TEST(of_several_words_the_last_wins_claim_by_claim),
		TEST(words_go_before_the_parameter_and_that_before_the_setting),
		TEST(what_is_no_json_object_is_refused),
		TEST(what_is_not_base64url_is_refused),
		TEST(other_words_are_no_claims),
		TEST(line_ends_between_values_are_spaces),
		TEST(what_is_too_deep_or_too_long_is_refused),
		TEST(of_more_words_than_count_the_last_are_taken),
		TEST(a_challenge_becomes_a_word_that_is_read_again),
		TEST(a_challenge_of_anything_else_becomes_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
