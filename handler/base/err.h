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
	ERR_RECIPIENT_NOT_ALLOWED,
	ERR_CONFIRMATION_REQUIRED,
	ERR_DECLINED,
	ERR_NOT_FOUND,
	ERR_METHOD_NOT_ALLOWED,
	ERR_REQUEST_TIMEOUT,
	ERR_BODY_TOO_LARGE,
	ERR_UNSUPPORTED_MEDIA_TYPE,
	ERR_HEADERS_TOO_LARGE,
	ERR_INVALID_CLIENT, /* these to ERR_INVALID_CLIENT_METADATA: of /oauth alone */
	ERR_INVALID_TARGET,
	ERR_INVALID_REDIRECT_URI,
	ERR_UNSUPPORTED_RESPONSE_TYPE,
	ERR_UNSUPPORTED_GRANT_TYPE,
	ERR_INVALID_CLIENT_METADATA,
	ERR_THROTTLED,
	ERR_TOO_MANY_REQUESTS,
	ERR_INTERNAL,
	ERR_SERVER_CONFIGURATION,
	ERR_GRAPH_ERROR,
	ERR_OUTCOME_UNKNOWN, /* of a write: it may have been done, or a part of it */
	ERR_NOT_CONFIGURED,
	ERR_OVERLOADED,
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

/* No longer challenge is passed on: with it a header would be too long for many. */
#define ERR_CLAIMS_SIZE 2048

/* What a service upstream said when it refused; each empty: nothing. */
struct err_upstream {
	char service[8];              /* "entra", "graph" or "gateway" */
	char code[64];                /* AADSTS number, or Graph's error code */
	char id[64];                  /* Entra's trace id, or Graph's request id */
	char claims[ERR_CLAIMS_SIZE]; /* a challenge for the client, standard base64 */
	char consent[2048];           /* where the user can consent, a URL */
};

/* Made by autoerr, or zeroed; so it may be filled again and again, and is released with err_done.
 * It owns what lies behind it, so it is copied and moved by err_copy and err_move, never by `=`. */
struct err {
	enum err_code code;
	int retry_after_s;             /* 0: none; never of ERR_THROTTLED */
	bool maybe_done;               /* the request that failed may have been carried out */
	struct err_upstream *upstream; /* for err_upstream(); NULL: nothing was said */
	char message[320];             /* public sentence in our own words; empty: the table's */
	char detail[320];              /* log only */
};

void err_init(struct err *err);
/* Leaves it as err_init does. */
void err_done(struct err *err);

/* Declares an err of this scope, which is released at its end.  Most are never filled. */
static inline void err_done_at(struct err *err)
{
	if (err->upstream)
		err_done(err);
}
#define autoerr(name)                                                                              \
	__attribute__((cleanup(err_done_at))) struct err name;                                     \
	err_init(&(name))

/* What *to held is released. */
void err_copy(const struct err *from, struct err *to);
/* The same, without a copy: *from is left empty. */
void err_move(struct err *from, struct err *to);

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

/* What the service upstream said; never NULL.  Lives until err is filled again or released. */
const struct err_upstream *err_upstream(const struct err *err);

/* Notes which service upstream failed, and its own code and id for it (NULL: none given). */
void err_service(struct err *err, const char *service, const char *code, const char *id);

/* Notes a claims challenge, or the address of a consent page.  False where it is empty or too long,
 * and is not noted. */
bool err_ask_claims(struct err *err, const char *claims);
bool err_ask_consent(struct err *err, const char *url);

/* Notes how long the service upstream asks to wait; 0: it did not say. */
void err_wait(struct err *err, int seconds);

/* Puts "context: " in front of the detail on the way up.  Returns false. */
bool err_wrap(struct err *err, const char *context);

#endif
