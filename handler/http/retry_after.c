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

/* Reads one member of the list, and moves *at behind it.  Dates hold a comma themselves. */
static double take_member(const char **at, int64_t now_s)
{
	struct tm date = {0};
	const char *text = skip_space(*at), *end;

	end = member_end(strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &date));
	if (end) {
		*at = end;
		return (double)(timegm(&date) - now_s);
	}
	*at = text + strcspn(text, ",");
	end = member_end(text + strspn(text, "0123456789.")); /* some services send fractions */
	return end ? strtod(text, NULL) : 0;
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

int retry_after_of(const struct http_reply *reply, int64_t now_s)
{
	int longest = 0;
	bool found = true;

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
