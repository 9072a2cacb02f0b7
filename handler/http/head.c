#include "http/head.h"

#include <string.h>
#include <strings.h>

static bool all_digits(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* Two lengths, or a length beside a transfer coding, is how requests are smuggled past a reader
 * that picks the other one.  RFC 9112 §6.1, §6.3 */
static bool framing_sound(const struct request *request)
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
	return lengths + codings <= 1;
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

bool head_check(const struct request *request, const char *version, struct err *err)
{
	/* It drops the fields beyond those it has room for. */
	if (request->header_count == HEADERS_MAX)
		return err_set(err, ERR_HEADERS_TOO_LARGE, "%d or more fields", HEADERS_MAX);
	if (!read_whole(request, version))
		return err_say(err, ERR_BAD_REQUEST, "The request's header is not valid HTTP/1.1.");
	return framing_sound(request) ||
	       err_say(err, ERR_BAD_REQUEST, "The request's body length is ambiguous.");
}
