#include "graph/download_host.h"

#include <string.h>

#include "base/url.h"
#include "token/cloud.h"

/* No blank, control character or other than ASCII, which two readers may take in two ways. */
static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

static bool has_default_port(const struct url *url)
{
	const char *port = url->host + url->host_len;

	return port == url->rest || (url->rest - port == 4 && !memcmp(port, ":443", 4));
}

bool download_host_fits(const struct config *config, const char *address)
{
	struct url url, graph;

	if (!is_plain(address) || !url_parse(address, &url))
		return false;
	if (url_is_loopback(&url))
		return url_parse(config->graph_base_url, &graph) && url_is_loopback(&graph);
	return url.tls && has_default_port(&url) &&
	       cloud_keeps_files(
		       config->authority_host, config->graph_base_url, url.host, url.host_len);
}
