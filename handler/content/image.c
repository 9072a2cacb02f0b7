#include "content/image.h"

#include <stdint.h>
#include <string.h>

static bool has(struct json_span bytes, size_t at, const char *part, size_t n)
{
	return bytes.len >= at + n && !memcmp(bytes.text + at, part, n);
}

static uint32_t byte_at(struct json_span bytes, size_t at)
{
	return (unsigned char)bytes.text[at];
}

static uint32_t big_16(struct json_span bytes, size_t at)
{
	return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

static uint32_t little_16(struct json_span bytes, size_t at)
{
	return byte_at(bytes, at + 1) << 8 | byte_at(bytes, at);
}

/* The signature and the chunk IHDR, with its width, height and check (PNG, §11.2.1). */
static bool is_png(struct json_span bytes)
{
	return bytes.len >= 33 && has(bytes, 0, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) &&
	       (big_16(bytes, 16) || big_16(bytes, 18)) && (big_16(bytes, 20) || big_16(bytes, 22));
}

/* The header and the logical screen descriptor (GIF89a, §17, §18). */
static bool is_gif(struct json_span bytes)
{
	return bytes.len >= 13 && (has(bytes, 0, "GIF87a", 6) || has(bytes, 0, "GIF89a", 6)) &&
	       little_16(bytes, 6) && little_16(bytes, 8);
}

/* Start of image, and one marker with its segment (ITU T.81, §B.1.1). */
static bool is_jpeg(struct json_span bytes)
{
	size_t at = 2;

	if (!has(bytes, 0, "\xff\xd8\xff", 3))
		return false;
	while (at < bytes.len && byte_at(bytes, at) == 0xff)
		at++; /* a marker may have more of them in front */
	if (bytes.len < at + 3 || byte_at(bytes, at) < 0xc0 ||
		(byte_at(bytes, at) >= 0xd0 && byte_at(bytes, at) <= 0xd9))
		return false; /* no marker, or one without a segment */
	return big_16(bytes, at + 1) >= 2 && bytes.len - at - 1 >= big_16(bytes, at + 1);
}

/* The first chunk, up to the picture's width and height (RFC 9649, §2.5 to §2.7). */
static bool is_webp_chunk(struct json_span bytes)
{
	if (has(bytes, 12, "VP8 ", 4))
		return bytes.len >= 30 && has(bytes, 23, "\x9d\x01\x2a", 3);
	if (has(bytes, 12, "VP8L", 4))
		return bytes.len >= 25 && byte_at(bytes, 20) == 0x2f;
	return bytes.len >= 30 && has(bytes, 12, "VP8X", 4);
}

/* In a container that is there to its end. */
static bool is_webp(struct json_span bytes)
{
	return has(bytes, 0, "RIFF", 4) && has(bytes, 8, "WEBP", 4) && is_webp_chunk(bytes) &&
	       (little_16(bytes, 4) | (uint64_t)little_16(bytes, 6) << 16) + 8 <= bytes.len;
}

bool image_has_head(struct json_span bytes)
{
	return is_png(bytes) || is_gif(bytes) || is_jpeg(bytes) || is_webp(bytes);
}
