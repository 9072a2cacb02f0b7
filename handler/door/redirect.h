/* Where a user may come back to from the sign-in: a loopback address of a client on the user's own
 * machine, or an address of MCP_REDIRECT_URIS.  Entra compares with its own registration as well;
 * here it is told before, and with what would mend it.
 */
#ifndef DOOR_REDIRECT_H
#define DOOR_REDIRECT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/config.h"

/* All that are acceptable, separated by spaces, in the form in which Entra has them registered:
 * loopback addresses as http://localhost without a port, which Entra ignores.  The caller frees it.
 */
char *redirect_list(const struct config *config);

/* Appends the address as it is sent to Entra, which does not take [::1] and may heed the port of
 * 127.0.0.1: with localhost in their place.  False unless it is one of the list. */
bool redirect_for_entra(const char *list, const char *uri, struct buf *ret);

/* Whether it could be listed, and has no character that a shell, make or a list would take for its
 * own. */
bool redirect_is_plain(const char *uri);

#endif
