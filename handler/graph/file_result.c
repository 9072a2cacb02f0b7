#include "graph/file_result.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/crypto.h"
#include "base/json_text.h"
#include "base/text.h"
#include "content/content.h"

#define DIGEST_BYTES 8
#define DIGEST_SIZE (2 * DIGEST_BYTES + 1)
#define MORE "There is more: call again with this cursor."
#define MORE_UNREAD "The file has more text, which is not read here."
/* What stands beside the text at most. */
#define FRAME_BYTES 200
#define TOO_LONG "It is longer than 16 MiB, which is not read here."
#define TOO_LONG_TO_SHOW "It is longer than 1 MiB, which is not shown here."

static_assert(DOWNLOAD_BYTES_MAX / (1 << 20) == 16, "the sentence says so");
static_assert(FILE_BLOCK_BYTES_MAX / (1 << 20) == 1, "the sentence says so");

/* A picked string, decoded; NULL where there is none.  The caller frees it. */
static char *picked_text(const struct file_found *found, const char *name)
{
	struct json_span token;
	struct buf text;

	buf_init(&text);
	buf_adds(&text, "");
	if (json_find(found->picked, name, &token) && json_unquote(token, &text))
		return text.data;
	buf_done(&text);
	return NULL;
}

static bool says_too_long(const struct file_found *found)
{
	struct json_span size;

	return json_find(found->picked, "size", &size) &&
	       strtod(size.text, NULL) > DOWNLOAD_BYTES_MAX;
}

static bool lacks(const struct file_found *found)
{
	struct json_span ignored;

	return found->rules->needs && !json_find(found->picked, found->rules->needs, &ignored);
}

bool file_result_wants(const struct file_found *found)
{
	return !lacks(found) && !says_too_long(found);
}

/* The type that Graph names, but the server's where that alone names the charset. */
static const char *media_type(
	const struct file_found *found, const struct download *file, const char *named)
{
	if (strcasestr(file->media_type, "charset="))
		return file->media_type;
	if (named)
		return named;
	return found->rules->type ? found->rules->type : file->media_type;
}

static bool is_type(const char *text, const char *type)
{
	size_t n = strlen(type);

	return !strncasecmp(text, type, n) && strchr("; ", text[n]);
}

/* Of a file that is not what it is said to be, or of which nothing is said. */
static void write_kind(const char *named, const struct content *content, struct buf *out)
{
	if (content->media_type && (!named || !is_type(named, content->media_type)))
		buf_addf(out, ",\"is\":\"%s\"", content->media_type);
}

static void write_why(const char *why, struct buf *out)
{
	buf_adds(out, ",\"why\":");
	json_quote(out, why);
}

static void write_block(const char *name, const struct content *content,
	const struct download *file, struct buf *out)
{
	if (file->bytes.len > FILE_BLOCK_BYTES_MAX) {
		write_why(TOO_LONG_TO_SHOW, out);
		return;
	}
	buf_addf(out, ",\"%s\":{\"contentType\":\"%s\",\"data\":\"", name, content->media_type);
	b64_encode(out, buf_text(&file->bytes), file->bytes.len);
	buf_adds(out, "\"}");
}

static void digest_of(const struct buf *text, char ret[DIGEST_SIZE])
{
	unsigned char digest[SHA256_SIZE];
	struct sha256 *sha = sha256_new();

	sha256_add(sha, buf_text(text), text->len);
	sha256_end(sha, digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

static bool refuse_cursor(struct err *err)
{
	return err_say(err, ERR_BAD_REQUEST,
		"The cursor is none that this tool gave; leave it out to begin at the start.");
}

static bool refuse_change(struct err *err)
{
	return err_say(
		err, ERR_BAD_REQUEST, "The file has changed: begin again without the cursor.");
}

/* "c.OFFSET.DIGEST" */
static bool read_cursor(const struct file_found *found, const struct buf *text, const char *own,
	size_t *ret_offset, struct err *err)
{
	const char *cursor = found->cursor;
	size_t digits = strncmp(cursor, "c.", 2) ? 0 : strspn(cursor + 2, "0123456789");
	const char *digest = cursor + 2 + digits + 1;
	size_t offset;

	if (!digits || digits > 8 || digest[-1] != '.' ||
		strspn(digest, "0123456789abcdef") != DIGEST_SIZE - 1 || digest[DIGEST_SIZE - 1])
		return refuse_cursor(err);
	if (strcmp(digest, own) != 0)
		return refuse_change(err);
	offset = strtoul(cursor + 2, NULL, 10);
	if (offset >= text->len || utf8_fitting(text->data, text->len, offset) != offset)
		return refuse_cursor(err);
	*ret_offset = offset;
	return true;
}

/* Where a part that begins there ends, to take up no more than room in JSON: behind a line, where
 * that costs less than a quarter of it, and never within a code point. */
static size_t end_of_part(const struct buf *text, size_t offset, size_t room)
{
	const char *line;
	size_t end = offset, used = 0;

	while (end < text->len && used + 2 <= room)
		used += strchr("\"\\\n\t", text->data[end++]) ? 2 : 1;
	if (end == text->len)
		return end;
	end = utf8_fitting(text->data, text->len, end);
	line = memrchr(text->data + offset, '\n', end - offset);
	if (line && (size_t)(line + 1 - text->data) > end - (end - offset) / 4)
		end = (size_t)(line + 1 - text->data);
	return end;
}

static void write_part(const struct file_found *found, const struct content *content,
	const char *digest, size_t offset, struct buf *out)
{
	const struct buf *text = &content->text;
	size_t room = found->bytes_max - out->len - FRAME_BYTES;
	size_t end = end_of_part(text, offset, room);
	autofree char *part = xstrndup(buf_text(text) + offset, end - offset);

	if (end < text->len)
		buf_addf(out, ",\"cursor\":\"c.%zu.%s\",\"more\":\"%s\"", end, digest, MORE);
	else if (content->cut)
		buf_addf(out, ",\"more\":\"%s\"", MORE_UNREAD);
	buf_adds(out, ",\"text\":");
	json_quote(out, part);
}

static bool write_text(const struct file_found *found, const struct content *content,
	struct buf *out, struct err *err)
{
	char digest[DIGEST_SIZE];
	size_t offset = 0;

	digest_of(&content->text, digest);
	if (found->cursor && !read_cursor(found, &content->text, digest, &offset, err))
		return false;
	write_part(found, content, digest, offset, out);
	return true;
}

static bool write_content(const struct file_found *found, const struct content *content,
	const struct download *file, struct buf *out, struct err *err)
{
	if (content->kind == CONTENT_TEXT)
		return write_text(found, content, out, err);
	if (found->cursor)
		return refuse_change(err);
	if (content->kind == CONTENT_IMAGE)
		write_block("image", content, file, out);
	else if (content->kind == CONTENT_PDF)
		write_block("pdf", content, file, out);
	else
		write_why(content->why, out);
	return true;
}

static bool write_file(const struct file_found *found, const struct download *file, struct buf *out,
	struct err *err)
{
	autofree char *name = picked_text(found, "name"), *type = picked_text(found, "type");
	const struct content_file bytes = {.bytes = {buf_text(&file->bytes), file->bytes.len},
		.name = name,
		.media_type = media_type(found, file, type)};
	struct content content;
	bool good;

	content_read(&bytes, &content);
	write_kind(type, &content, out);
	good = write_content(found, &content, file, out, err);
	content_done(&content);
	return good;
}

static bool write_rest(const struct file_found *found, const struct download *file, struct buf *out,
	struct err *err)
{
	if (file && !file->none && !file->too_long)
		return write_file(found, file, out, err);
	if (found->cursor)
		return refuse_change(err);
	write_why(lacks(found) || (file && file->none) ? found->rules->none : TOO_LONG, out);
	return true;
}

bool file_result_write(const struct file_found *found, const struct download *file, struct buf *out,
	struct err *err)
{
	size_t start = out->len;

	buf_add(out, found->picked.text, found->picked.len - 1);
	if (!write_rest(found, file, out, err)) {
		buf_cut(out, start);
		return false;
	}
	buf_adds(out, "}");
	return true;
}
