#include "content/zip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

#include "base/alloc.h"

/* Sizes of the records without what varies (APPNOTE.TXT, 4.3). */
#define LOCAL_BYTES 30
#define CENTRAL_BYTES 46
#define END_BYTES 22

#define COMMENT_BYTES_MAX 65535
#define NAME_BYTES_MAX 512
#define RATIO_MAX 200 /* of an entry, and of all that is read; above the first bytes */
#define RATIO_FREE_BYTES (1u << 20)

#define FLAGS_ENCRYPTED 0x2041 /* the entry, strongly, the directory */
#define FLAG_SIZES_BEHIND 8    /* and none in the local header */
#define STORED 0
#define DEFLATED 8
#define OF_ZIP64 0xffffffffu

static const char BROKEN[] = "The file is damaged: it cannot be unpacked.";
static const char ENCRYPTED[] = "The file is encrypted: it opens with its password only.";
static const char BOMB[] = "The file is not read: it unpacks to far more than it should.";
static const char MANY[] = "The file is not read: it is a zip of too many files.";
static const char ZIP64[] = "The file is not read: it is a zip in the form for huge files (zip64).";

struct zip_entry {
	struct json_span name, packed;
	size_t begin; /* of all that belongs to it */
	uint32_t crc, size;
	uint16_t method;
};

struct zip {
	struct json_span bytes;
	size_t directory; /* where it begins, and the entries end */
	size_t count;
	size_t left; /* bytes that may yet be unpacked */
	bool cut;
	struct zip_entry entries[];
};

static uint16_t u16(const char *at)
{
	const unsigned char *p = (const unsigned char *)at;

	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const char *at)
{
	return u16(at) | (uint32_t)u16(at + 2) << 16;
}

/* The record that ends the file, with a comment; NULL: there is none. */
static const char *find_end(struct json_span bytes)
{
	for (size_t comment = 0; comment <= COMMENT_BYTES_MAX; comment++) {
		const char *at;

		if (bytes.len < END_BYTES + comment)
			return NULL;
		at = bytes.text + bytes.len - END_BYTES - comment;
		if (!memcmp(at, "PK\5\6", 4) && u16(at + 20) == comment)
			return at;
	}
	return NULL;
}

/* In whatever charset: many zips are older than UTF-8, and a name is only compared. */
static bool name_is_good(struct json_span name)
{
	if (!name.len || name.len > NAME_BYTES_MAX || *name.text == '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if ((unsigned char)name.text[i] < ' ')
			return false;
	}
	return !memmem(name.text, name.len, "../", 3);
}

/* What the entry's own header says must be what the directory says of it (4.3.7). */
static const char *check_local(const struct zip *zip, struct zip_entry *entry, uint16_t flags)
{
	const char *at = zip->bytes.text + entry->begin;
	size_t head;

	if (entry->begin + LOCAL_BYTES > zip->directory || memcmp(at, "PK\3\4", 4) != 0)
		return BROKEN;
	head = (size_t)LOCAL_BYTES + u16(at + 26) + u16(at + 28);
	if (head + entry->packed.len > zip->directory - entry->begin ||
		u16(at + 26) != entry->name.len || u16(at + 8) != entry->method ||
		memcmp(at + LOCAL_BYTES, entry->name.text, entry->name.len) != 0)
		return BROKEN;
	if (!(flags & FLAG_SIZES_BEHIND) && u32(at + 18) != OF_ZIP64 &&
		(u32(at + 18) != entry->packed.len || u32(at + 22) != entry->size))
		return BROKEN;
	entry->packed.text = at + head;
	return NULL;
}

/* The entry whose record in the directory is at *at, which moves on (4.3.12). */
static const char *read_entry(
	const struct zip *zip, const char **at, const char *end, struct zip_entry *ret)
{
	const char *p = *at;
	uint16_t flags;

	if (end - p < CENTRAL_BYTES || memcmp(p, "PK\1\2", 4) != 0)
		return BROKEN;
	flags = u16(p + 8);
	*ret = (struct zip_entry){.method = u16(p + 10), .crc = u32(p + 16), .size = u32(p + 24)};
	ret->packed.len = u32(p + 20);
	ret->begin = u32(p + 42);
	ret->name = (struct json_span){p + CENTRAL_BYTES, u16(p + 28)};
	*at = p + CENTRAL_BYTES + ret->name.len + u16(p + 30) + u16(p + 32);
	if (*at > end || !name_is_good(ret->name))
		return BROKEN;
	if (flags & FLAGS_ENCRYPTED)
		return ENCRYPTED;
	if (ret->size == OF_ZIP64 || ret->packed.len == OF_ZIP64 || ret->begin == OF_ZIP64)
		return ZIP64;
	return check_local(zip, ret, flags);
}

static int by_begin(const void *a, const void *b)
{
	const struct zip_entry *left = a, *right = b;

	return left->begin < right->begin ? -1 : left->begin > right->begin;
}

static int compare_names(struct json_span a, struct json_span b)
{
	int order = strncasecmp(a.text, b.text, a.len < b.len ? a.len : b.len);

	return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int by_name(const void *a, const void *b)
{
	const struct zip_entry *left = a, *right = b;

	return compare_names(left->name, right->name);
}

/* Leaves the entries sorted by name. */
static const char *check_entries(struct zip *zip)
{
	struct zip_entry *entries = zip->entries;

	qsort(entries, zip->count, sizeof(*entries), by_begin);
	for (size_t i = 1; i < zip->count; i++) {
		const struct json_span *before = &entries[i - 1].packed;

		if (before->text + before->len > zip->bytes.text + entries[i].begin)
			return BROKEN;
	}
	qsort(entries, zip->count, sizeof(*entries), by_name);
	for (size_t i = 1; i < zip->count; i++) {
		if (!by_name(&entries[i - 1], &entries[i]))
			return BROKEN;
	}
	return NULL;
}

static const char *read_entries(struct zip *zip, const char *end)
{
	const char *at = zip->bytes.text + zip->directory;
	const char *why = NULL;

	for (size_t i = 0; i < zip->count && !why; i++)
		why = read_entry(zip, &at, end, &zip->entries[i]);
	return why ? why : check_entries(zip);
}

/* Of the record at the end (4.3.16): NULL, how many entries there are, and where. */
static const char *read_end(
	struct json_span bytes, const char *end, size_t *ret_count, size_t *ret_directory)
{
	uint16_t count = u16(end + 10);
	uint32_t size = u32(end + 12), begin = u32(end + 16);

	if (count == 0xffff || size == OF_ZIP64 || begin == OF_ZIP64)
		return ZIP64;
	if (count > ZIP_ENTRIES_MAX)
		return MANY;
	if (u16(end + 4) || u16(end + 6) || u16(end + 8) != count ||
		(size_t)begin + size > (size_t)(end - bytes.text))
		return BROKEN;
	*ret_count = count;
	*ret_directory = begin;
	return NULL;
}

/* What may be unpacked out of a file of that size: a small one does not keep us busy for long,
 * however often its parts refer to each other. */
static size_t most_of(size_t len)
{
	return len < (ZIP_BYTES_MAX - RATIO_FREE_BYTES) / RATIO_MAX
		       ? RATIO_FREE_BYTES + len * RATIO_MAX
		       : ZIP_BYTES_MAX;
}

const char *zip_open(struct json_span bytes, struct zip **ret)
{
	const char *end = find_end(bytes), *why;
	size_t count, directory;
	struct zip *zip;

	why = end ? read_end(bytes, end, &count, &directory) : BROKEN;
	if (why)
		return why;
	zip = xcalloc(1, sizeof(*zip) + count * sizeof(zip->entries[0]));
	zip->bytes = bytes;
	zip->directory = directory;
	zip->count = count;
	zip->left = most_of(bytes.len);
	why = read_entries(zip, end);
	if (why)
		zip_free(zip);
	else
		*ret = zip;
	return why;
}

void zip_free(struct zip *zip)
{
	free(zip);
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name)
{
	struct zip_entry key = {.name = {name, strlen(name)}};

	return bsearch(&key, zip->entries, zip->count, sizeof(key), by_name);
}

/* One entry on its way into a sink. */
struct unpacking {
	struct zip *zip;
	const struct zip_entry *entry;
	const struct zip_sink *sink;
	size_t size; /* so far */
	uLong crc;
	bool ended; /* before its end: by the sink, or by a bound */
};

/* Hands on what was unpacked. */
static const char *hand_on(struct unpacking *unpacking, const char *bytes, size_t n)
{
	struct zip *zip = unpacking->zip;

	unpacking->size += n;
	if (unpacking->size > unpacking->entry->size)
		return BROKEN;
	if (n > zip->left) {
		unpacking->ended = zip->cut = true;
		return NULL;
	}
	zip->left -= n;
	unpacking->crc = crc32(unpacking->crc, (const Bytef *)bytes, (uInt)n);
	unpacking->ended = !unpacking->sink->take(unpacking->sink->context, bytes, n);
	return NULL;
}

static const char *read_stored(struct unpacking *unpacking)
{
	struct json_span rest = unpacking->entry->packed;
	const char *why = NULL;

	while (rest.len && !why && !unpacking->ended) {
		size_t n = rest.len < ZIP_CHUNK_BYTES ? rest.len : ZIP_CHUNK_BYTES;

		why = hand_on(unpacking, rest.text, n);
		rest.text += n;
		rest.len -= n;
	}
	return why;
}

static bool is_bomb(const z_stream *stream)
{
	return stream->total_out > RATIO_FREE_BYTES &&
	       (stream->total_out - RATIO_FREE_BYTES) / RATIO_MAX > stream->total_in;
}

/* Through a chunk of memory for what comes out. */
static const char *inflate_into(struct unpacking *unpacking, z_stream *stream, char *chunk)
{
	int state = Z_OK;
	const char *why = NULL;

	while (state == Z_OK && !why && !unpacking->ended) {
		stream->next_out = (Bytef *)chunk;
		stream->avail_out = ZIP_CHUNK_BYTES;
		state = inflate(stream, Z_NO_FLUSH);
		if (state != Z_OK && state != Z_STREAM_END)
			return BROKEN; /* also when it wants more than there is */
		if (is_bomb(stream))
			return BOMB;
		why = hand_on(unpacking, chunk, ZIP_CHUNK_BYTES - stream->avail_out);
	}
	if (!why && !unpacking->ended && stream->avail_in)
		return BROKEN;
	return why;
}

static const char *read_deflated(struct unpacking *unpacking)
{
	struct json_span packed = unpacking->entry->packed;
	char *chunk = or_die(malloc(ZIP_CHUNK_BYTES));
	const char *why;
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed.text, /* read only */
		.avail_in = (uInt)packed.len};

	or_die(inflateInit2(&stream, -MAX_WBITS) == Z_OK ? &stream : NULL);
	why = inflate_into(unpacking, &stream, chunk);
	inflateEnd(&stream);
	free(chunk);
	return why;
}

const char *zip_read(struct zip *zip, const struct zip_entry *entry, const struct zip_sink *sink)
{
	struct unpacking unpacking = {.zip = zip, .entry = entry, .sink = sink};
	const char *why = BROKEN;

	if (entry->method == STORED)
		why = read_stored(&unpacking);
	else if (entry->method == DEFLATED)
		why = read_deflated(&unpacking);
	if (why || unpacking.ended)
		return why;
	return unpacking.size == entry->size && unpacking.crc == entry->crc ? NULL : BROKEN;
}

bool zip_was_cut(const struct zip *zip)
{
	return zip->cut;
}
