/* The text that is read out of a file: bounded, and without control characters but \n and \t. */
#ifndef CONTENT_TEXT_OUT_H
#define CONTENT_TEXT_OUT_H

#include <stdbool.h>

#include "base/buf.h"

/* Filled in with .buf and .max. */
struct text_out {
	struct buf *buf;
	size_t max;    /* bytes that *buf may have */
	bool cut;      /* there was more; nothing is added any more */
	bool after_cr; /* a line has ended, and a \n would only be the rest of its end */
};

/* Appends n bytes of whole code points in valid UTF-8; control characters are left out, and a line
 * ends with \n, whether it was written as that, \r\n or \r. */
void text_out_add(struct text_out *out, const char *text, size_t n);
void text_out_adds(struct text_out *out, const char *text);
/* The same within a line: with a blank where a line ends or a tab stands. */
void text_out_add_line(struct text_out *out, const char *text, size_t n);

#endif
