/* What the unit tests share: cmocka with what it needs, settings, keys that sign, replies, and a
 * count of threads that wait, so that no test has to sleep. */
#ifndef UNIT_SUPPORT_H
#define UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/json.h"
#include "http/client.h"
#include "token/caller.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TENANT "11111111-2222-3333-4444-555555555555"
#define ADA_ID "aaaaaaaa-0001-4000-8000-00000000ada0" /* a user of that tenant */
#define CLIENT "66666666-7777-8888-9999-aaaaaaaaaaaa"
#define NOW_S 1800000000
#define WHILE_MS 600000 /* the time of a call that need not hurry */

/* Fails the test naming the case, where a table of cases is walked. */
void check(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A complete configuration, with up to one setting changed (name NULL: none; value NULL: unset).
 */
void settings_load(struct config *config, const char *name, const char *value);

/* The same with several settings changed. */
struct setting_change {
	const char *name, *value;
};
void settings_load_changed(
	struct config *config, const struct setting_change *changes, size_t count);

/* Fails unless a complete configuration stays one with each of the values (NULL: unset) for that
 * setting, or with none of them. */
void setting_check(const char *name, const char *const *values, size_t count, bool taken);
#define TAKES(name, ...)                                                                           \
	setting_check(name, (const char *[]){__VA_ARGS__},                                         \
		COUNT_OF(((const char *[]){__VA_ARGS__})), true)
#define REFUSES(name, ...)                                                                         \
	setting_check(name, (const char *[]){__VA_ARGS__},                                         \
		COUNT_OF(((const char *[]){__VA_ARGS__})), false)

/* An RSA key pair: what Entra has. */
struct keypair;
struct keypair *keypair_new(unsigned bits, unsigned exponent);
void keypair_free(struct keypair *signer);
/* The public half as a JWK (issuer NULL: it names none); the caller deletes it. */
cJSON *keypair_jwk(const struct keypair *signer, const char *kid, const char *issuer);
/* header.claims signed with RS256, in compact form; the caller frees it. */
char *keypair_token(const struct keypair *signer, const char *header, const char *claims);

/* The same behind "Bearer ". */
char *keypair_bearer(const struct keypair *signer, const char *header, const char *claims);

/* The document with one member set to the JSON value, or taken out (NULL); the caller frees it. */
char *json_changed(const char *document, const char *name, const char *json);

/* caller_check for a call that need not hurry. */
bool caller_ask(const struct caller_rules *rules, const char *authorization, bool accept_graph,
	int64_t now_s, struct caller *ret, struct err *err);

/* A reply as http_send gives it; ended with http_reply_done. */
struct http_reply reply_make(int status, const char *head, const char *body);

/* Ends the program when a test hangs: a deadlock must fail the run. */
void fail_if_hung(void);

/* How often, or how large: what a test does for the numbers takes a sanitizer several times as
 * long, and a quarter of it runs through the same code. */
#define SCALED(n) (SANITIZED ? (n) / 4 : (n))

#endif
