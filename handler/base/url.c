#include "base/url.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

#define HOST_CHARACTERS                                                                            \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"                           \
	".-:[]"

/* ":" and a number from 1 to 65535, or nothing. */
static bool port_valid(const char *text, size_t n)
{
	long port;

	if (n == 0)
		return true;
	if (n < 2 || n > 6 || text[0] != ':' || strspn(text + 1, "0123456789") != n - 1)
		return false;
	port = strtol(text + 1, NULL, 10);
	return port > 0 && port <= 65535;
}

bool url_parse(const char *text, struct url *ret)
{
	bool tls = !strncasecmp(text, "https://", 8);
	const char *host = text + (tls ? 8 : 7);
	size_t host_len, authority;

	if (!tls && strncasecmp(text, "http://", 7) != 0)
		return false;
	authority = strcspn(host, "/");
	host_len = *host == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/");
	if (!host_len || host_len > authority || strspn(host, HOST_CHARACTERS) < authority ||
		!port_valid(host + host_len, authority - host_len))
		return false;
	*ret = (struct url){tls, host, host_len, host + authority};
	return true;
}

char *url_normal(const char *text)
{
	char *normal = xstrdup(text), *port;
	struct url url;

	if (!url_parse(text, &url))
		return normal;
	port = normal + (url.host + url.host_len - text);
	for (char *p = normal; p < port; p++)
		*p = (char)tolower((unsigned char)*p);
	if (*port == ':' && strtol(port + 1, NULL, 10) == (url.tls ? 443 : 80))
		memmove(port, normal + (url.rest - text), strlen(url.rest) + 1);
	return normal;
}

bool url_is_loopback(const struct url *url)
{
	static const char *const NAMES[] = {"127.0.0.1", "localhost", "[::1]"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (strlen(NAMES[i]) == url->host_len &&
			!strncasecmp(url->host, NAMES[i], url->host_len))
			return true;
	}
	return false;
}

bool url_has_origin(const char *text, const char *origin)
{
	size_t n = strlen(origin);
	struct url url;

	return url_parse(text, &url) && (size_t)(url.rest - text) == n &&
	       !strncasecmp(text, origin, n);
}
