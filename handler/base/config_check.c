#include "base/config_check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/url.h"

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_loopback_or_link_local(const struct url *url)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr address;

	if (url_is_loopback(url))
		return true;
	if (url->host_len < sizeof(text))
		memcpy(text, url->host, url->host_len);
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 16 == 0xa9fe;
}

/* RFC 3986 §3.3 without percent-encoding, which two readers may take for two things, and with the
 * braces of a template: Entra's issuers have {tenantid} in theirs. */
static bool path_valid(const char *path)
{
	return !path[strspn(path, LETTERS_AND_DIGITS "/-._~!$&'()*+,;=:@{}")];
}

bool config_url_valid(const char *text)
{
	struct url url;

	return url_parse(text, &url) && path_valid(url.rest) && (url.tls || url_is_loopback(&url));
}

bool config_redirect_uri_valid(const char *text)
{
	return strlen(text) <= REDIRECT_URI_MAX && !strpbrk(text, ",'") && config_url_valid(text);
}

bool config_origin_valid(const char *text)
{
	return config_url_valid(text) && url_has_origin(text, text);
}

static bool label_valid(const char *text, size_t n)
{
	return n && n <= 63 && strspn(text, LETTERS_AND_DIGITS "-") >= n && *text != '-' &&
	       text[n - 1] != '-';
}

bool config_domain_valid(const char *text)
{
	size_t labels = 1, n = strcspn(text, ".");

	for (; label_valid(text, n) && text[n]; n = strcspn(text, ".")) {
		text += n + 1;
		labels++;
	}
	return label_valid(text, n) && labels > 1;
}

bool config_identity_url_valid(const char *text)
{
	struct url url;

	return url_parse(text, &url) && path_valid(url.rest) &&
	       (url.tls || is_loopback_or_link_local(&url));
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

bool config_claims_valid(const char *text)
{
	autofree_json cJSON *tree = NULL;
	autoerr(ignored);

	return json_parse(text, strlen(text), &tree, &ignored) && cJSON_IsObject(tree);
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
