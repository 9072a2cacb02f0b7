/* A byte buffer that grows.
 *
 * An addition cannot fail, so none can be overlooked: what is composed of parts that were bounded
 * where they came in needs no ceiling of its own.  Where a peer decides how much there is,
 * buf_add_within takes the ceiling and its answer cannot be left unread.  The bytes are always
 * followed by a NUL that `len` does not count.  A buffer belongs to one thread at a time.  Running
 * out of memory aborts, but buf_may_grow sees it coming where a peer is the one who asks for much.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

struct buf {
	char *data; /* NULL until the first addition, or the caller's storage */
	char *storage;
	size_t len;
	size_t cap;
	size_t promised; /* by buf_may_grow */
};

void buf_init(struct buf *buf);
/* The same, with the first size bytes in the caller's storage, which must outlive the buffer: for
 * what is mostly small and never handed on. */
void buf_init_in(struct buf *buf, char *storage, size_t size);
void buf_done(struct buf *buf);
/* Wipes the bytes before it frees them: for buffers that held a token or a secret. */
void buf_wipe(struct buf *buf);

/* Room for n more bytes at buf->data + buf->len.  The caller writes up to n bytes there and adds
 * what it wrote to buf->len. */
char *buf_reserve(struct buf *buf, size_t n);
/* Whether there is memory for n more bytes and for what is made of them: copies, trees, an answer.
 * What is promised to one buffer is not to another, until it is done. */
bool buf_may_grow(struct buf *buf, size_t n) __attribute__((warn_unused_result));
void buf_add(struct buf *buf, const void *bytes, size_t n);
/* The same, unless the whole would be longer than max bytes, or the buffer may not grow so far:
 * then false, and nothing is added. */
bool buf_add_within(struct buf *buf, const void *bytes, size_t n, size_t max)
	__attribute__((warn_unused_result));
/* Takes back what is behind the first len bytes. */
void buf_cut(struct buf *buf, size_t len);
void buf_adds(struct buf *buf, const char *text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_int(struct buf *buf, int64_t value);
/* A code point, no surrogate, as UTF-8 (RFC 3629 §3). */
void buf_add_utf8(struct buf *buf, uint32_t c);
/* Percent-encodes all but RFC 3986 §2.3's unreserved characters. */
void buf_add_urlencoded(struct buf *buf, const char *text);

/* Appends the decoding of n application/x-www-form-urlencoded bytes.  False when it is broken,
 * holds a NUL, or the whole would be longer than max. */
bool buf_add_urldecoded(struct buf *buf, const char *text, size_t n, size_t max)
	__attribute__((warn_unused_result));

/* Appends name=value to an application/x-www-form-urlencoded text. */
void buf_add_field(struct buf *form, const char *name, const char *value);

/* The text so far; "" when nothing was added. */
const char *buf_text(const struct buf *buf);

#endif
