/* A zip file in memory, as Office files are (PKWARE's APPNOTE.TXT): which entries it has, and what
 * is in one.  It may be made to harm: what is unpacked is handed on by and by and never held, and a
 * file whose entries overlap, lie about their size or grow too much is refused. */
#ifndef CONTENT_ZIP_H
#define CONTENT_ZIP_H

#include <stdbool.h>

#include "base/json_scan.h"

#define ZIP_ENTRIES_MAX 4096
#define ZIP_ENTRY_BYTES_MAX (64u << 20)
#define ZIP_BYTES_MAX (128u << 20) /* unpacked out of one file, however often */
#define ZIP_CHUNK_BYTES 32768      /* that are handed on at once, at most */

struct zip;
struct zip_entry;

/* Takes what an entry holds, in order; false when it wants no more. */
struct zip_sink {
	bool (*take)(void *context, const char *bytes, size_t n);
	void *context;
};

/* NULL when the bytes, which must outlive *ret, are a zip file, else a public sentence that says
 * why they are not read. */
const char *zip_open(struct json_span bytes, struct zip **ret);
void zip_free(struct zip *zip);

/* The entry of that name, ASCII letters in either case (ECMA-376 part 2, "part names"); NULL: there
 * is none. */
const struct zip_entry *zip_find(const struct zip *zip, const char *name);

/* Unpacks the entry into the sink.  NULL, also where the sink wanted no more or a bound in bytes
 * ended it, else a public sentence: what the sink has got is of no use. */
const char *zip_read(struct zip *zip, const struct zip_entry *entry, const struct zip_sink *sink);
/* Whether a bound in bytes has ended any reading. */
bool zip_was_cut(const struct zip *zip);

#endif
