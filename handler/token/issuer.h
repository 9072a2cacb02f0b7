/* What is said of a token whose issuer is not the one expected: so that whoever set AUTHORITY_HOST
 * or TENANT_ID wrongly, or signed in at another cloud, reads which of the two it is. */
#ifndef TOKEN_ISSUER_H
#define TOKEN_ISSUER_H

#include <stdbool.h>

#include "base/err.h"

/* Fills err with ERR_INVALID_TOKEN and a public sentence that names both.  The token is not
 * verified: of what came, 100 characters are shown, and only such as stand in addresses.  Returns
 * false. */
bool issuer_refuse(const char *expected, const char *came, struct err *err);

#endif
