/* What Entra is to ask of a user besides the usual, such as multi-factor (OpenID Connect Core 1.0
 * §5.5; "Claims challenges, claims requests, and client capabilities").
 *
 * MCP clients take no claims from a challenge, but many sign in anew with its scope.  So a
 * challenge carries them there, as one word more: claims.<base64url of the JSON>.  Here such words
 * become claims again.
 */
#ifndef DOOR_CLAIMS_H
#define DOOR_CLAIMS_H

#include "door/form.h"

#define CLAIMS_MAX 4096      /* JSON: of each source, and of all together */
#define CLAIMS_WORDS_COUNT 8 /* the last of a scope count: clients collect what they were asked */

/* Appends the claims to send to Entra, one JSON object, or nothing where there are none: always
 * (JSON; "": none), in whose place come a form's parameter claims and then its scope's words, from
 * the first to the last.  A claim is taken from the last that has it, whole; where only one source
 * has any, its text is kept to the letter.  ERR_BAD_REQUEST where one is no JSON object or too
 * long: a user who signed in without it would only be challenged again. */
bool claims_gather(const char *always, const struct form *form, struct buf *ret, struct err *err);

/* Appends the word for a challenge's claims (standard base64).  False, with nothing added, where
 * they are none that claims_gather takes. */
bool claims_add_word(struct buf *scope, const char *base64);

#endif
