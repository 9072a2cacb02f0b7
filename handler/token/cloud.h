/* The Microsoft clouds: which hosts belong together.  Microsoft identity platform, "National
 * clouds"; Microsoft Graph, "National cloud deployments"; "Workload identity federation";
 * Microsoft 365, "URLs and IP address ranges" of each, SharePoint Online and OneDrive. */
#ifndef TOKEN_CLOUD_H
#define TOKEN_CLOUD_H

#include <stdbool.h>
#include <stddef.h>

struct cloud {
	const char *login;             /* AUTHORITY_HOST */
	const char *graph;             /* GRAPH_BASE_URL */
	const char *v1_issuer_host;    /* of v1 tokens, unless the metadata says otherwise */
	const char *exchange_audience; /* of a managed identity's token used as client assertion */
	const char *files; /* where its files are: ends of hosts' names, separated by blanks */
};

/* Microsoft Graph's application, in every cloud. */
#define CLOUD_GRAPH_APP_ID "00000003-0000-0000-c000-000000000000"

/* Of an access token: its claim `ver`. */
enum token_version { TOKEN_V1, TOKEN_V2, TOKEN_VERSION__COUNT };

/* The cloud of a login host; the global one when it is none of the known. */
const struct cloud *cloud_of(const char *authority_host);

/* The issuer to expect in that tenant's tokens as long as nobody has read it in the tenant's
 * metadata.  The caller frees it. */
char *cloud_issuer(const char *authority_host, const char *tenant_id, enum token_version version);

/* Whether some cloud is known to name that issuer in that tenant's v1 tokens.  Which cloud uses
 * which host is not documented, and cannot be told from a proxy's address. */
bool cloud_knows_v1_issuer(const char *issuer, const char *tenant_id);

/* Whether the n bytes are the address of Microsoft Graph in some cloud, in any case. */
bool cloud_has_graph(const char *address, size_t n);

/* Whether the n bytes are the name of a host that keeps files of such a cloud: of the one that
 * these two belong to, or where one is a loopback address, of any that fits the other. */
bool cloud_keeps_files(
	const char *authority_host, const char *graph_base_url, const char *host, size_t n);

/* True when these two may be given tokens: the login and Graph hosts of one cloud, or a loopback
 * address in either place (a sandbox, a proxy on this machine). */
bool cloud_hosts_fit(const char *authority_host, const char *graph_base_url);

#endif
