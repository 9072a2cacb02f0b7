#include "door/redirect.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/config_check.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"

#define LOCALHOST "http://localhost"
#define CODEX_HASH_BYTES 9

/* An http address of this machine, taken apart. */
struct loopback {
	const char *port; /* with its colon */
	size_t port_len;
	const char *path;
};

/* To the letter: a host in another case, or a port with zeros before it, is some reader's other
 * address. */
static bool read_loopback(const char *uri, struct loopback *ret)
{
	static const char *const HOSTS[] = {LOCALHOST, "http://127.0.0.1", "http://[::1]"};
	struct url url;

	if (!url_parse(uri, &url))
		return false;
	for (size_t i = 0; i < sizeof(HOSTS) / sizeof(HOSTS[0]); i++) {
		const char *port = uri + strlen(HOSTS[i]);

		if (strncmp(uri, HOSTS[i], strlen(HOSTS[i])) != 0 ||
			url.host + url.host_len != port)
			continue;
		*ret = (struct loopback){
			port, (size_t)(url.rest - port), *url.rest ? url.rest : "/"};
		return !ret->port_len || port[1] != '0';
	}
	return false;
}

/* Appends it as it is registered. */
static void add_registered(struct buf *out, const char *uri)
{
	struct loopback loopback;

	if (read_loopback(uri, &loopback))
		buf_addf(out, "%s%s", LOCALHOST, loopback.path);
	else
		buf_adds(out, uri);
}

/* Codex takes another path for each server that it knows: base64url of the beginning of the SHA-256
 * of the server's address as url_normal() has it. */
static void add_codex(struct buf *list, const char *server)
{
	struct sha256 *sha = sha256_new();
	unsigned char hash[SHA256_SIZE];

	sha256_add(sha, server, strlen(server));
	sha256_end(sha, hash);
	buf_adds(list, " " LOCALHOST "/callback/");
	b64url_encode(list, hash, CODEX_HASH_BYTES);
}

static void add_configured(struct buf *list, const char *uris)
{
	autofree char *copy = xstrdup(uris);
	char *rest = copy, *uri;

	while ((uri = strsep(&rest, ","))) {
		buf_adds(list, " ");
		add_registered(list, uri);
	}
}

char *redirect_list(const struct config *config)
{
	autofree char *normal = url_normal(config->mcp_resource);
	autofree char *server = text_without_slash(normal);
	struct buf list, with_slash;

	buf_init(&list);
	buf_init(&with_slash);
	buf_addf(&with_slash, "%s/", server);
	buf_adds(&list, LOCALHOST "/ " LOCALHOST "/callback " LOCALHOST "/oauth/callback " LOCALHOST
				  "/mcp/oauth/callback");
	add_codex(&list, server);
	add_codex(&list, buf_text(&with_slash));
	add_configured(&list, config->mcp_redirect_uris);
	buf_done(&with_slash);
	return list.data;
}

static bool is_listed(const char *list, const char *uri)
{
	struct buf registered;
	bool listed;

	buf_init(&registered);
	add_registered(&registered, uri);
	listed = list_has(list, ' ', buf_text(&registered));
	buf_done(&registered);
	return listed;
}

bool redirect_for_entra(const char *list, const char *uri, struct buf *ret)
{
	struct loopback loopback;

	if (!config_redirect_uri_valid(uri) || !is_listed(list, uri))
		return false;
	if (read_loopback(uri, &loopback))
		buf_addf(ret, "%s%.*s%s", LOCALHOST, (int)loopback.port_len, loopback.port,
			loopback.path);
	else
		buf_adds(ret, uri);
	return true;
}

bool redirect_is_plain(const char *uri)
{
	static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "-._~:/=+@[]";

	return config_redirect_uri_valid(uri) && !uri[strspn(uri, PLAIN)];
}
