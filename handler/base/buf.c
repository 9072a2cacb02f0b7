#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LITTLE 65536 /* bytes; what is made of them is small too */
#define COPIES 8     /* of a body there may be so many times its size, as a tree, or escaped */

static _Atomic(size_t) promised; /* to all buffers */

void buf_init(struct buf *buf)
{
	*buf = (struct buf){0};
}

void buf_init_in(struct buf *buf, char *storage, size_t size)
{
	*buf = (struct buf){.data = storage, .storage = storage, .cap = size};
	*storage = '\0';
}

static void release(struct buf *buf)
{
	if (buf->promised)
		atomic_fetch_sub(&promised, buf->promised);
	buf->promised = 0;
	if (buf->data != buf->storage)
		free(buf->data);
}

void buf_done(struct buf *buf)
{
	release(buf);
	buf_init(buf);
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

static size_t cap_for(const struct buf *buf, size_t need)
{
	size_t twice = buf->cap ? buf->cap * 2 : 64;

	return twice < need ? need : twice;
}

/* Moves to a larger block by hand, not with realloc, so that no copy of a secret stays behind. */
static void grow(struct buf *buf, size_t need)
{
	size_t cap = cap_for(buf, need);
	char *data = or_die(malloc(cap));

	if (buf->data) {
		memcpy(data, buf->data, buf->len);
		explicit_bzero(buf->data, buf->len);
		if (buf->data != buf->storage)
			free(buf->data);
	}
	buf->data = data;
	buf->cap = cap;
}

char *buf_reserve(struct buf *buf, size_t n)
{
	assert(n < SIZE_MAX / 4 - buf->len); /* no length that the program knows of comes near */
	if (buf->len + n + 1 > buf->cap)
		grow(buf, buf->len + n + 1);
	return buf->data + buf->len;
}

bool buf_may_grow(struct buf *buf, size_t n)
{
	size_t need = buf->len + n + 1, wanted = cap_for(buf, need) * COPIES, more;
	void *volatile all; /* or the compiler leaves out what has no use */

	if (need <= LITTLE || need <= buf->cap || wanted <= buf->promised)
		return true;
	more = wanted - buf->promised;
	all = malloc(atomic_fetch_add(&promised, more) + more);
	free(all);
	if (all)
		buf->promised += more;
	else
		atomic_fetch_sub(&promised, more);
	return all != NULL;
}

void buf_add(struct buf *buf, const void *bytes, size_t n)
{
	char *room = n < buf->cap - buf->len ? buf->data + buf->len : buf_reserve(buf, n);

	if (n)
		memcpy(room, bytes, n);
	buf->len += n;
	buf->data[buf->len] = '\0';
}

bool buf_add_within(struct buf *buf, const void *bytes, size_t n, size_t max)
{
	if (buf->len > max || n > max - buf->len || !buf_may_grow(buf, n))
		return false;
	buf_add(buf, bytes, n);
	return true;
}

void buf_cut(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;
	char *room;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	room = buf_reserve(buf, (size_t)n);
	va_start(args, format);
	vsnprintf(room, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

void buf_add_int(struct buf *buf, int64_t value)
{
	char digits[INT_DIGITS_SIZE];

	buf_adds(buf, int_digits(value, digits));
}

void buf_add_utf8(struct buf *buf, uint32_t c)
{
	int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char LEADS[] = {0, 0xc0, 0xe0, 0xf0};
	char bytes[4] = {(char)(LEADS[more] | c >> 6 * more)};

	for (int i = 1; i <= more; i++)
		bytes[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
	buf_add(buf, bytes, (size_t)more + 1);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void buf_add_urlencoded(struct buf *buf, const char *text)
{
	static const char HEX[] = "0123456789ABCDEF";
	const char *from = text; /* what is not written yet */

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		char escape[3] = {'%', HEX[c >> 4], HEX[c & 15]};

		if (is_unreserved(*text))
			continue;
		buf_add(buf, from, (size_t)(text - from));
		buf_add(buf, escape, sizeof(escape));
		from = text + 1;
	}
	buf_add(buf, from, (size_t)(text - from));
}

bool buf_add_urldecoded(struct buf *buf, const char *text, size_t n, size_t max)
{
	for (size_t i = 0; i < n; i++) {
		char c = text[i] == '+' ? ' ' : text[i];

		if (c == '%') {
			int high = n - i < 3 ? -1 : text_hex(text[i + 1]);
			int low = high < 0 ? -1 : text_hex(text[i + 2]);

			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (!c || !buf_add_within(buf, &c, 1, max))
			return false;
	}
	return true;
}

void buf_add_field(struct buf *form, const char *name, const char *value)
{
	if (form->len)
		buf_adds(form, "&");
	buf_adds(form, name);
	buf_adds(form, "=");
	buf_add_urlencoded(form, value);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
