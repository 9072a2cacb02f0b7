/* A moment as others write it: ISO 8601 with a date, a time and an offset (RFC 3339 §5.6). */
#ifndef BASE_DATE_TIME_H
#define BASE_DATE_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* What a sentence quotes. */
#define DATE_TIME_EXAMPLE "2026-11-27T10:00:00Z"

/* Reads 2026-11-27T10:00:00+01:00, or with Z for +00:00.  The seconds may be left out; a fraction
 * of one is dropped.  False for anything else: no such day, no offset, a leap second, blanks, or a
 * moment that is not from 1970 to 9999 in UTC. */
bool date_time_read(const char *text, int64_t *ret_unix_s);

#endif
