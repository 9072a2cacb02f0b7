/* Microsoft Entra's two services that we call: the signing keys and the On-Behalf-Of exchange. */
#ifndef TOKEN_ENTRA_H
#define TOKEN_ENTRA_H

#include "base/config.h"
#include "base/err.h"
#include "base/health.h"
#include "base/secret.h"
#include "http/client.h"
#include "token/credential.h"
#include "token/jwks.h"
#include "token/user.h"

struct entra {
	const struct config *config;
	struct http_client *http;
	struct credential *credential;
	struct health keys;
	struct health exchange;
};

/* Gets the tenant's key set through its v2 metadata document's jwks_uri, which must be on
 * AUTHORITY_HOST, and that document's issuer: one that cannot be had is no failure, but gives the
 * set the shortest life.  Or the issuer of its v1 metadata document.  Each wait ends after
 * ENTRA_TIMEOUT_MS.  A jwks_fetch; context is a struct entra. */
bool entra_fetch_keys(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err);

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
	int64_t expires_in_s;
	int64_t refresh_in_s; /* when Entra would like it renewed; 0: it did not say */
};

/* Exchanges a user's token for a Microsoft Graph token (OAuth 2.0 On-Behalf-Of; Microsoft identity
 * platform, "v2-oauth2-on-behalf-of-flow").  A 5xx without Retry-After or a dead connection is
 * tried once more after a moment, as is one whose answer is about somebody else.  Declares that
 * claims challenges are understood (xms_cc cp1).  A token that is empty, longer than
 * ENTRA_TOKEN_BYTES_MAX or no b64token is ERR_UPSTREAM_UNAVAILABLE.  Errors as entra_refusal says;
 * ERR_UPSTREAM_*. */
bool entra_exchange(struct entra *entra, const struct entra_request *request,
	struct entra_token *ret, struct err *err);

/* Turns an answer other than success into our error: decided by HTTP status, then claims, then as
 * entra_table.h says; never by the description.  Always returns false. */
bool entra_refusal(const struct config *config, const struct entra_request *request,
	const struct http_reply *reply, struct err *err);

#endif
