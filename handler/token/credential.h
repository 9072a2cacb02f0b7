/* How this program proves to Microsoft Entra that it is the registered application: a client
 * secret, a certificate, a managed identity, or a federated token file.  Microsoft identity
 * platform, "Client credentials" and "Workload identity federation".
 */
#ifndef TOKEN_CREDENTIAL_H
#define TOKEN_CREDENTIAL_H

#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"
#include "http/client.h"

struct credential;

/* Takes what the settings name (exactly one).  ERR_SERVER_CONFIGURATION when the certificate file
 * is not a PEM with an RSA key and its certificate.  Config and client must outlive it. */
bool credential_new(const struct config *config, struct http_client *http, struct credential **ret,
	struct err *err);
void credential_free(struct credential *credential);

/* "secret", "certificate", "managed_identity" or "token_file", for people. */
const char *credential_kind(const struct credential *credential);

/* Appends client_secret, or client_assertion_type and client_assertion, to a form whose token_url
 * is the assertion's audience.  ERR_SERVER_CONFIGURATION when there is nothing to prove it with,
 * ERR_UPSTREAM_* when the identity endpoint does not answer, its repeats within the deadline.  Any
 * thread. */
bool credential_add(struct credential *credential, const char *token_url, struct deadline deadline,
	struct buf *form, struct err *err);

#endif
