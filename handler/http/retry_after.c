#include "http/retry_after.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int retry_after_s(const char *value, int64_t now_s)
{
	struct tm date = {0};
	double seconds = 0;
	const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &date);

	if (end && !*end)
		seconds = (double)(timegm(&date) - now_s);
	else if (value[strspn(value, "0123456789.")] == '\0')
		seconds = strtod(value, NULL); /* some services send fractions */
	if (!(seconds > 0))
		return 0;
	return seconds < RETRY_AFTER_MAX_S ? (int)ceil(seconds) : RETRY_AFTER_MAX_S;
}
