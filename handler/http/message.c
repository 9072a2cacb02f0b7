#include "http/message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Letters in either case differ in that bit alone; most names differ in the first letter. */
static bool same_name(const char *a, const char *b)
{
	return ((*a ^ *b) & ~0x20) == 0 && !strcasecmp(a, b);
}

const char *request_header(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (same_name(request->headers[i].name, name))
			return request->headers[i].value;
	}
	return NULL;
}

size_t request_header_count(const struct request *request, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += same_name(request->headers[i].name, name);
	return count;
}

/* The byte at *at, decoded, with *at moved to its last character; -1: no valid escape. */
static int path_byte(const char **at)
{
	const char *p = *at;

	if (*p != '%')
		return (unsigned char)*p;
	if (text_hex(p[1]) < 0 || text_hex(p[2]) < 0)
		return -1;
	*at += 2;
	return text_hex(p[1]) << 4 | text_hex(p[2]);
}

bool request_path_plain(const struct request *request)
{
	size_t length = 0, dots = 0; /* of the segment so far */

	for (const char *p = request->url ? request->url : request->path;; p++) {
		bool end = !*p || *p == '?';
		int c = path_byte(&p);

		if (!end && (c <= 0 || c == '\\' || c == '%'))
			return false;
		if (end || c == '/') {
			if (dots == length && (length == 1 || length == 2))
				return false;
			length = dots = 0;
		} else {
			length++;
			dots += c == '.';
		}
		if (end)
			return true;
	}
}

static bool name_is(const char *encoded, size_t n, const char *name)
{
	char storage[256];
	struct buf decoded;
	bool same;

	buf_init_in(&decoded, storage, sizeof(storage));
	same = buf_add_urldecoded(&decoded, encoded, n, sizeof(storage) - 1) &&
	       !strcasecmp(buf_text(&decoded), name);
	buf_done(&decoded);
	return same;
}

bool request_query(const struct request *request, const char *name, struct buf *ret,
	bool *ret_found, struct err *err)
{
	bool found = false;

	for (const char *p = request->query; *p;) {
		size_t len = strcspn(p, "&");
		const char *equals = memchr(p, '=', len);
		size_t name_len = equals ? (size_t)(equals - p) : len;

		if (name_is(p, name_len, name)) {
			const char *value = equals ? equals + 1 : p + len;

			if (found)
				buf_adds(ret, ",");
			found = true;
			if (!buf_add_urldecoded(
				    ret, value, (size_t)(p + len - value), QUERY_VALUE_MAX))
				return err_say(err, ERR_BAD_REQUEST,
					"The query parameter %s is not valid percent-encoding or "
					"is too long.",
					name);
		}
		p += len;
		p += *p == '&';
	}
	if (!utf8_valid(buf_text(ret), ret->len))
		return err_say(
			err, ERR_BAD_REQUEST, "The query parameter %s is not valid UTF-8.", name);
	*ret_found = found;
	return true;
}

/* The length up to a comma that stands in no quotes.  RFC 9110 §5.6.4 */
static size_t copy_length(const char *text)
{
	bool quoted = false;
	size_t n = 0;

	for (; text[n] && (quoted || text[n] != ','); n++) {
		quoted ^= text[n] == '"';
		n += quoted && text[n] == '\\' && text[n + 1];
	}
	return n;
}

static bool is_type(const char *value, const char *type)
{
	for (;; value++) {
		size_t n = strlen(type);

		if (strncasecmp(value, type, n) != 0)
			return false;
		n += strspn(value + n, " \t");
		if (!strchr(";,", value[n])) /* which finds the end too */
			return false;
		value += n + copy_length(value + n);
		if (!*value)
			return true;
		value += strspn(value + 1, " \t");
	}
}

const char *path_without_prefix(const char *path)
{
	return strncasecmp(path, "/api/", 5) ? path : path + 4;
}

bool method_is_among(const char *methods, const char *method)
{
	return list_has(methods, ' ', strcmp(method, "HEAD") ? method : "GET");
}

bool request_is_type(const struct request *request, const char *type)
{
	bool found = false;

	for (size_t i = 0; i < request->header_count; i++) {
		if (!same_name(request->headers[i].name, "Content-Type"))
			continue;
		if (!is_type(request->headers[i].value, type))
			return false;
		found = true;
	}
	return found;
}

void response_init(struct response *response)
{
	*response = (struct response){.status = 200, .body = ""};
}

static void free_body(struct response *response)
{
	if (response->secret)
		explicit_bzero(response->owned_body, response->body_len);
	free(response->owned_body);
	response->owned_body = NULL;
	response->secret = false;
}

void response_done(struct response *response)
{
	for (size_t i = 0; i < response->header_count; i++)
		free(response->headers[i].owned);
	free_body(response);
	response_init(response);
}

static void set_header(struct response *response, const char *name, const char *value, char *owned)
{
	size_t i = 0;

	while (i < response->header_count && !same_name(response->headers[i].name, name))
		i++;
	if (i == response->header_count) {
		assert(i < RESPONSE_HEADERS_MAX);
		response->header_count++;
	} else {
		free(response->headers[i].owned);
	}
	response->headers[i].name = name;
	response->headers[i].value = value;
	response->headers[i].owned = owned;
}

void response_header(struct response *response, const char *name, const char *value)
{
	char *copy = xstrndup(value, strcspn(value, "\r\n"));

	set_header(response, name, copy, copy);
}

void response_header_static(struct response *response, const char *name, const char *value)
{
	set_header(response, name, value, NULL);
}

void response_allow(struct response *response, const char *methods)
{
	bool get = list_has(methods, ' ', "GET");
	struct buf allow;

	buf_init(&allow);
	for (const char *word = methods; *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		buf_add(&allow, word, n);
		buf_adds(&allow, ", ");
		word += n;
	}
	buf_adds(&allow, get ? "HEAD, OPTIONS" : "OPTIONS");
	response_header(response, "Allow", buf_text(&allow));
	buf_done(&allow);
}

void response_retry_after(struct response *response, int seconds)
{
	char digits[INT_DIGITS_SIZE];

	if (seconds > 0)
		response_header(response, "Retry-After", int_digits(seconds, digits));
}

void response_body_static(struct response *response, const char *type, const char *body, size_t n)
{
	free_body(response);
	response->body = body;
	response->body_len = n;
	response_header_static(response, "Content-Type", type);
}

void response_body_owned(struct response *response, const char *type, char *body, size_t n)
{
	response_body_static(response, type, body, n);
	response->owned_body = body;
}

void response_body_secret(struct response *response, const char *type, char *body, size_t n)
{
	response_body_owned(response, type, body, n);
	response->secret = true;
}
