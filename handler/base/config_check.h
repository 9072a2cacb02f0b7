/* The checks that settings go through, by kind of value. */
#ifndef BASE_CONFIG_CHECK_H
#define BASE_CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* https://host[:port], http only for a loopback host, and perhaps a path.  No user information,
 * query, fragment or percent-encoding. */
bool config_url_valid(const char *url);
/* Whether a valid URL's host is 127.0.0.1, localhost or [::1]. */
bool config_url_loopback(const char *url);
/* As config_url_valid, without path: a web origin. */
bool config_origin_valid(const char *text);
/* The address of a managed identity's endpoint: as config_url_valid, but http for the
 * link-local addresses 169.254.x.x too, where App Service has it. */
bool config_identity_url_valid(const char *url);
/* RFC 6749 §3.3: a scope-token; one or more with one space between. */
bool config_scope_valid(const char *text);
bool config_scopes_valid(const char *text);
/* Printable ASCII, as RFC 6749 appendix A.2 has a client secret. */
bool config_secret_valid(const char *text);

/* The parts of a comma-separated text, trimmed and joined again, or NULL when one fails check or
 * there is none: who writes a list means to name somebody.
 * The caller frees it. */
char *config_list(const char *text, bool (*check)(const char *));

#endif
