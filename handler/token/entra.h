/* Microsoft Entra's two services that we call: the signing keys and the On-Behalf-Of exchange. */
#ifndef TOKEN_ENTRA_H
#define TOKEN_ENTRA_H

#include "base/config.h"
#include "base/err.h"
#include "base/health.h"
#include "base/json.h"
#include "base/secret.h"
#include "http/client.h"

struct entra {
	const struct config *config;
	struct http_client *http;
	struct health keys;
	struct health exchange;
};

/* Gets the tenant's key set through the metadata document's jwks_uri, which must be on
 * AUTHORITY_HOST.  A jwks_fetch; context is a struct entra. */
bool entra_fetch_keys(void *context, cJSON **ret, struct err *err);

struct entra_request {
	const char *tenant_id;      /* of the user's token */
	const char *assertion;      /* the user's token, as received */
	const char *correlation_id; /* GUID, sent as client-request-id */
};

struct entra_token {
	struct secret token;
	int64_t expires_in_s;
};

/* Exchanges a user's token for a Microsoft Graph token (OAuth 2.0 On-Behalf-Of; Microsoft identity
 * platform, "v2-oauth2-on-behalf-of-flow").  Errors as entra_refusal says; ERR_UPSTREAM_*. */
bool entra_exchange(struct entra *entra, const struct entra_request *request,
	struct entra_token *ret, struct err *err);

/* Turns an answer other than success into our error: decided by HTTP status, then claims, error
 * number, suberror and error; never by the description.  Always returns false. */
bool entra_refusal(const struct config *config, const char *tenant_id,
	const struct http_reply *reply, struct err *err);

#endif
