#include "token/cloud.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/url.h"

static const struct cloud CLOUDS[] = {
	{"https://login.microsoftonline.com", "https://graph.microsoft.com",
		"https://sts.windows.net", "api://AzureADTokenExchange",
		".sharepoint.com .1drv.com .svc.ms"},
	{"https://login.microsoftonline.us", "https://graph.microsoft.us",
		"https://sts.windows.net", "api://AzureADTokenExchangeUSGov", ".sharepoint.us"},
	{"https://login.microsoftonline.us", "https://dod-graph.microsoft.us",
		"https://sts.windows.net", "api://AzureADTokenExchangeUSGov", ".sharepoint-mil.us"},
	{"https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn",
		"https://sts.chinacloudapi.cn", "api://AzureADTokenExchangeChina",
		".sharepoint.cn"},
};
#define CLOUD_COUNT (sizeof(CLOUDS) / sizeof(CLOUDS[0]))

const struct cloud *cloud_of(const char *authority_host)
{
	for (size_t i = 0; i < CLOUD_COUNT; i++) {
		if (!strcmp(CLOUDS[i].login, authority_host))
			return &CLOUDS[i];
	}
	return &CLOUDS[0];
}

char *cloud_issuer(const char *authority_host, const char *tenant_id, enum token_version version)
{
	struct buf issuer;

	buf_init(&issuer);
	if (version == TOKEN_V1)
		buf_addf(&issuer, "%s/%s/", cloud_of(authority_host)->v1_issuer_host, tenant_id);
	else
		buf_addf(&issuer, "%s/%s/v2.0", authority_host, tenant_id);
	return issuer.data;
}

bool cloud_knows_v1_issuer(const char *issuer, const char *tenant_id)
{
	/* The last for the US Government, where the first is met as well. */
	static const char *const HOSTS[] = {"https://sts.windows.net/",
		"https://sts.chinacloudapi.cn/", "https://sts.microsoftonline.us/"};
	size_t tenant_len = strlen(tenant_id);

	for (size_t i = 0; i < sizeof(HOSTS) / sizeof(HOSTS[0]); i++) {
		const char *path = issuer + strlen(HOSTS[i]);

		if (!strncmp(issuer, HOSTS[i], strlen(HOSTS[i])) &&
			!strncmp(path, tenant_id, tenant_len) && !strcmp(path + tenant_len, "/"))
			return true;
	}
	return false;
}

bool cloud_has_graph(const char *address, size_t n)
{
	for (size_t i = 0; i < CLOUD_COUNT; i++) {
		if (strlen(CLOUDS[i].graph) == n && !strncasecmp(CLOUDS[i].graph, address, n))
			return true;
	}
	return false;
}

static bool is_loopback(const char *text)
{
	struct url url;

	return url_parse(text, &url) && url_is_loopback(&url);
}

/* What of two hosts is asked of each cloud: a loopback address may stand for any. */
struct pair {
	const char *login, *graph; /* NULL: any */
};

static struct pair pair_of(const char *authority_host, const char *graph_base_url)
{
	return (struct pair){is_loopback(authority_host) ? NULL : authority_host,
		is_loopback(graph_base_url) ? NULL : graph_base_url};
}

static bool fits(const struct cloud *cloud, struct pair pair)
{
	return (!pair.login || !strcmp(cloud->login, pair.login)) &&
	       (!pair.graph || !strcmp(cloud->graph, pair.graph));
}

bool cloud_hosts_fit(const char *authority_host, const char *graph_base_url)
{
	struct pair pair = pair_of(authority_host, graph_base_url);

	for (size_t i = 0; i < CLOUD_COUNT; i++) {
		if (fits(&CLOUDS[i], pair))
			return true;
	}
	return false;
}

/* Whether the name ends in one of them, and has something before it. */
static bool ends_in(const char *ends, const char *host, size_t n)
{
	for (size_t len; *ends; ends += len + (ends[len] == ' ')) {
		len = strcspn(ends, " ");
		if (n > len && !strncasecmp(host + n - len, ends, len))
			return true;
	}
	return false;
}

bool cloud_keeps_files(
	const char *authority_host, const char *graph_base_url, const char *host, size_t n)
{
	struct pair pair = pair_of(authority_host, graph_base_url);

	for (size_t i = 0; i < CLOUD_COUNT; i++) {
		if (fits(&CLOUDS[i], pair) && ends_in(CLOUDS[i].files, host, n))
			return true;
	}
	return false;
}
