/* The Retry-After field (RFC 9110 §10.2.3). */
#ifndef HTTP_RETRY_AFTER_H
#define HTTP_RETRY_AFTER_H

#include <stdint.h>

#include "http/reply.h"

#define RETRY_AFTER_MAX_S 3600

/* Seconds from now_s that a value asks to wait (a delta, with decimals as some services send it, or
 * an HTTP-date in any of its three forms; of a list, which proxies make, the longest), rounded up,
 * at most RETRY_AFTER_MAX_S; 0 when it says nothing usable. */
int retry_after_s(const char *value, int64_t now_s);

/* The longest that a reply's fields ask for; dates count from the reply's own Date, where it has
 * one, so that a clock of ours that is wrong changes nothing. */
int retry_after_of(const struct http_reply *reply, int64_t now_s);

#endif
