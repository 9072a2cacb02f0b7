#include "base/config_check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_loopback(const char *host, size_t n)
{
	static const char *const NAMES[] = {"127.0.0.1", "localhost", "[::1]"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		if (strlen(NAMES[i]) == n && !strncasecmp(host, NAMES[i], n))
			return true;
	}
	return false;
}

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

static bool is_loopback_or_link_local(const char *host, size_t n)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr address;

	if (is_loopback(host, n))
		return true;
	if (n < sizeof(text))
		memcpy(text, host, n);
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 16 == 0xa9fe;
}

/* RFC 3986 §3.3 without percent-encoding, which two readers may take for two things, and with the
 * braces of a template: Entra's issuers have {tenantid} in theirs. */
static bool path_valid(const char *path)
{
	return !path[strspn(path, LETTERS_AND_DIGITS "/-._~!$&'()*+,;=:@{}")];
}

/* plain: the hosts that may be spoken to without TLS. */
static bool url_valid(const char *url, bool (*plain)(const char *host, size_t n))
{
	bool tls = !strncasecmp(url, "https://", 8);
	const char *host = url + (tls ? 8 : 7);
	size_t host_len, authority;

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return false;
	authority = strcspn(host, "/");
	host_len = *host == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/");
	if (host_len > authority || strspn(host, LETTERS_AND_DIGITS ".-:[]") < authority)
		return false;
	if (!host_len || !port_valid(host + host_len, authority - host_len))
		return false;
	if (!path_valid(host + authority))
		return false;
	return tls || plain(host, host_len);
}

bool config_url_valid(const char *url)
{
	return url_valid(url, is_loopback);
}

bool config_identity_url_valid(const char *url)
{
	return url_valid(url, is_loopback_or_link_local);
}

char *config_list(const char *text, bool (*check)(const char *))
{
	struct buf out;
	bool good = true;

	buf_init(&out);
	while (*text && good) {
		size_t len = strcspn(text, ",");
		size_t lead = strspn(text, " \t");
		char *part = xstrndup(
			text + (lead < len ? lead : len), lead < len ? len - lead : 0);
		size_t n = strlen(part);

		while (n && strchr(" \t", part[n - 1]))
			part[--n] = '\0';
		if (n) {
			good = check(part);
			buf_addf(&out, "%s%s", out.len ? "," : "", part);
		}
		free(part);
		text += len;
		text += *text == ',';
	}
	if (good && out.len)
		return out.data;
	buf_done(&out);
	return NULL;
}

bool config_url_loopback(const char *url)
{
	const char *host = strstr(url, "//");
	size_t n;

	if (!host)
		return false;
	host += 2;
	n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	return is_loopback(host, n);
}

bool config_origin_valid(const char *text)
{
	return config_url_valid(text) && !strchr(strstr(text, "//") + 2, '/');
}

bool config_secret_valid(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

bool config_scopes_valid(const char *text)
{
	return *text && *text != ' ' && text[strlen(text) - 1] != ' ' && !strstr(text, "  ") &&
	       !strpbrk(text, "\"\\") && config_secret_valid(text);
}

bool config_scope_valid(const char *text)
{
	return config_scopes_valid(text) && !strchr(text, ' ');
}
