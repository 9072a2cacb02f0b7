/* Permissions of Microsoft Graph as Entra's token endpoint names them: "Mail.Read",
 * "https://graph.microsoft.com/Mail.Read", or behind the address of a national cloud or Graph's
 * application id; in any order and case, separated by blanks.  Microsoft identity platform, "Scopes
 * and permissions". */
#ifndef TOKEN_SCOPE_NAMES_H
#define TOKEN_SCOPE_NAMES_H

#include <stdbool.h>

#define SCOPE_NAMES_BYTES_MAX 4096 /* kept of one token */

/* Short names, a blank between, of the permissions that a token answer's `scope` lists; those of
 * another resource than Graph, or the one asked for, are left out, and so are `.default`, what no
 * scope may be (RFC 6749 §3.3), and what there is no more room for.  NULL: none is left; else the
 * caller frees it. */
char *scope_names_read(const char *answered, const char *asked);

/* Whether the names that scope_names_read gave (NULL: none) hold every permission of that scope.
 * They never hold `.default`: that asks for all, and nobody knows what that is. */
bool scope_names_hold(const char *names, const char *scope);

#endif
