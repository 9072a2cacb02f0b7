/* The checks that settings go through, by kind of value. */
#ifndef BASE_CONFIG_CHECK_H
#define BASE_CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* https://host[:port] and perhaps a path, http only for a loopback host (url.h).  No query,
 * fragment or percent-encoding. */
bool config_url_valid(const char *text);
/* The same without a path: a host to call, or a web origin. */
bool config_origin_valid(const char *text);
/* A name of the DNS (RFC 1035 §2.3.1) of two labels or more, without a dot at its end. */
bool config_domain_valid(const char *text);
/* The address of a managed identity's endpoint: as config_url_valid, but http for the link-local
 * addresses 169.254.x.x too, where App Service has it. */
bool config_identity_url_valid(const char *text);
#define REDIRECT_URI_MAX 256 /* "Redirect URI (reply URL) restrictions and limitations" */

/* An address to come back to from a sign-in: as config_url_valid, without what would end it in a
 * list or in a shell's quotes. */
bool config_redirect_uri_valid(const char *text);
/* RFC 6749 §3.3: a scope-token; one or more with one space between. */
bool config_scope_valid(const char *text);
bool config_scopes_valid(const char *text);
/* JSON, an object, as Entra's claims parameter has it. */
bool config_claims_valid(const char *text);
/* Printable ASCII, as RFC 6749 appendix A.2 has a client secret. */
bool config_secret_valid(const char *text);

/* The parts of a comma-separated text, trimmed and joined again, or NULL when one fails check or
 * there is none: who writes a list means to name somebody.
 * The caller frees it. */
char *config_list(const char *text, bool (*check)(const char *));

#endif
