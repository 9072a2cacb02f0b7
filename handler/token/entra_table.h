/* What helps against each refusal of Microsoft Entra, and so what we answer: the one table of the
 * handler and the gateway, whose policies are rendered from its rows (apim/refusals.mjs).
 *
 * The kinds matter more than the codes.  A client that is answered 401 signs in again, so that
 * only what this cures is one: everything else would send it there for ever. */
#ifndef TOKEN_ENTRA_TABLE_H
#define TOKEN_ENTRA_TABLE_H

#include <stdint.h>

#include "base/err.h"

enum entra_remedy {
	NEW_TOKEN,     /* another token of the user's for this API */
	SIGN_IN,       /* something the user does on Entra's sign-in page */
	USER_TOKEN,    /* a user's token in the place of an application's */
	CONSENT,       /* the user's consent, or an administrator's */
	ADMIN_CONSENT, /* an administrator's consent */
	ADMINISTRATOR, /* an administrator: policy, device, account, assignment, licence */
	OPERATOR,      /* who runs this server: its registration, credential or request */
	WAIT,          /* time: too many requests */
	TRY_AGAIN,     /* time: Entra itself is not well */
	ENTRA_REMEDY__COUNT
};

/* The remedy by Entra's error number (0: none), else its suberror, else its error (NULL or "":
 * none), the first that is in the table.  An error that is not: OPERATOR; no error at all:
 * TRY_AGAIN, as it is no refusal then (RFC 6749 §5.2). */
enum entra_remedy entra_remedy(int64_t number, const char *suberror, const char *error);

enum err_code entra_remedy_code(enum entra_remedy remedy);

#endif
