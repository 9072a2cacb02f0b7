#include "base/crypto.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "stage/support.h"

/* RFC 7515 A.2 */
#define RFC_N                                                                                      \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt" \
	"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX" \
	"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5" \
	"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RFC_TEXT                                                                                   \
	"eyJhbGciOiJSUzI1NiJ9."                                                                    \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"                     \
	"LmNvbS9pc19yb290Ijp0cnVlfQ"
#define RFC_SIGNATURE                                                                              \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W" \
	"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS" \
	"jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv" \
	"Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

static struct rsa_key *key;
static struct buf signature;

static int set_up(void **state)
{
	autoerr(err);

	buf_init(&signature);
	return !rsa_key_new(RFC_N, "AQAB", &key, &err) ||
	       !b64url_decode(&signature, RFC_SIGNATURE, strlen(RFC_SIGNATURE));
}

static int tear_down(void **state)
{
	rsa_key_free(key);
	buf_done(&signature);
	return 0;
}

static bool verifies(const char *text)
{
	return rsa_verify_rs256(key, text, strlen(text), signature.data, signature.len);
}

static void sha256_of_abc_is_fips_180s(void **state)
{
	static const unsigned char EXPECTED[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	unsigned char digest[SHA256_SIZE];
	struct sha256 *sha = sha256_new();

	sha256_add(sha, "a", 1);
	sha256_add(sha, "", 0);
	sha256_add(sha, "bc", 2);
	sha256_end(sha, digest);
	assert_memory_equal(digest, EXPECTED, SHA256_SIZE);
}

static void the_rfcs_signature_verifies(void **state)
{
	assert_true(verifies(RFC_TEXT));
}

static void every_bit_of_the_signature_counts(void **state)
{
	for (size_t bit = 0; bit < signature.len * 8; bit += 7) {
		signature.data[bit / 8] ^= (char)(1 << bit % 8);
		check(!verifies(RFC_TEXT), "bit %zu", bit);
		signature.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_true(verifies(RFC_TEXT));
}

static void every_bit_of_the_text_counts(void **state)
{
	char text[] = RFC_TEXT;

	for (size_t bit = 0; bit < strlen(RFC_TEXT) * 8; bit += 7) {
		text[bit / 8] ^= (char)(1 << bit % 8);
		check(!rsa_verify_rs256(key, text, strlen(RFC_TEXT), signature.data, signature.len),
			"bit %zu", bit);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_false(verifies(RFC_TEXT "A"));
	assert_false(verifies(""));
}

static void a_signature_of_another_length_is_wrong(void **state)
{
	assert_false(rsa_verify_rs256(key, RFC_TEXT, strlen(RFC_TEXT), "", 0));
	assert_false(rsa_verify_rs256(
		key, RFC_TEXT, strlen(RFC_TEXT), signature.data, signature.len - 1));
	buf_add(&signature, "", 1);
	assert_false(verifies(RFC_TEXT));
}

static bool usable(const char *n, const char *e)
{
	struct rsa_key *made = NULL;
	autoerr(err);

	if (rsa_key_new(n, e, &made, &err)) {
		rsa_key_free(made);
		return true;
	}
	assert_null(made);
	assert_int_equal(err.code, ERR_UPSTREAM_UNAVAILABLE);
	return false;
}

/* A modulus of so many bits, all of them set. */
static bool size_usable(size_t bits)
{
	char bytes[2048];
	struct buf n;
	bool good;

	memset(bytes, 0xff, sizeof(bytes));
	bytes[0] = (char)(0xff >> (8 - bits % 8) % 8);
	buf_init(&n);
	b64url_encode(&n, bytes, (bits + 7) / 8);
	good = usable(buf_text(&n), "AQAB");
	buf_done(&n);
	return good;
}

static void keys_have_2048_to_8192_bits(void **state)
{
	assert_false(size_usable(1024));
	assert_false(size_usable(2047));
	assert_true(size_usable(2048));
	assert_true(size_usable(4096));
	assert_true(size_usable(8192));
	assert_false(size_usable(8193));
	assert_false(size_usable(16384));
}

static void a_real_key_of_1024_bits_is_refused(void **state)
{
	struct keypair *weak = keypair_new(1024, 65537);
	autofree_json cJSON *jwk = keypair_jwk(weak, "k", NULL);

	assert_false(usable(json_string(jwk, "n"), json_string(jwk, "e")));
	keypair_free(weak);
}

static void exponents_are_odd_and_at_least_3(void **state)
{
	assert_true(usable(RFC_N, "Aw"));    /* 3 */
	assert_true(usable(RFC_N, "AQAB"));  /* 65537 */
	assert_false(usable(RFC_N, "AQ"));   /* 1 */
	assert_false(usable(RFC_N, "Ag"));   /* 2 */
	assert_false(usable(RFC_N, "AQAA")); /* 65536 */
	assert_false(usable(RFC_N, "AA"));   /* 0 */
	assert_false(usable(RFC_N, ""));
	assert_false(usable(RFC_N, RFC_N)); /* too long to be meant */
}

static void a_modulus_is_odd_base64url(void **state)
{
	char even[] = RFC_N;

	even[strlen(even) - 1] = 'A';
	even[strlen(even) - 2] = 'A';
	assert_false(usable(even, "AQAB"));
	assert_false(usable("", "AQAB"));
	assert_false(usable(RFC_N "=", "AQAB"));
	assert_false(usable(RFC_N "!!!!", "AQAB"));
	assert_false(usable(RFC_N, "AQAB="));
}

static void small_exponents_and_large_keys_verify_too(void **state)
{
	struct keypair *large = keypair_new(3072, 3);
	autofree_json cJSON *jwk = keypair_jwk(large, "k", NULL);
	autofree char *token = keypair_token(large, "h", "c");
	const char *end = strrchr(token, '.');
	struct rsa_key *made = NULL;
	struct buf bytes;
	autoerr(err);

	buf_init(&bytes);
	assert_true(rsa_key_new(json_string(jwk, "n"), json_string(jwk, "e"), &made, &err));
	assert_true(b64url_decode(&bytes, end + 1, strlen(end + 1)));
	assert_true(rsa_verify_rs256(made, token, (size_t)(end - token), bytes.data, bytes.len));
	assert_false(rsa_verify_rs256(key, token, (size_t)(end - token), bytes.data, bytes.len));
	rsa_key_free(made);
	buf_done(&bytes);
	keypair_free(large);
}

static void a_key_lives_until_its_last_reference_goes(void **state)
{
	rsa_key_free(rsa_key_ref(key));
	assert_true(verifies(RFC_TEXT));
	rsa_key_free(NULL);
}

static void a_uuid_is_version_4_in_lower_case(void **state)
{
	for (int round = 0; round < 100; round++) {
		char uuid[UUID_SIZE];

		uuid_make(uuid);
		assert_int_equal(strlen(uuid), 36);
		for (int i = 0; i < 36; i++) {
			if (i == 8 || i == 13 || i == 18 || i == 23)
				assert_int_equal(uuid[i], '-');
			else
				assert_true(isdigit(uuid[i]) || (uuid[i] >= 'a' && uuid[i] <= 'f'));
		}
		assert_int_equal(uuid[14], '4');
		assert_non_null(strchr("89ab", uuid[19]));
	}
}

static void no_uuid_comes_twice(void **state)
{
	static char uuids[1000][UUID_SIZE];

	for (int i = 0; i < 1000; i++)
		uuid_make(uuids[i]);
	qsort(uuids, 1000, UUID_SIZE, (int (*)(const void *, const void *))strcmp);
	for (int i = 1; i < 1000; i++)
		assert_string_not_equal(uuids[i - 1], uuids[i]);
}

static void a_random_number_stays_below_and_reaches_all(void **state)
{
	int seen[5] = {0};

	for (int i = 0; i < 2000; i++) {
		unsigned number = random_below(5);

		assert_true(number < 5);
		seen[number]++;
	}
	for (int i = 0; i < 5; i++)
		assert_in_range(seen[i], 200, 700); /* 400 each, give or take 11 deviations */
	assert_int_equal(random_below(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_abc_is_fips_180s),
		cmocka_unit_test_setup_teardown(the_rfcs_signature_verifies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			every_bit_of_the_signature_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_bit_of_the_text_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_signature_of_another_length_is_wrong, set_up, tear_down),
		cmocka_unit_test(keys_have_2048_to_8192_bits),
		cmocka_unit_test(a_real_key_of_1024_bits_is_refused),
		cmocka_unit_test(exponents_are_odd_and_at_least_3),
		cmocka_unit_test(a_modulus_is_odd_base64url),
		cmocka_unit_test_setup_teardown(
			small_exponents_and_large_keys_verify_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_key_lives_until_its_last_reference_goes, set_up, tear_down),
		cmocka_unit_test(a_uuid_is_version_4_in_lower_case),
		cmocka_unit_test(a_random_number_stays_below_and_reaches_all),
		cmocka_unit_test(no_uuid_comes_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
