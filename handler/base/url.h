/* A URL of a server taken apart: http or https, a host, perhaps a port, perhaps more.  Strict where
 * two readers may differ: no user information, no blanks, no name in percent-encoding or in other
 * than ASCII, and what follows the host and port begins with a slash.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>
#include <stddef.h>

struct url {
	bool tls;         /* https */
	const char *host; /* within the text, an IPv6 address's brackets included */
	size_t host_len;
	const char *rest; /* from the path on, unchecked; "" when there is none */
};

bool url_parse(const char *text, struct url *ret);

/* The text as URL parsers write one again: scheme and host in lower case, without a port that is
 * the scheme's own (RFC 3986 §6.2.2.1, §6.2.3); the path stays.  What is no URL stays as it is. The
 * caller frees it. */
char *url_normal(const char *text);

/* Whether the host is 127.0.0.1, localhost or [::1]. */
bool url_is_loopback(const struct url *url);

/* Whether the text is a URL of that origin (scheme, host and port to the letter, in any case). */
bool url_has_origin(const char *text, const char *origin);

#endif
