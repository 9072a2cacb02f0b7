#include "token/credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/text.h"
#include "stage/pem.h"
#include "stage/upstream.h"

#define TOKEN_URL "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token"

static struct keypair *key, *stranger;
static char path[64];
static struct config config;
static struct credential *credential;

static int set_up(void **state)
{
	int fd;

	strcpy(path, "/tmp/credential-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	config = (struct config){0};
	credential = NULL;
	upstream_reset();
	return 0;
}

static void done(void)
{
	credential_free(credential);
	credential = NULL;
	config_done(&config);
}

static int tear_down(void **state)
{
	done();
	upstream_reset();
	return unlink(path);
}

static int make_keys(void **state)
{
	key = keypair_new(2048, 65537);
	stranger = keypair_new(2048, 65537);
	return 0;
}

static int free_keys(void **state)
{
	keypair_free(key);
	keypair_free(stranger);
	return 0;
}

/* Settings with that credential and no other. */
static bool start(const char *name, const char *value, struct err *err)
{
	struct setting_change changes[] = {{"CLIENT_SECRET", NULL}, {name, value}};

	done();
	settings_load_changed(&config, changes, 2);
	assert_int_equal(config.problem_count, 0);
	return credential_new(&config, NULL, &credential, err);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_true(file && fputs(text, file) >= 0 && !fclose(file));
}

/* What is added to a form that has a field already. */
static char *added(struct err *err)
{
	struct buf form;

	buf_init(&form);
	buf_adds(&form, "first=1");
	if (credential_add(credential, TOKEN_URL, deadline_after(25000), &form, err))
		return form.data;
	assert_string_equal(buf_text(&form), "first=1"); /* written only on success */
	buf_done(&form);
	return NULL;
}

static void a_secret_is_sent_as_it_is(void **state)
{
	autofree char *form = NULL;
	autoerr(err);

	settings_load(&config, "CLIENT_SECRET", "aB~ 8Q.%+&=<x");
	assert_true(credential_new(&config, NULL, &credential, &err));
	assert_string_equal(credential_kind(credential), "secret");
	form = added(&err);
	assert_string_equal(form, "first=1&client_secret=aB~%208Q.%25%2B%26%3D%3Cx");
}

/* The assertion in the form, which is a JWT and so needs no decoding. */
static char *assertion(void)
{
	static const char BEFORE[] = "first=1&client_assertion_type=" /* percent-encoded: */
				     "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type"
				     "%3Ajwt-bearer&client_assertion=";
	autoerr(err);
	autofree char *form = added(&err);

	assert_non_null(form);
	assert_int_equal(strncmp(form, BEFORE, strlen(BEFORE)), 0);
	assert_null(strchr(form + strlen(BEFORE), '&'));
	return xstrdup(form + strlen(BEFORE));
}

static cJSON *part(const char *jwt, int index)
{
	struct buf json;
	cJSON *tree;

	for (; index; index--)
		jwt = strchr(jwt, '.') + 1;
	buf_init(&json);
	assert_true(b64url_decode(&json, jwt, strcspn(jwt, ".")));
	tree = cJSON_Parse(buf_text(&json));
	buf_done(&json);
	return tree;
}

static void a_certificate_signs_with_ps256_under_its_thumbprint(void **state)
{
	autofree char *print = pem_write(path, &(struct pem){key, NULL, key, false});
	autofree_json cJSON *header = NULL;
	autofree char *jwt = NULL;
	struct buf signature;
	autoerr(err);
	const char *end;

	assert_true(start("CLIENT_CERTIFICATE_FILE", path, &err));
	assert_string_equal(credential_kind(credential), "certificate");
	jwt = assertion();
	header = part(jwt, 0);
	assert_string_equal(json_string(header, "alg"), "PS256");
	assert_string_equal(json_string(header, "typ"), "JWT");
	assert_string_equal(json_string(header, "x5t#S256"), print);
	end = strrchr(jwt, '.');
	buf_init(&signature);
	assert_true(b64url_decode(&signature, end + 1, strlen(end + 1)));
	assert_true(keypair_verifies_ps256(
		key, jwt, (size_t)(end - jwt), signature.data, signature.len));
	assert_false(keypair_verifies_ps256(
		key, jwt, (size_t)(end - jwt) - 1, signature.data, signature.len));
	assert_false(keypair_verifies_ps256(
		stranger, jwt, (size_t)(end - jwt), signature.data, signature.len));
	buf_done(&signature);
}

static void a_signed_assertion_says_who_for_whom_and_until_when(void **state)
{
	autofree char *print = pem_write(path, &(struct pem){key, NULL, key, false});
	autofree_json cJSON *claims = NULL;
	autofree char *jwt = NULL;
	int64_t exp = 0, nbf = 0, iat = 0;
	autoerr(err);

	assert_non_null(print);
	assert_true(start("CLIENT_CERTIFICATE_FILE", path, &err));
	jwt = assertion();
	claims = part(jwt, 1);
	assert_string_equal(json_string(claims, "aud"), TOKEN_URL);
	assert_string_equal(json_string(claims, "iss"), CLIENT);
	assert_string_equal(json_string(claims, "sub"), CLIENT);
	assert_true(guid_valid(json_string(claims, "jti")));
	assert_true(json_integer(claims, "nbf", &nbf) && json_integer(claims, "iat", &iat) &&
		    json_integer(claims, "exp", &exp));
	assert_int_equal(nbf, NOW_S);
	assert_int_equal(iat, NOW_S);
	assert_int_equal(exp, NOW_S + 600);
}

static void every_signed_assertion_has_an_id_of_its_own(void **state)
{
	autofree char *print = pem_write(path, &(struct pem){key, NULL, key, false});
	autofree_json cJSON *one = NULL, *two = NULL;
	autofree char *first = NULL, *second = NULL;
	autoerr(err);

	assert_non_null(print);
	assert_true(start("CLIENT_CERTIFICATE_FILE", path, &err));
	first = assertion();
	second = assertion();
	one = part(first, 1);
	two = part(second, 1);
	assert_string_not_equal(json_string(one, "jti"), json_string(two, "jti"));
}

static void key_and_certificate_may_come_in_any_order(void **state)
{
	autofree char *print = pem_write(path, &(struct pem){key, NULL, key, true});
	autofree char *jwt = NULL;
	autofree_json cJSON *header = NULL;
	autoerr(err);

	assert_true(start("CLIENT_CERTIFICATE_FILE", path, &err));
	jwt = assertion();
	header = part(jwt, 0);
	assert_string_equal(json_string(header, "x5t#S256"), print);
}

static void a_pem_without_a_good_key_and_its_certificate_is_refused(void **state)
{
	struct keypair *ec = keypair_new_ec(), *weak = keypair_new(1024, 65537);
	struct keypair *pss = keypair_new_pss(); /* of another type, as long as ours */
	const struct {
		struct pem pem;
		const char *reason;
	} CASES[] = {
		{{NULL, NULL, key, false}, "no private key in PEM, or it is encrypted"},
		{{key, "word", key, false}, "no private key in PEM, or it is encrypted"},
		{{key, NULL, NULL, false}, "no certificate in PEM"},
		{{key, NULL, stranger, false}, "not an RSA key of 2048 bits or more"},
		{{ec, NULL, ec, false}, "not an RSA key of 2048 bits or more"},
		{{pss, NULL, pss, false}, "not an RSA key of 2048 bits or more"},
		{{weak, NULL, weak, false}, "not an RSA key of 2048 bits or more"},
		{{NULL, NULL, NULL, false}, "no private key in PEM, or it is encrypted"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autoerr(err);

		free(pem_write(path, &CASES[i].pem));
		check(!start("CLIENT_CERTIFICATE_FILE", path, &err), "case %zu", i);
		assert_null(credential);
		assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
		check(strstr(err.detail, CASES[i].reason) != NULL, "case %zu: %s", i, err.detail);
	}
	keypair_free(ec);
	keypair_free(weak);
	keypair_free(pss);
}

static void a_file_that_is_no_pem_or_gone_is_refused(void **state)
{
	autoerr(err);

	write_file("-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n");
	assert_false(start("CLIENT_CERTIFICATE_FILE", path, &err));
	assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
	unlink(path);
	assert_false(credential_new(&config, NULL, &credential, &err));
	assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
	assert_string_equal(err.detail, "the file cannot be read");
	write_file("");
}

static void a_token_file_is_read_anew_and_trimmed_each_time(void **state)
{
	static const char *const CASES[][2] = {{"a.b.c", "a.b.c"}, {"d.e.f\n", "d.e.f"},
		{"g.h.i \t\r\n\n", "g.h.i"}, {"j.k-_l", "j.k-_l"}};
	autoerr(err);

	write_file("first\n");
	assert_true(start("AZURE_FEDERATED_TOKEN_FILE", path, &err));
	assert_string_equal(credential_kind(credential), "token_file");
	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *jwt = NULL;

		write_file(CASES[i][0]);
		jwt = assertion();
		assert_string_equal(jwt, CASES[i][1]);
	}
}

static void a_token_file_that_is_empty_too_large_or_gone_is_an_error(void **state)
{
	static const char *const EMPTY[] = {"", "\n", " \t\r\n "};
	struct buf large;
	autoerr(err);

	assert_true(start("AZURE_FEDERATED_TOKEN_FILE", path, &err));
	for (size_t i = 0; i < COUNT_OF(EMPTY); i++) {
		write_file(EMPTY[i]);
		assert_null(added(&err));
		assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
	}
	buf_init(&large);
	for (int i = 0; i < 6554; i++)
		buf_adds(&large, "0123456789");
	write_file(buf_text(&large)); /* 4 bytes over 65536 */
	buf_done(&large);
	assert_null(added(&err));
	assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
	unlink(path);
	assert_null(added(&err));
	assert_int_equal(err.code, ERR_SERVER_CONFIGURATION);
	write_file("back.again");
	free(assertion()); /* an error is not remembered */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_secret_is_sent_as_it_is),
		TEST(a_certificate_signs_with_ps256_under_its_thumbprint),
		TEST(a_signed_assertion_says_who_for_whom_and_until_when),
		TEST(every_signed_assertion_has_an_id_of_its_own),
		TEST(key_and_certificate_may_come_in_any_order),
		TEST(a_pem_without_a_good_key_and_its_certificate_is_refused),
		TEST(a_file_that_is_no_pem_or_gone_is_refused),
		TEST(a_token_file_is_read_anew_and_trimmed_each_time),
		TEST(a_token_file_that_is_empty_too_large_or_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
