#include "mcp/headers.h"

#include <string.h>
#include <strings.h>

#include "base/b64.h"

static const char PREFIX[] = "=?base64?", SUFFIX[] = "?=";
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define SUFFIX_LEN (sizeof(SUFFIX) - 1)

bool header_decode(struct json_span value, struct buf *ret)
{
	bool wrapped = value.len >= PREFIX_LEN + SUFFIX_LEN &&
		       !memcmp(value.text, PREFIX, PREFIX_LEN) &&
		       !memcmp(value.text + value.len - SUFFIX_LEN, SUFFIX, SUFFIX_LEN);

	if (wrapped)
		return b64_decode(
			ret, value.text + PREFIX_LEN, value.len - PREFIX_LEN - SUFFIX_LEN);
	buf_add(ret, value.text, value.len); /* an incomplete wrapping is plain text */
	return true;
}

/* RFC 9110 §5.6.3: optional white space is space and tab. */
static struct json_span trim(const char *value, size_t n)
{
	while (n && strchr(" \t", *value)) {
		value++;
		n--;
	}
	while (n && strchr(" \t", value[n - 1]))
		n--;
	return (struct json_span){value, n};
}

static bool same(struct json_span a, struct json_span b)
{
	return a.len == b.len && !memcmp(a.text, b.text, a.len);
}

/* Takes the copies in one line; *ret is the value so far, its text NULL before the first. */
static bool take_copies(const char *line, const char *separator, struct json_span *ret)
{
	for (;; line++) {
		size_t n = strcspn(line, separator);
		struct json_span copy = trim(line, n);

		if (ret->text && !same(copy, *ret))
			return false;
		*ret = copy;
		line += n;
		if (!*line)
			return true;
	}
}

/* separator: what parts copies within a line; "": nothing. */
static bool read_value(const struct request *request, const char *name, const char *separator,
	struct json_span *ret)
{
	struct json_span value = {NULL, 0};

	for (size_t i = 0; i < request->header_count; i++) {
		if (!strcasecmp(request->headers[i].name, name) &&
			!take_copies(request->headers[i].value, separator, &value))
			return false;
	}
	if (value.text)
		*ret = value;
	return value.text != NULL;
}

bool header_single(const struct request *request, const char *name, struct json_span *ret)
{
	return read_value(request, name, ",", ret);
}

bool header_whole(const struct request *request, const char *name, struct json_span *ret)
{
	return read_value(request, name, "", ret);
}

/* As header_single, but for a value that itself holds a comma: that is no list. */
static bool read_like(const struct request *request, const char *name, const char *expected,
	struct json_span *ret)
{
	return read_value(request, name, strchr(expected, ',') ? "" : ",", ret);
}

static bool says(const char *bytes, size_t len, const char *expected)
{
	return strlen(expected) == len && !memcmp(bytes, expected, len);
}

bool header_equals(const struct request *request, const char *name, const char *expected)
{
	struct json_span value;

	return read_like(request, name, expected, &value) && says(value.text, value.len, expected);
}

bool header_decodes_to(const struct request *request, const char *name, const char *expected)
{
	struct json_span value;
	struct buf decoded;
	bool good;

	if (!read_like(request, name, expected, &value))
		return false;
	buf_init(&decoded);
	good = header_decode(value, &decoded) && says(buf_text(&decoded), decoded.len, expected);
	buf_done(&decoded);
	return good;
}
