/* A byte buffer that grows up to a ceiling, fails once and stays failed.
 *
 * Additions after a failure do nothing, so a run of them needs one check of `failed` at the end.
 * The bytes are always followed by a NUL that `len` does not count.  A buffer belongs to one
 * thread at a time.  Running out of memory below the ceiling aborts: ceilings are small.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* NULL until the first addition, or the caller's storage */
	char *storage;
	size_t len;
	size_t cap;
	size_t max;  /* ceiling of len, in bytes */
	bool failed; /* an addition would have passed the ceiling */
};

void buf_init(struct buf *buf, size_t max);
/* The same, with the first size bytes in the caller's storage, which must outlive the buffer: for
 * what is mostly small and never handed on. */
void buf_init_in(struct buf *buf, char *storage, size_t size, size_t max);
void buf_done(struct buf *buf);
/* Wipes the bytes before it frees them: for buffers that held a token or a secret. */
void buf_wipe(struct buf *buf);

/* Room for n more bytes at buf->data + buf->len, or NULL (and failed).  The caller writes up to n
 * bytes there and adds what it wrote to buf->len. */
char *buf_reserve(struct buf *buf, size_t n);
void buf_add(struct buf *buf, const void *bytes, size_t n);
void buf_adds(struct buf *buf, const char *text);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_int(struct buf *buf, int64_t value);
/* Percent-encodes all but RFC 3986 §2.3's unreserved characters. */
void buf_add_urlencoded(struct buf *buf, const char *text);

/* Appends name=value to an application/x-www-form-urlencoded text. */
void buf_add_field(struct buf *form, const char *name, const char *value);

/* The text so far; "" when nothing was added. */
const char *buf_text(const struct buf *buf);

/* p, or the end of the program with a message when it is NULL: for what only lack of memory fails.
 */
void *or_die(void *p);
/* calloc, strdup and strndup that abort with a message: for small, fixed-size needs. */
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t n);

#endif
