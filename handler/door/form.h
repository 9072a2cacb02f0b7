/* What clients send as application/x-www-form-urlencoded: the query of a URL or the body of a POST.
 * Strict, as it is to be sent on: percent-encoding is whole, all of it is UTF-8, and nothing holds
 * a control character, so that no value can end a header or a line.
 */
#ifndef DOOR_FORM_H
#define DOOR_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define FORM_BYTES_MAX 65536 /* encoded: codes and refresh tokens of Entra have a few thousand */
#define FORM_FIELDS_MAX 64

struct form {
	struct buf text; /* decoded, each name and value with its NUL */
	struct {
		size_t name, value; /* where they begin in text */
	} fields[FORM_FIELDS_MAX];
	size_t count;
};

/* Takes n bytes apart.  ERR_BAD_REQUEST, ERR_BODY_TOO_LARGE.  Ended with form_done either way. */
bool form_read(struct form *form, const char *text, size_t n, struct err *err);
/* Wipes what it held: codes, verifiers, tokens. */
void form_done(struct form *form);

/* The value of that name, which lives as long as the form; NULL when it is absent or empty (RFC
 * 6749 §3.1: without a value is omitted).  Names ignore case, as the Functions host does where it
 * puts those together that came twice. */
const char *form_value(const struct form *form, const char *name);

/* ERR_BAD_REQUEST when one of the names (NULL behind the last) is there twice (RFC 6749 §3.1). */
bool form_once(const struct form *form, const char *const *names, struct err *err);

#endif
