/* Bytes that must not be seen: tokens, client secrets, assertions.
 *
 * Wiped on release.  There is no formatter, so a secret cannot be logged by accident; only the
 * code that sends it reads `data`.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

struct secret {
	char *data; /* NUL-terminated; NULL: none */
	size_t len;
};

/* Releases what *secret held and copies n bytes into it. */
void secret_set(struct secret *secret, const char *bytes, size_t n);
void secret_done(struct secret *secret);

#endif
