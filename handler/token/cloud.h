/* The Microsoft clouds: which hosts belong together.  Microsoft identity platform, "National
 * clouds"; Microsoft Graph, "National cloud deployments"; "Workload identity federation". */
#ifndef TOKEN_CLOUD_H
#define TOKEN_CLOUD_H

#include <stdbool.h>

struct cloud {
	const char *login;             /* AUTHORITY_HOST */
	const char *graph;             /* GRAPH_BASE_URL */
	const char *v1_issuer_host;    /* of v1 tokens */
	const char *exchange_audience; /* of a managed identity's token used as client assertion */
};

/* The cloud of a login host; the global one when it is none of the known. */
const struct cloud *cloud_of(const char *authority_host);

/* True when these two may be given tokens: the login and Graph hosts of one cloud, or a loopback
 * address in either place (a sandbox, a proxy on this machine). */
bool cloud_hosts_fit(const char *authority_host, const char *graph_base_url);

#endif
