/* Base64 (RFC 4648 §4) and base64url without padding (§5).  Strict: no white space, no stray
 * bits, padding exactly where the alphabet wants it. */
#ifndef BASE_B64_H
#define BASE_B64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the encoding of n bytes. */
void b64_encode(struct buf *out, const void *bytes, size_t n);
void b64url_encode(struct buf *out, const void *bytes, size_t n);

/* Appends the decoded bytes.  False, with nothing added, when the text is not valid. */
bool b64_decode(struct buf *out, const char *text, size_t n);
bool b64url_decode(struct buf *out, const char *text, size_t n);
/* Either alphabet, padded or not: for what others have written. */
bool b64_decode_any(struct buf *out, const char *text, size_t n);

#endif
