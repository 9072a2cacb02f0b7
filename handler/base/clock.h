/* The two clocks.  Modules that decide by time take it as an argument, so tests need not wait. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_s(void);  /* wall clock, seconds since 1970 */
int64_t clock_mono_ms(void); /* never goes back, milliseconds since some fixed point */

#endif
