/* The challenges of a WWW-Authenticate field (RFC 9110 §11.6.1): several in one value, parameters
 * in any order and case, quoted or not.  What is no challenge is passed over. */
#ifndef HTTP_CHALLENGE_H
#define HTTP_CHALLENGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_scan.h"

/* Within the field's value. */
struct challenge {
	struct json_span scheme;
	struct json_span params; /* for challenge_param */
};

/* Takes the next challenge off *field; false at its end. */
bool challenge_next(const char **field, struct challenge *ret);

bool challenge_is(const struct challenge *challenge, const char *scheme);

/* Appends the value, without its quotes, of the first parameter of that name; false when there is
 * none. */
bool challenge_param(const struct challenge *challenge, const char *name, struct buf *out);

#endif
