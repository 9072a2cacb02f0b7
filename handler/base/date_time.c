#include "base/date_time.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define LAST_S 253402300799 /* 9999-12-31T23:59:59Z */

/* Takes n digits at *at; -1: they are not all digits, and *at stays. */
static int take(const char **at, int n)
{
	int number = 0;

	for (int i = 0; i < n; i++) {
		if ((*at)[i] < '0' || (*at)[i] > '9')
			return -1;
		number = number * 10 + (*at)[i] - '0';
	}
	*at += n;
	return number;
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* The day's first second. */
static bool take_date(const char **at, int64_t *ret_unix_s)
{
	int year, month, day;
	struct tm date = {0};

	year = take(at, 4);
	if (year < 0 || !take_char(at, '-'))
		return false;
	month = take(at, 2);
	if (month < 1 || month > 12 || !take_char(at, '-'))
		return false;
	day = take(at, 2);
	date.tm_year = year - 1900;
	date.tm_mon = month - 1;
	date.tm_mday = day;
	*ret_unix_s = timegm(&date);
	return day > 0 && date.tm_mday == day; /* else the month is not so long */
}

/* hh:mm */
static bool take_minutes(const char **at, int *ret_minutes)
{
	int hour = take(at, 2), minute;

	if (hour < 0 || hour > 23 || !take_char(at, ':'))
		return false;
	minute = take(at, 2);
	*ret_minutes = hour * 60 + minute;
	return minute >= 0 && minute <= 59;
}

/* :ss and a fraction, or neither. */
static bool take_seconds(const char **at, int *ret_seconds)
{
	size_t digits;

	*ret_seconds = 0;
	if (!take_char(at, ':'))
		return true;
	*ret_seconds = take(at, 2);
	if (*ret_seconds < 0 || *ret_seconds > 59)
		return false;
	if (!take_char(at, '.'))
		return true;
	digits = strspn(*at, "0123456789");
	*at += digits;
	return digits > 0;
}

/* In minutes east. */
static bool take_offset(const char **at, int *ret_minutes)
{
	int sign = **at == '-' ? -1 : 1;

	*ret_minutes = 0;
	if (take_char(at, 'Z'))
		return true;
	if ((!take_char(at, '+') && !take_char(at, '-')) || !take_minutes(at, ret_minutes))
		return false;
	*ret_minutes *= sign;
	return true;
}

bool date_time_read(const char *text, int64_t *ret_unix_s)
{
	int minutes, seconds, offset;
	int64_t midnight_s, unix_s;

	if (!take_date(&text, &midnight_s) || !take_char(&text, 'T') ||
		!take_minutes(&text, &minutes) || !take_seconds(&text, &seconds) ||
		!take_offset(&text, &offset) || *text)
		return false;
	unix_s = midnight_s + (int64_t)(minutes - offset) * 60 + seconds;
	if (unix_s < 0 || unix_s > LAST_S)
		return false;
	*ret_unix_s = unix_s;
	return true;
}
