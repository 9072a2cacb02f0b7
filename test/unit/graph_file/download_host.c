/* Which addresses a file is fetched from, of all that a redirect may name. */
#include "graph/download_host.h"

#include "stage/support.h"

#define PROD "https://login.microsoftonline.com", "https://graph.microsoft.com"
#define GOV "https://login.microsoftonline.us", "https://graph.microsoft.us"
#define DOD "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"
#define CHINA "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"

struct address {
	const char *login, *graph, *text;
	bool fits;
};

static void assert_fit(const struct address *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct setting_change changes[] = {
			{"AUTHORITY_HOST", cases[i].login}, {"GRAPH_BASE_URL", cases[i].graph}};
		struct config config;

		settings_load_changed(&config, changes, COUNT_OF(changes));
		check(download_host_fits(&config, cases[i].text) == cases[i].fits, "%s with %s",
			cases[i].text, cases[i].graph);
		config_done(&config);
	}
}

static void each_cloud_has_its_own_hosts(void **state)
{
	static const struct address CASES[] = {
		{PROD, "https://contoso-my.sharepoint.com/personal/x?tempauth=1", true},
		{PROD, "https://CONTOSO.SharePoint.COM/a", true},
		{PROD, "https://contoso.sharepoint.com:443/a", true},
		{PROD, "https://public.bn1305.files.1drv.com/y4m", true},
		{PROD, "https://my.1drv.com/y4m", true},
		{PROD, "https://northeurope1-mediap.svc.ms/a?b=c", true},
		{PROD, "https://contoso.sharepoint.us/a", false},
		{PROD, "https://contoso.sharepoint.cn/a", false},
		{GOV, "https://contoso.sharepoint.us/a", true},
		{GOV, "https://contoso.sharepoint.com/a", false},
		{GOV, "https://contoso.sharepoint-mil.us/a", false},
		{DOD, "https://contoso.sharepoint-mil.us/a", true},
		{DOD, "https://contoso.sharepoint.us/a", false},
		{CHINA, "https://contoso.sharepoint.cn/a", true},
		{CHINA, "https://contoso.sharepoint.com/a", false},
	};

	assert_fit(CASES, COUNT_OF(CASES));
}

static void what_only_looks_like_one_of_them_is_none(void **state)
{
	static const char *const TEXTS[] = {"http://contoso.sharepoint.com/a",
		"HTTP://contoso.sharepoint.com/a", "https://contoso.sharepoint.com:8443/a",
		"https://contoso.sharepoint.com:80/a", "https://contoso.sharepoint.com:0443/a",
		"https://user@contoso.sharepoint.com/a", "https://u:p@contoso.sharepoint.com/a",
		"https://contoso.sharepoint.com@evil.example/a",
		"https://evil.example/contoso.sharepoint.com",
		"https://evil.example?.sharepoint.com/a", "https://evil.example#.sharepoint.com/a",
		"https://evil.example\\.sharepoint.com/a", "https://evilsharepoint.com/a",
		"https://sharepoint.com/a", "https://.sharepoint.com/a", "https://svc.ms/a",
		"https://contoso.sharepoint.com.evil.example/a",
		"https://contoso.sharepoint.com./a", "https://contoso.sharepoint.comx/a",
		"https://contoso%2esharepoint.com/a", "https://contoso.sharepoint.com/a b",
		"https://contoso.sharepoint.com/a\tb", "https://contoso.sharepoint.com/\xc3\xa4",
		"https://\xc3\xa4.sharepoint.com/a", "//contoso.sharepoint.com/a", "/a", "",
		"ftp://contoso.sharepoint.com/a", "file:///etc/passwd", "https://127.0.0.1/a",
		"https://localhost/a", "https://[::1]/a", "http://169.254.169.254/metadata",
		"https://10.0.0.1/a", "https://[::ffff:127.0.0.1]/a", "https://2130706433/a",
		"https://[::1].sharepoint.com/a", "https://graph.microsoft.com/v1.0/me"};

	for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
		const struct address one = {PROD, TEXTS[i], false};

		assert_fit(&one, 1);
	}
}

static void only_beside_a_graph_on_this_machine_may_a_file_be_there_too(void **state)
{
	static const struct address CASES[] = {
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "http://127.0.0.1:7002/a", true},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "https://localhost/a", true},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "http://[::1]:7002/a", true},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "http://127.0.0.2/a", false},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "http://u@127.0.0.1/a", false},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "http://a.sharepoint.com/a",
			false},
		{"http://127.0.0.1:7000", "http://127.0.0.1:7001", "https://a.sharepoint.cn/a",
			true},
		{"https://login.microsoftonline.com", "http://127.0.0.1:7001",
			"https://a.sharepoint.com/a", true},
		{"https://login.microsoftonline.com", "http://127.0.0.1:7001",
			"https://a.sharepoint.cn/a", false},
		{"http://127.0.0.1:7000", "https://graph.microsoft.com", "http://127.0.0.1:7002/a",
			false},
	};

	assert_fit(CASES, COUNT_OF(CASES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cloud_has_its_own_hosts),
		cmocka_unit_test(what_only_looks_like_one_of_them_is_none),
		cmocka_unit_test(only_beside_a_graph_on_this_machine_may_a_file_be_there_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
