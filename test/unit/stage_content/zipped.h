/* Zip files made of parts, as they should be and as they should not. */
#ifndef UNIT_ZIPPED_H
#define UNIT_ZIPPED_H

#include "base/buf.h"
#include "content/content.h"

struct zipped_part {
	const char *name, *text;
	size_t len;  /* of the text; 0: up to its NUL */
	bool stored; /* else deflated */
	/* Lies; 0 and NULL: none. */
	const char *local_name; /* what the entry's own header says */
	size_t said_size;       /* that it would unpack to */
	uint16_t flags, method;
	bool elsewhere; /* it is said to begin where it does not, and has nothing of its own */
	size_t begin;
	bool wrong_sum;
};

#define PART(its_name, its_text)                                                                   \
	{                                                                                          \
		.name = (its_name), .text = (its_text)                                             \
	}

/* What an Office file refers to. */
#define RELS(targets) "<Relationships xmlns=\"r\">" targets "</Relationships>"
#define REL(id, type, target)                                                                      \
	"<Relationship Id=\"" id "\" Type=\"http://x/" type "\" Target=\"" target "\"/>"
#define MAIN_PART(target) PART("_rels/.rels", RELS(REL("r1", "officeDocument", target)))

/* Appends the zip file. */
void zipped(const struct zipped_part *parts, size_t count, struct buf *ret);

/* What content_read says of the parts as one file; the caller ends it. */
void zipped_read(const struct zipped_part *parts, size_t count, struct content *ret);

/* Fails unless the parts are read as that text. */
void zipped_expect(const struct zipped_part *parts, size_t count, const char *text);

#endif
