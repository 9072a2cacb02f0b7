/* What can go wrong, and what the caller is told about it.
 *
 * Every fallible function returns bool and takes `struct err *err` last; it returns false exactly
 * when it filled err.  One table (err.c) maps a code to its HTTP status, its public code and its
 * public sentence.  `detail` is for the log and never holds a token, secret, assertion or query.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_code {
	ERR_NONE,
	ERR_BAD_REQUEST,
	ERR_INVALID_REQUEST, /* a malformed Authorization header, RFC 6750 §3.1 */
	ERR_MISSING_TOKEN,
	ERR_INVALID_TOKEN,
	ERR_INTERACTION_REQUIRED,
	ERR_INSUFFICIENT_CLAIMS,
	ERR_INSUFFICIENT_SCOPE,
	ERR_APP_ONLY_TOKEN,
	ERR_CLIENT_NOT_ALLOWED,
	ERR_ORIGIN_NOT_ALLOWED,
	ERR_CONSENT_REQUIRED,
	ERR_ACCESS_BLOCKED,
	ERR_GRAPH_FORBIDDEN,
	ERR_NOT_FOUND,
	ERR_METHOD_NOT_ALLOWED,
	ERR_BODY_TOO_LARGE,
	ERR_UNSUPPORTED_MEDIA_TYPE,
	ERR_HEADERS_TOO_LARGE,
	ERR_THROTTLED,
	ERR_INTERNAL,
	ERR_SERVER_CONFIGURATION,
	ERR_GRAPH_ERROR,
	ERR_NOT_CONFIGURED,
	ERR_UPSTREAM_UNAVAILABLE,
	ERR_UPSTREAM_TIMEOUT,
	ERR__COUNT
};

struct err_info {
	enum err_code code;
	int status;       /* HTTP */
	const char *slug; /* the public "code" */
	const char *text; /* the public "message", unless err.message says it better */
};

struct err {
	enum err_code code;
	int retry_after_s; /* 0: none; never of ERR_THROTTLED */
	char message[320]; /* public sentence in our own words; empty: the table's */
	char detail[320];  /* log only */
	/* what the service upstream said of itself, for its own support; empty: nothing */
	char service[8];       /* "entra" or "graph" */
	char service_code[64]; /* AADSTS number, or Graph's error code */
	char service_id[64];   /* Entra's trace id, or Graph's request id */
	char claims[2048];     /* a claims challenge for the client, standard base64; empty: none */
	char consent[1024];    /* where the user can consent, a URL; empty: none */
};

const struct err_info *err_info(enum err_code code);
/* The code whose slug that is; ERR_NONE: none. */
enum err_code err_code_of(const char *slug);

/* The sentence the client reads: err->message, else the table's text. */
const char *err_message(const struct err *err);

/* Starts err afresh with code and a log detail.  Returns false, so `return err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *detail_format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, but the sentence is public: it becomes err->message and the detail. */
bool err_say(struct err *err, enum err_code code, const char *message_format, ...)
	__attribute__((format(printf, 3, 4)));

/* Notes which service upstream failed, and its own code and id for it (NULL: none given). */
void err_service(struct err *err, const char *service, const char *code, const char *id);

/* Notes how long the service upstream asks to wait; 0: it did not say. */
void err_wait(struct err *err, int seconds);

/* Puts "context: " in front of the detail on the way up.  Returns false. */
bool err_wrap(struct err *err, const char *context);

#endif
