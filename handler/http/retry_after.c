#include "http/retry_after.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIELDS_MAX 8 /* of a reply, looked at */

static const char *skip_space(const char *text)
{
	return text + strspn(text, " \t");
}

/* The end of a list's member, when what is before it was read; else NULL. */
static const char *member_end(const char *read)
{
	const char *end = read ? skip_space(read) : NULL;

	return end && (!*end || *end == ',') ? end : NULL;
}

/* Reads an HTTP-date in any of its forms (RFC 9110 §5.6.7) as a Unix time; returns its end, or
 * NULL.  Not by curl_getdate, which takes a date without a zone, or 20270115, for one. */
static const char *read_date(const char *text, int64_t *ret_s)
{
	static const char *const FORMS[] = {
		"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
	const char *end = NULL;

	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]) && !end; i++) {
		struct tm date = {0};

		end = member_end(strptime(text, FORMS[i], &date));
		if (end)
			*ret_s = timegm(&date);
	}
	return end;
}

/* Reads one member of the list, and moves *at behind it.  Dates hold a comma themselves. */
static double take_member(const char **at, int64_t now_s)
{
	const char *text = skip_space(*at), *end;
	double seconds = 0;
	int64_t date_s = now_s;

	end = read_date(text, &date_s);
	if (end) {
		seconds = (double)(date_s - now_s);
	} else {
		end = text + strcspn(text, ",");
		/* some services send fractions */
		if (member_end(text + strspn(text, "0123456789.")))
			seconds = strtod(text, NULL);
	}
	*at = end;
	return seconds;
}

int retry_after_s(const char *value, int64_t now_s)
{
	double longest = 0;

	for (; *value; value += *value == ',') {
		double seconds = take_member(&value, now_s);

		longest = seconds > longest ? seconds : longest;
	}
	return longest < RETRY_AFTER_MAX_S ? (int)ceil(longest) : RETRY_AFTER_MAX_S;
}

/* When it was sent, by the clock that its dates are of (RFC 9110 §6.6.1); now_s when it does not
 * say. */
static int64_t sent_s(const struct http_reply *reply, int64_t now_s)
{
	struct buf date;

	buf_init(&date);
	if (http_reply_header(reply, "Date", 0, &date))
		read_date(skip_space(buf_text(&date)), &now_s);
	buf_done(&date);
	return now_s;
}

int retry_after_of(const struct http_reply *reply, int64_t now_s)
{
	int longest = 0;
	bool found = true;

	now_s = sent_s(reply, now_s);
	for (int i = 0; i < FIELDS_MAX && found; i++) {
		struct buf value;
		int seconds;

		buf_init(&value);
		found = http_reply_header(reply, "Retry-After", i, &value);
		seconds = retry_after_s(buf_text(&value), now_s);
		longest = seconds > longest ? seconds : longest;
		buf_done(&value);
	}
	return longest;
}
