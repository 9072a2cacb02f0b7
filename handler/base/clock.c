#include "base/clock.h"

#include <string.h>
#include <time.h>

int64_t clock_unix_s(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct moment {
	int year, month, day; /* month from 1 */
	int weekday;          /* from 0, a Sunday */
	int second;           /* of the day */
};

/* Days are counted in years that begin in March, so that the leap day comes last. */
static struct moment moment_of(int64_t unix_s)
{
	int64_t days = unix_s / 86400 + 719468; /* since 0000-03-01 */
	int64_t era = days / 146097;            /* of 400 years */
	int day = (int)(days % 146097);
	int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int day_of_year = day - (365 * year + year / 4 - year / 100);
	int month = (5 * day_of_year + 2) / 153; /* from 0, a March */

	return (struct moment){.year = (int)era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day_of_year - (153 * month + 2) / 5 + 1,
		.weekday = (int)((unix_s / 86400 + 4) % 7),
		.second = (int)(unix_s % 86400)};
}

static void put2(char *at, int number)
{
	at[0] = (char)('0' + number / 10);
	at[1] = (char)('0' + number % 10);
}

static void put_time(char *at, int second)
{
	put2(at, second / 3600);
	put2(at + 3, second / 60 % 60);
	put2(at + 6, second % 60);
}

void clock_iso(int64_t unix_s, char ret[CLOCK_ISO_SIZE])
{
	struct moment moment = moment_of(unix_s);

	memcpy(ret, "yyyy-mm-ddThh:mm:ssZ", CLOCK_ISO_SIZE);
	put2(ret, moment.year / 100);
	put2(ret + 2, moment.year % 100);
	put2(ret + 5, moment.month);
	put2(ret + 8, moment.day);
	put_time(ret + 11, moment.second);
}

void clock_http(int64_t unix_s, char ret[CLOCK_HTTP_SIZE])
{
	struct moment moment = moment_of(unix_s);

	memcpy(ret, "www, dd mmm yyyy hh:mm:ss GMT", CLOCK_HTTP_SIZE);
	memcpy(ret, &"SunMonTueWedThuFriSat"[(size_t)3 * (size_t)moment.weekday], 3);
	put2(ret + 5, moment.day);
	memcpy(ret + 8,
		&"JanFebMarAprMayJunJulAugSepOctNovDec"[(size_t)3 * (size_t)(moment.month - 1)], 3);
	put2(ret + 12, moment.year / 100);
	put2(ret + 14, moment.year % 100);
	put_time(ret + 17, moment.second);
}
