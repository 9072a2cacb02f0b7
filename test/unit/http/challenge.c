#include "http/challenge.h"

#include <stdio.h>
#include <string.h>

#include "stage/support.h"

/* All challenges of a field as text: "scheme a=1 b=2|scheme"; asked for a, b, and realm. */
static void read_all(const char *field, struct buf *ret)
{
	static const char *const NAMES[] = {"realm", "a", "b"};
	struct challenge challenge;

	while (challenge_next(&field, &challenge)) {
		buf_adds(ret, ret->len ? "|" : "");
		buf_add(ret, challenge.scheme.text, challenge.scheme.len);
		for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
			struct buf value;

			buf_init(&value);
			if (challenge_param(&challenge, NAMES[i], &value))
				buf_addf(ret, " %s=%s", NAMES[i], buf_text(&value));
			buf_done(&value);
		}
	}
}

static void assert_reads(const char *field, const char *expected)
{
	struct buf all;

	buf_init(&all);
	read_all(field, &all);
	check(!strcmp(buf_text(&all), expected), "%s: %s", field, buf_text(&all));
	buf_done(&all);
}

static void parameters_are_read_in_any_order_case_and_spacing(void **state)
{
	assert_reads("Bearer a=\"1\", b=\"2\"", "Bearer a=1 b=2");
	assert_reads("Bearer b=2,a=1", "Bearer a=1 b=2");
	assert_reads("  Bearer   A = 1 ,, B\t=\t\"2\" ,", "Bearer a=1 b=2");
	assert_reads("Bearer realm=\"\", a=\"\"", "Bearer realm= a=");
	assert_reads("Bearer a=1, a=2", "Bearer a=1");
}

static void quoted_strings_hold_anything(void **state)
{
	assert_reads("Bearer a=\"x, b=9\", b=\"y=\\\"z\\\\\"", "Bearer a=x, b=9 b=y=\"z\\");
	assert_reads("Bearer a=\"Basic realm=no\"", "Bearer a=Basic realm=no");
	assert_reads("Bearer a=\"no end, b=2", "Bearer a=no end, b=2");
	assert_reads("Bearer a=\"no end\\", "Bearer a=no end\\");
}

static void several_challenges_stand_in_one_field(void **state)
{
	assert_reads("Negotiate, Bearer a=1, b=2, Basic realm=\"x\"",
		"Negotiate|Bearer a=1 b=2|Basic realm=x");
	assert_reads("Negotiate a==, Bearer a=1", "Negotiate|Bearer a=1");
	assert_reads("Negotiate abc/+, NTLM", "Negotiate|NTLM");
	assert_reads(
		"Newauth realm=\"apps\", a=1, b=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
		"Newauth realm=apps a=1 b=Login to \"apps\"|Basic realm=simple"); /* RFC 9110 */
}

static void what_is_no_challenge_is_passed_over(void **state)
{
	static const char *const NONE[] = {"", " ", ",,", "\"x\"", "=", "a=1", "(", "Bearer\"x\""};

	for (size_t i = 0; i < COUNT_OF(NONE); i++)
		assert_reads(NONE[i], "");
	assert_reads("a=\"1\", Bearer a=1", "Bearer a=1");
	assert_reads("Bearer a=\"1\"x\", Basic b=2", "Bearer a=1|Basic b=2");
}

static void schemes_ignore_case(void **state)
{
	const char *field = "bEARER a=1";
	struct challenge challenge;

	assert_true(challenge_next(&field, &challenge));
	assert_true(challenge_is(&challenge, "Bearer"));
	assert_false(challenge_is(&challenge, "Bear"));
	assert_false(challenge_is(&challenge, "Bearers"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_read_in_any_order_case_and_spacing),
		cmocka_unit_test(quoted_strings_hold_anything),
		cmocka_unit_test(several_challenges_stand_in_one_field),
		cmocka_unit_test(what_is_no_challenge_is_passed_over),
		cmocka_unit_test(schemes_ignore_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
