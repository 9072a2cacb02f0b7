/* The signing keys and issuers of Microsoft Entra, fetched from its metadata documents. */
#ifndef TOKEN_ENTRA_KEYS_H
#define TOKEN_ENTRA_KEYS_H

#include "token/entra.h"
#include "token/jwks.h"

/* Gets the tenant's key set through its v2 metadata document's jwks_uri, which must be on
 * AUTHORITY_HOST, and that document's issuer: one that cannot be had is no failure, but gives the
 * set the shortest life.  Or the issuer of its v1 metadata document.  Each wait ends after
 * ENTRA_TIMEOUT_MS.  A jwks_fetch; context is a struct entra. */
bool entra_fetch_keys(void *context, enum token_version version, const struct jwks_answer *held,
	struct jwks_answer *ret, struct err *err);

#endif
