#include "token/cloud.h"

#include <stddef.h>
#include <string.h>

#include "base/config_check.h"

static const struct cloud CLOUDS[] = {
	{"https://login.microsoftonline.com", "https://graph.microsoft.com",
		"https://sts.windows.net", "api://AzureADTokenExchange"},
	{"https://login.microsoftonline.us", "https://graph.microsoft.us",
		"https://sts.windows.net", "api://AzureADTokenExchangeUSGov"},
	{"https://login.microsoftonline.us", "https://dod-graph.microsoft.us",
		"https://sts.windows.net", "api://AzureADTokenExchangeUSGov"},
	{"https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn",
		"https://sts.chinacloudapi.cn", "api://AzureADTokenExchangeChina"},
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

bool cloud_hosts_fit(const char *authority_host, const char *graph_base_url)
{
	bool any_login = config_url_loopback(authority_host);
	bool any_graph = config_url_loopback(graph_base_url);

	for (size_t i = 0; i < CLOUD_COUNT; i++) {
		if ((any_login || !strcmp(CLOUDS[i].login, authority_host)) &&
			(any_graph || !strcmp(CLOUDS[i].graph, graph_base_url)))
			return true;
	}
	return false;
}
