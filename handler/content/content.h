/* What a file of somebody else's says, as text for a reader: told from its bytes, whatever name and
 * type it goes by.  Everything here is bounded in bytes, entries, depth and time, since a file may
 * be made to harm who reads it. */
#ifndef CONTENT_CONTENT_H
#define CONTENT_CONTENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_scan.h"

#define CONTENT_TEXT_MAX (4u << 20) /* bytes of text that are read out of one file */

enum content_kind {
	CONTENT_TEXT,  /* has text, be it plain, HTML, Word, Excel or PowerPoint */
	CONTENT_IMAGE, /* one that clients can show: PNG, JPEG, GIF, WebP */
	CONTENT_PDF,
	CONTENT_OTHER, /* nothing that could be shown */
};

/* What is known of a file. */
struct content_file {
	struct json_span bytes;
	const char *name;       /* NULL: not known */
	const char *media_type; /* as its owner or server names it, with charset or without; NULL */
};

struct content {
	enum content_kind kind;
	const char *media_type; /* what it is by its bytes, a constant; NULL: CONTENT_OTHER */
	struct buf text;        /* CONTENT_TEXT: UTF-8 without control characters but \n and \t */
	bool cut;               /* the file has more text than CONTENT_TEXT_MAX or a bound allows */
	const char *why;        /* CONTENT_OTHER: a public sentence, a constant */
};

/* Always fills *ret, to be ended with content_done; a file that is broken, encrypted or a bomb is
 * CONTENT_OTHER with a sentence. */
void content_read(const struct content_file *file, struct content *ret);
void content_done(struct content *content);

#endif
