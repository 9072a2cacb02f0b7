/* Whether somebody that a write would reach is within the domains that the operator allows.  What
 * is no plain address is outside: a server on the way may read it as another one, or as several. */
#ifndef GRAPH_RECIPIENT_H
#define GRAPH_RECIPIENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"

/* domains: separated by commas, in lower case.  An address is local@domain of ASCII alone, its
 * domain one of them as a whole.  RFC 5321 §4.1.2 allows more in quotation marks, with routes in
 * % and !, and Entra names a guest with #, whose mail goes elsewhere. */
bool recipient_is_allowed(const char *domains, const char *address);

/* Those of a value that are not allowed: of a string, of {"address"} (without it: outside), or of
 * each in an array.  Adds the first of them to names, shortened and fit to be shown, and returns
 * how many there are; *ret_all counts all. */
int recipients_outside(const char *domains, const cJSON *value, struct buf *names, int *ret_all);

#endif
