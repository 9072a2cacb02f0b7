/* Microsoft Entra, and the On-Behalf-Of exchange with it.  What else is asked of it is the signing
 * keys (entra_keys.h). */
#ifndef TOKEN_ENTRA_H
#define TOKEN_ENTRA_H

#include "base/config.h"
#include "base/err.h"
#include "base/health.h"
#include "base/secret.h"
#include "http/client.h"
#include "token/credential.h"
#include "token/user.h"

struct entra {
	const struct config *config;
	struct http_client *http;
	struct credential *credential;
	struct health keys;
	struct health exchange;
};

struct entra_request {
	const struct caller *caller; /* CALLER_USER, whose token is exchanged in its own tenant */
	const char *scope;           /* permissions that are asked for, separated by spaces */
	const char *correlation_id;  /* GUID, sent as client-request-id */
	const char *trace;           /* traceparent to send on; NULL: none */
	const char *claims;          /* of a claims challenge, JSON; NULL: none */
	struct deadline deadline;    /* of the call that needs it */
};

#define ENTRA_TOKEN_BYTES_MAX 32768 /* a header with more is refused nearly everywhere */

struct entra_token {
	struct secret token;
	char *granted; /* what it is good for, as scope_names_read gives it; NULL: its scope alone
			*/
	int64_t expires_in_s;
	int64_t refresh_in_s; /* when Entra would like it renewed; 0: it did not say */
};
void entra_token_done(struct entra_token *token);

/* Exchanges a user's token for a Microsoft Graph token (OAuth 2.0 On-Behalf-Of; Microsoft identity
 * platform, "v2-oauth2-on-behalf-of-flow").  A 5xx without Retry-After or a dead connection is
 * tried once more after a moment, as is one whose answer is about somebody else.  An answer that
 * does not say what was granted grants what was asked (RFC 6749 §5.1).  Declares that claims
 * challenges are understood (xms_cc cp1).  A token that is empty, longer than ENTRA_TOKEN_BYTES_MAX
 * or no b64token is ERR_UPSTREAM_UNAVAILABLE.  Errors as entra_refusal.h says; ERR_UPSTREAM_*. */
bool entra_exchange(struct entra *entra, const struct entra_request *request,
	struct entra_token *ret, struct err *err);

#endif
