/* A zip file of stored entries, made of what a fuzzer writes: a line with the name of each, behind
 * a byte 1, and then what it holds.  So the sums and the offsets are right, whatever is in it. */
#ifndef FUZZ_ZIPPED_H
#define FUZZ_ZIPPED_H

#include <zlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "content/content.h"
#include "fuzz.h"

#define FUZZ_PARTS_MAX 64

static inline void fuzz_number(struct buf *out, size_t value, int bytes)
{
	for (; bytes; bytes--, value >>= 8) {
		char c = (char)value;

		buf_add(out, &c, 1);
	}
}

/* What the entry's own header and the directory have in common. */
static inline void fuzz_common(struct buf *out, struct json_span name, struct json_span text)
{
	fuzz_number(out, 20, 2);
	fuzz_number(out, 0, 8);
	fuzz_number(out, crc32(0, (const Bytef *)text.text, (uInt)text.len), 4);
	fuzz_number(out, text.len, 4);
	fuzz_number(out, text.len, 4);
	fuzz_number(out, name.len, 2);
}

static inline void fuzz_entry(
	struct buf *out, struct buf *directory, struct json_span name, struct json_span text)
{
	buf_adds(directory, "PK\1\2");
	fuzz_number(directory, 20, 2);
	fuzz_common(directory, name, text);
	fuzz_number(directory, 0, 12);
	fuzz_number(directory, out->len, 4);
	buf_add(directory, name.text, name.len);
	buf_adds(out, "PK\3\4");
	fuzz_common(out, name, text);
	fuzz_number(out, 0, 2);
	buf_add(out, name.text, name.len);
	buf_add(out, text.text, text.len);
}

static inline void fuzz_zip(const uint8_t *data, size_t size, struct buf *out)
{
	struct json_span rest = {(const char *)data, size};
	struct buf directory;
	size_t count = 0;

	buf_init(&directory);
	while (rest.len && count < FUZZ_PARTS_MAX) {
		struct json_span part = {rest.text + 1, rest.len - 1};
		const char *end = part.len ? memchr(part.text, 1, part.len) : NULL, *line;

		part.len = end ? (size_t)(end - part.text) : part.len;
		line = part.len ? memchr(part.text, '\n', part.len) : NULL;
		if (line) {
			size_t n = (size_t)(line - part.text);

			fuzz_entry(out, &directory, (struct json_span){part.text, n},
				(struct json_span){line + 1, part.len - n - 1});
			count++;
		}
		rest.text += part.len + 1;
		rest.len -= part.len + 1;
	}
	fuzz_number(&directory, 0x06054b50, 4);
	fuzz_number(&directory, 0, 4);
	fuzz_number(&directory, count, 2);
	fuzz_number(&directory, count, 2);
	fuzz_number(&directory, directory.len - 12, 4);
	fuzz_number(&directory, out->len, 4);
	fuzz_number(&directory, 0, 2);
	if (directory.len)
		buf_add(out, directory.data, directory.len);
	buf_done(&directory);
}

/* What must be of whatever was read. */
static inline void fuzz_check(const struct content *content)
{
	const char *text = buf_text(&content->text);

	if (content->kind != CONTENT_TEXT && content->text.len)
		abort();
	if ((content->kind == CONTENT_OTHER) != (content->why != NULL))
		abort();
	if ((content->kind == CONTENT_OTHER) != !content->media_type)
		abort();
	if (content->text.len > CONTENT_TEXT_MAX || !utf8_valid(text, content->text.len))
		abort();
	for (size_t i = 0; i < content->text.len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			abort();
		if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)
			abort();
	}
}

/* content_read of the bytes, in a block of their own so that reading past them shows. */
static inline void fuzz_content(
	const uint8_t *data, size_t size, const char *name, const char *media_type)
{
	char *bytes = malloc(size ? size : 1);
	struct content content;

	if (!bytes)
		abort();
	if (size)
		memcpy(bytes, data, size);
	content_read(&(struct content_file){{bytes, size}, name, media_type}, &content);
	fuzz_check(&content);
	content_done(&content);
	free(bytes);
}

/* The same of an Office file whose main part is there, and which has what a fuzzer wrote besides.
 */
static inline void fuzz_office(const char *main_part, const uint8_t *data, size_t size)
{
	struct buf parts, file;

	buf_init(&parts);
	buf_init(&file);
	buf_addf(&parts,
		"\1_rels/.rels\n<r><Relationship Id=\"r\" Type=\"/officeDocument\" "
		"Target=\"%s\"/></r>",
		main_part);
	buf_add(&parts, data, size);
	fuzz_zip((const uint8_t *)parts.data, parts.len, &file);
	fuzz_content((const uint8_t *)file.data, file.len, NULL, NULL);
	buf_done(&file);
	buf_done(&parts);
}

#endif
