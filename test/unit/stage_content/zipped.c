#include "stage_content/zipped.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "stage/support.h"

static void add_u16(struct buf *buf, size_t value)
{
	const char bytes[2] = {(char)value, (char)(value >> 8)};

	buf_add(buf, bytes, 2);
}

static void add_u32(struct buf *buf, size_t value)
{
	add_u16(buf, value & 0xffff);
	add_u16(buf, value >> 16);
}

static size_t length(const struct zipped_part *part)
{
	return part->len ? part->len : strlen(part->text);
}

static void deflate_into(const struct zipped_part *part, struct buf *ret)
{
	z_stream stream = {
		.next_in = (Bytef *)(uintptr_t)part->text, .avail_in = (uInt)length(part)};
	size_t room;

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, 0), Z_OK);
	room = deflateBound(&stream, length(part));
	stream.next_out = (Bytef *)buf_reserve(ret, room);
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	ret->len += stream.total_out;
	deflateEnd(&stream);
}

static void pack(const struct zipped_part *part, struct buf *ret)
{
	if (part->stored)
		buf_add(ret, part->text, length(part));
	else
		deflate_into(part, ret);
}

/* What the directory and the entry's own header have in common. */
static void add_common(const struct zipped_part *part, size_t packed, struct buf *out)
{
	uLong sum = crc32(0, (const Bytef *)part->text, (uInt)length(part));

	add_u16(out, 20);
	add_u16(out, part->flags);
	add_u16(out, part->method ? part->method : part->stored ? 0 : 8);
	add_u32(out, 0);
	add_u32(out, part->wrong_sum ? ~sum & 0xffffffff : sum);
	add_u32(out, packed);
	add_u32(out, part->said_size ? part->said_size : length(part));
}

static void add_entry(const struct zipped_part *part, const struct buf *packed, struct buf *out)
{
	const char *name = part->local_name ? part->local_name : part->name;

	buf_add(out, "PK\3\4", 4);
	add_common(part, packed->len, out);
	add_u16(out, strlen(name));
	add_u16(out, 0);
	buf_adds(out, name);
	buf_add(out, packed->data, packed->len);
}

static void add_record(
	const struct zipped_part *part, size_t packed, size_t begin, struct buf *directory)
{
	buf_add(directory, "PK\1\2\x14\0", 6);
	add_common(part, packed, directory);
	add_u16(directory, strlen(part->name));
	for (int i = 0; i < 3; i++)
		add_u32(directory, 0);
	add_u32(directory, begin);
	buf_adds(directory, part->name);
}

void zipped(const struct zipped_part *parts, size_t count, struct buf *ret)
{
	struct buf directory;
	size_t start = ret->len, begin = 0;

	buf_init(&directory);
	for (size_t i = 0; i < count; i++) {
		struct buf packed;

		buf_init(&packed);
		pack(&parts[i], &packed);
		if (!parts[i].elsewhere) {
			begin = ret->len - start;
			add_entry(&parts[i], &packed, ret);
		}
		add_record(&parts[i], packed.len, parts[i].elsewhere ? parts[i].begin : begin,
			&directory);
		buf_done(&packed);
	}
	begin = ret->len - start;
	buf_add(ret, directory.data, directory.len);
	buf_add(ret, "PK\5\6\0\0\0\0", 8);
	add_u16(ret, count);
	add_u16(ret, count);
	add_u32(ret, directory.len);
	add_u32(ret, begin);
	add_u16(ret, 0);
	buf_done(&directory);
}

void zipped_read(const struct zipped_part *parts, size_t count, struct content *ret)
{
	struct buf file;

	buf_init(&file);
	zipped(parts, count, &file);
	content_read(&(struct content_file){{file.data, file.len}, NULL, NULL}, ret);
	buf_done(&file);
}

void zipped_expect(const struct zipped_part *parts, size_t count, const char *text)
{
	struct content content;

	zipped_read(parts, count, &content);
	check(content.kind == CONTENT_TEXT, "%s", content.why);
	assert_string_equal(buf_text(&content.text), text);
	assert_false(content.cut);
	content_done(&content);
}
