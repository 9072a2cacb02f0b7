/* The two clocks.  Modules that decide by time take it as an argument, so tests need not wait. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_s(void);  /* wall clock, seconds since 1970 */
int64_t clock_mono_ms(void); /* never goes back, milliseconds since some fixed point */

#define CLOCK_ISO_SIZE 21
#define CLOCK_HTTP_SIZE 30

/* A time from 1970 to 9999 as text in UTC: 2026-11-23T07:08:09Z (RFC 3339), and Mon, 23 Nov 2026
 * 07:08:09 GMT (RFC 9110 §5.6.7).  Not the library's functions: those share a lock. */
void clock_iso(int64_t unix_s, char ret[CLOCK_ISO_SIZE]);
void clock_http(int64_t unix_s, char ret[CLOCK_HTTP_SIZE]);

#endif
