#include "token/cloud.h"

#include <string.h>

#include "stage/support.h"

static void each_login_host_has_its_issuer_and_audience(void **state)
{
	static const struct {
		const char *login, *v1_issuer_host, *exchange_audience;
	} CASES[] = {
		{"https://login.microsoftonline.com", "https://sts.windows.net",
			"api://AzureADTokenExchange"},
		{"https://login.microsoftonline.us", "https://sts.windows.net",
			"api://AzureADTokenExchangeUSGov"},
		{"https://login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn",
			"api://AzureADTokenExchangeChina"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		const struct cloud *cloud = cloud_of(CASES[i].login);

		assert_string_equal(cloud->login, CASES[i].login);
		assert_string_equal(cloud->v1_issuer_host, CASES[i].v1_issuer_host);
		assert_string_equal(cloud->exchange_audience, CASES[i].exchange_audience);
	}
}

static void only_hosts_of_one_cloud_or_this_machine_may_be_given_tokens(void **state)
{
	static const struct {
		const char *login, *graph;
		bool fit;
	} CASES[] = {
		{"https://login.microsoftonline.com", "https://graph.microsoft.com", true},
		{"https://login.microsoftonline.us", "https://graph.microsoft.us", true},
		{"https://login.microsoftonline.us", "https://dod-graph.microsoft.us", true},
		{"http://127.0.0.1:7000", "http://localhost:7001", true},
		{"http://[::1]:7000", "https://graph.microsoft.com", true},
		{"https://login.microsoftonline.com", "http://127.0.0.1:7001", true},
		{"https://login.microsoftonline.com", "https://graph.microsoft.us", false},
		{"https://login.microsoftonline.com", "https://graph.microsoft.com.example", false},
		{"https://login.example", "https://graph.microsoft.com", false},
		{"https://login.example", "http://127.0.0.1:7001", false},
		{"http://127.0.0.1:7000", "https://127.0.0.1.example", false},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++)
		assert_int_equal(cloud_hosts_fit(CASES[i].login, CASES[i].graph), CASES[i].fit);
}

static void another_host_is_taken_for_the_global_cloud(void **state)
{
	static const char *const HOSTS[] = {"http://127.0.0.1:8080", "https://login.example",
		"https://login.microsoftonline.us.example", ""};

	for (size_t i = 0; i < COUNT_OF(HOSTS); i++)
		assert_ptr_equal(cloud_of(HOSTS[i]), cloud_of("https://login.microsoftonline.com"));
}

static void a_tenants_issuers_are_its_clouds_own(void **state)
{
	static const char *const CASES[][3] = {
		{"https://login.microsoftonline.com", "https://sts.windows.net/" TENANT "/",
			"https://login.microsoftonline.com/" TENANT "/v2.0"},
		{"https://login.partner.microsoftonline.cn",
			"https://sts.chinacloudapi.cn/" TENANT "/",
			"https://login.partner.microsoftonline.cn/" TENANT "/v2.0"},
		{"http://127.0.0.1:7000", "https://sts.windows.net/" TENANT "/",
			"http://127.0.0.1:7000/" TENANT "/v2.0"},
	};

	for (size_t i = 0; i < COUNT_OF(CASES); i++) {
		autofree char *v1 = cloud_issuer(CASES[i][0], TENANT, TOKEN_V1);
		autofree char *v2 = cloud_issuer(CASES[i][0], TENANT, TOKEN_V2);

		assert_string_equal(v1, CASES[i][1]);
		assert_string_equal(v2, CASES[i][2]);
		assert_true(cloud_knows_v1_issuer(v1, TENANT));
		assert_false(cloud_knows_v1_issuer(v2, TENANT));
	}
}

static void graph_has_an_address_in_every_cloud_and_no_other(void **state)
{
	static const char *const NONE[] = {"", "https://graph.microsoft.co",
		"https://graph.microsoft.com/", "https://graph.microsoft.comx",
		"http://graph.microsoft.com", "https://login.microsoftonline.com"};

	assert_true(cloud_has_graph("https://graph.microsoft.com", 27));
	assert_true(cloud_has_graph("https://GRAPH.microsoft.us/Mail.Read", 26));
	assert_true(cloud_has_graph("https://dod-graph.microsoft.us", 30));
	assert_true(cloud_has_graph("https://microsoftgraph.chinacloudapi.cn", 39));
	for (size_t i = 0; i < COUNT_OF(NONE); i++)
		check(!cloud_has_graph(NONE[i], strlen(NONE[i])), "%s", NONE[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_login_host_has_its_issuer_and_audience),
		cmocka_unit_test(only_hosts_of_one_cloud_or_this_machine_may_be_given_tokens),
		cmocka_unit_test(another_host_is_taken_for_the_global_cloud),
		cmocka_unit_test(a_tenants_issuers_are_its_clouds_own),
		cmocka_unit_test(graph_has_an_address_in_every_cloud_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
