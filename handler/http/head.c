#include "http/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* uri-host [ ":" port ]: RFC 9110 §7.2, RFC 3986 §3.2.2. */
static bool host_valid(const char *text, size_t n)
{
	bool literal = n && *text == '[';
	size_t host = literal ? 1 + strspn(text + 1, "0123456789abcdefABCDEF:.")
			      : strspn(text, LETTERS_AND_DIGITS "-._~%!$&'()*+,;=");

	if (literal && (host >= n || text[host++] != ']'))
		return false;
	if (host < n && text[host] == ':')
		host += 1 + strspn(text + host + 1, "0123456789");
	return host >= n;
}

const char *head_path(const char *target)
{
	size_t scheme = !strncasecmp(target, "http://", 7)    ? 7
			: !strncasecmp(target, "https://", 8) ? 8
							      : 0;
	const char *authority = target + scheme;
	size_t n = strcspn(authority, "/");

	if (*target == '/' || !strcmp(target, "*"))
		return target;
	if (!scheme || !n || *authority == ':' || !host_valid(authority, n))
		return "";
	return authority[n] ? authority + n : "/";
}

static bool all_digits(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* Two lengths, or a length beside a transfer coding, is how requests are smuggled past a reader
 * that picks the other one.  RFC 9112 §6.1, §6.3 */
static bool framing_sound(const struct request *request, const char *version)
{
	int lengths = 0, codings = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		const struct header *h = &request->headers[i];

		if (!strcasecmp(h->name, "Content-Length")) {
			lengths++;
			if (!all_digits(h->value) || strlen(h->value) > 18)
				return false;
		} else if (!strcasecmp(h->name, "Transfer-Encoding")) {
			codings++;
			if (strcasecmp(h->value, "chunked") != 0)
				return false;
		}
	}
	return lengths + codings <= 1 && (!codings || strcmp(version, "1.0") != 0);
}

/* RFC 9112 §3.2: one Host, which HTTP/1.0 did not know. */
static bool host_sound(const struct request *request, const char *version)
{
	const char *host = request_header(request, "Host");
	size_t count = request_header_count(request, "Host");

	return count == 1 ? host_valid(host, strlen(host)) : !count && !strcmp(version, "1.0");
}

static bool target_sound(const struct request *request)
{
	return *request->path &&
	       (strcmp(request->path, "*") != 0 || !strcmp(request->method, "OPTIONS"));
}

/* RFC 9112 §5.1: the space around a value is no part of it. */
static void trim_values(struct request *request)
{
	for (size_t i = 0; i < request->header_count; i++) {
		const char *value = request->headers[i].value;

		for (char *end = strchr(value, '\0'); end > value && end[-1] == ' ';)
			*--end = '\0';
	}
}

/* Nothing but spaces between a field's colon, now a NUL, and its value.  RFC 9112 §5.1 */
static bool field_whole(const struct header *h)
{
	const char *behind = h->name + strlen(h->name) + 1;

	return behind + strspn(behind, " ") == h->value;
}

/* civetweb writes NULs over the CR and LF of each line that it reads, and over the last byte of the
 * head, the LF of the blank line (its CR too, when there are no fields).  So each field must begin
 * two bytes behind the line before, and the blank line behind the last. */
static bool read_whole(const struct request *request, const char *version)
{
	const char *end = version + strlen(version);

	for (size_t i = 0; i < request->header_count; i++) {
		if (request->headers[i].name != end + 2 || !field_whole(&request->headers[i]))
			return false;
		end = request->headers[i].value + strlen(request->headers[i].value);
	}
	return end + 4 <= request->method + HEAD_BYTES && !end[1] &&
	       end[2] == (request->header_count ? '\r' : '\0') && !end[3];
}

bool head_check(struct request *request, const char *version, struct err *err)
{
	/* It drops the fields beyond those it has room for. */
	if (request->header_count == HEADERS_MAX)
		return err_set(err, ERR_HEADERS_TOO_LARGE, "%d or more fields", HEADERS_MAX);
	if (!read_whole(request, version))
		return err_say(err, ERR_BAD_REQUEST, "The request's header is not valid HTTP/1.1.");
	trim_values(request);
	if (!framing_sound(request, version))
		return err_say(err, ERR_BAD_REQUEST, "The request's body length is ambiguous.");
	if (!host_sound(request, version))
		return err_say(err, ERR_BAD_REQUEST, "The request needs one Host field, a host.");
	return target_sound(request) ||
	       err_say(err, ERR_BAD_REQUEST, "The request's target is no path.");
}

bool head_is_again(const struct request *request, const char *version, const char *piece, size_t n)
{
	size_t line = (size_t)(version + strlen(version) - request->method);

	while (n && isspace((unsigned char)*piece)) {
		piece++;
		n--;
	}
	if (n > line)
		n = line;
	return n > strlen(request->method) && !memcmp(piece, request->method, n);
}
