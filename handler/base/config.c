#include "base/config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

enum kind {
	KIND_TEXT,
	KIND_SECRET,
	KIND_GUID,
	KIND_GUID_LIST,
	KIND_URL,     /* may have a path */
	KIND_HOST,    /* scheme, host and port only */
	KIND_ORIGINS, /* a list of KIND_HOST */
	KIND_WORD,    /* RFC 6749 §3.3 scope-token */
	KIND_FILE,
	KIND_LEVEL,
	KIND_BOOL,
	KIND_NUMBER,
	KIND__COUNT
};

static const char *const EXPECTED[] = {
	[KIND_TEXT] = "text without control characters",
	[KIND_SECRET] = "the secret's value",
	[KIND_GUID] = "a GUID such as 11111111-2222-3333-4444-555555555555",
	[KIND_GUID_LIST] = "GUIDs separated by commas",
	[KIND_URL] = "an https:// URL without query (http:// only for 127.0.0.1, ::1 or localhost)",
	[KIND_HOST] = "https://host[:port] (http:// only for 127.0.0.1, ::1 or localhost)",
	[KIND_ORIGINS] = "https://host[:port] entries separated by commas",
	[KIND_WORD] = "one scope name without spaces",
	[KIND_FILE] = "a file that can be read",
	[KIND_LEVEL] = "error, warn, info or debug",
	[KIND_BOOL] = "true or false",
	[KIND_NUMBER] = "a whole number",
};
static_assert(sizeof(EXPECTED) / sizeof(EXPECTED[0]) == KIND__COUNT, "one text per kind");

struct setting {
	const char *name;
	enum kind kind;
	size_t offset;        /* of the field in struct config */
	const char *fallback; /* NULL: required */
	long min, max;        /* KIND_NUMBER */
	const char *what;
};

#define AT(field) offsetof(struct config, field)

static const struct setting SETTINGS[] = {
	{"CLIENT_ID", KIND_GUID, AT(client_id), NULL, 0, 0,
		"application (client) id of this API's registration in Microsoft Entra"},
	{"CLIENT_SECRET", KIND_SECRET, AT(client_secret), NULL, 0, 0,
		"client secret of that registration"},
	{"TENANT_ID", KIND_GUID, AT(tenant_id), NULL, 0, 0,
		"directory (tenant) id whose users are served"},
	{"APIM_GATEWAY_URL", KIND_URL, AT(apim_gateway_url), NULL, 0, 0,
		"public address of the API on the API Management gateway"},
	{"AUTHORITY_HOST", KIND_HOST, AT(authority_host), "https://login.microsoftonline.com", 0, 0,
		"Microsoft Entra's login host (other for national clouds)"},
	{"GRAPH_BASE_URL", KIND_HOST, AT(graph_base_url), "https://graph.microsoft.com", 0, 0,
		"Microsoft Graph's host (other for national clouds)"},
	{"GRAPH_SCOPE", KIND_TEXT, AT(graph_scope), "", 0, 0,
		"scope asked for in the exchange; empty: GRAPH_BASE_URL/User.Read"},
	{"REQUIRED_SCOPE", KIND_WORD, AT(required_scope), "access_as_user", 0, 0,
		"scope of this API that a caller's token must carry"},
	{"ALLOWED_CLIENT_IDS", KIND_GUID_LIST, AT(allowed_client_ids), "", 0, 0,
		"client applications that may call; empty: any with a valid token"},
	{"ALLOWED_ORIGINS", KIND_ORIGINS, AT(allowed_origins), "", 0, 0,
		"web origins that browsers may call from; empty: none"},
	{"ACCEPT_GRAPH_TOKENS", KIND_BOOL, AT(accept_graph_tokens), "true", 0, 0,
		"/me passes on a Graph token that the gateway already exchanged"},
	{"CA_BUNDLE_FILE", KIND_FILE, AT(ca_bundle_file), "", 0, 0,
		"PEM file of trusted certificate authorities; empty: the system's"},
	{"LOG_LEVEL", KIND_LEVEL, AT(log_level), "info", 0, 0, "error, warn, info or debug"},
	{"MAX_BODY_BYTES", KIND_NUMBER, AT(max_body_bytes), "1048576", 1024, 104857600,
		"largest request body"},
	{"SERVER_THREADS", KIND_NUMBER, AT(server_threads), "128", 8, 4096,
		"connections served at once; above host.json's maxConcurrentRequests"},
	{"ENTRA_TIMEOUT_MS", KIND_NUMBER, AT(entra_timeout_ms), "8000", 100, 60000,
		"longest wait for an answer of Microsoft Entra"},
	{"GRAPH_DEADLINE_MS", KIND_NUMBER, AT(graph_deadline_ms), "25000", 100, 200000,
		"longest wait for Microsoft Graph, retries included"},
	{"TOKEN_CACHE_ENTRIES", KIND_NUMBER, AT(token_cache_entries), "4096", 16, 1000000,
		"Graph tokens kept in memory"},
	{"KEYS_REFRESH_MIN_S", KIND_NUMBER, AT(keys_refresh_min_s), "300", 60, 86400,
		"least time between key fetches caused by unknown key ids"},
};
#define SETTING_COUNT (sizeof(SETTINGS) / sizeof(SETTINGS[0]))
static_assert(SETTING_COUNT <= CONFIG_PROBLEMS_MAX, "room for a problem per setting");

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

static bool url_valid(const char *url, bool with_path)
{
	bool tls = !strncasecmp(url, "https://", 8);
	const char *host = url + (tls ? 8 : 7);
	size_t host_len, authority;

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return false;
	authority = strcspn(host, "/");
	host_len = *host == '[' ? strcspn(host, "]/") + 1 : strcspn(host, ":/");
	if (host_len > authority ||
		strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789.-:[]") < authority)
		return false;
	if (!host_len || !port_valid(host + host_len, authority - host_len))
		return false;
	if (host[authority] && (!with_path || strpbrk(host + authority, "?#%\\ \"<>")))
		return false;
	return tls || is_loopback(host, host_len);
}

/* Puts the comma-separated parts of text, trimmed, through check and joins them again. */
static char *list_normal(const char *text, bool (*check)(const char *))
{
	struct buf out;
	bool good = true;

	buf_init(&out, 65536);
	buf_adds(&out, "");
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
	if (good && !out.failed)
		return out.data;
	buf_done(&out);
	return NULL;
}

static bool origin_valid(const char *text)
{
	return url_valid(text, false) && !strchr(strstr(text, "//") + 2, '/');
}

static char *lower(char *text)
{
	for (char *p = text; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

static char *without_trailing_slash(const char *url)
{
	size_t n = strlen(url);

	while (n && url[n - 1] == '/')
		n--;
	return xstrndup(url, n);
}

static bool is_word(const char *text)
{
	return *text && !strpbrk(text, " \t\"\\,") && !strpbrk(text, "\r\n");
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			return true;
	}
	return false;
}

/* The value in the form the program uses, or NULL when it fails its kind's check. */
static char *checked_text(const struct setting *setting, const char *value)
{
	switch (setting->kind) {
	case KIND_GUID:
		return guid_valid(value) ? lower(xstrdup(value)) : NULL;
	case KIND_GUID_LIST:
		return lower(list_normal(value, guid_valid));
	case KIND_ORIGINS:
		return lower(list_normal(value, origin_valid));
	case KIND_URL:
		return url_valid(value, true) ? without_trailing_slash(value) : NULL;
	case KIND_HOST: {
		char *url = lower(without_trailing_slash(value));

		if (url_valid(url, false))
			return url;
		free(url);
		return NULL;
	}
	case KIND_WORD:
		return is_word(value) ? xstrdup(value) : NULL;
	case KIND_FILE:
		return !*value || !access(value, R_OK) ? xstrdup(value) : NULL;
	default:
		return xstrdup(value);
	}
}

static bool checked_number(const struct setting *setting, const char *value, long *ret)
{
	char *end;
	long number;

	if (setting->kind == KIND_LEVEL) {
		for (number = 0; number < LOG__COUNT; number++) {
			if (!strcasecmp(value, log_level_names[number])) {
				*ret = number;
				return true;
			}
		}
		return false;
	}
	errno = 0;
	number = strtol(value, &end, 10);
	if (errno || end == value || *end || number < setting->min || number > setting->max)
		return false;
	*ret = number;
	return true;
}

static bool store(struct config *config, const struct setting *setting, const char *value)
{
	char *field = (char *)config + setting->offset;
	char *text;

	if (has_control(value))
		return false;
	switch (setting->kind) {
	case KIND_BOOL:
		*(bool *)field = !strcasecmp(value, "true") || !strcmp(value, "1");
		return *(bool *)field || !strcasecmp(value, "false") || !strcmp(value, "0");
	case KIND_LEVEL:
	case KIND_NUMBER:
		return checked_number(setting, value, (long *)field);
	case KIND_SECRET:
		secret_set((struct secret *)field, value, strlen(value));
		return true;
	default:
		text = checked_text(setting, value);
		if (!text)
			return false;
		free(*(char **)field);
		*(char **)field = text;
		return true;
	}
}

static void problem(struct config *config, const struct setting *setting, const char *what)
{
	struct config_problem *entry = &config->problems[config->problem_count++];

	entry->name = setting->name;
	if (setting->kind == KIND_NUMBER)
		snprintf(entry->text, sizeof(entry->text),
			"%s; expected a whole number from %ld to %ld", what, setting->min,
			setting->max);
	else
		snprintf(entry->text, sizeof(entry->text), "%s; expected %s", what,
			EXPECTED[setting->kind]);
}

static void load(struct config *config, const struct setting *setting, const char *value)
{
	bool good = !setting->fallback || store(config, setting, setting->fallback);

	assert(good); /* the table's own defaults pass the table's own checks */
	if (!value || !*value) {
		if (!setting->fallback)
			problem(config, setting, "is missing");
	} else if (!strncmp(value, "@Microsoft.KeyVault(", 20)) {
		problem(config, setting,
			"is a Key Vault reference that the platform did not resolve");
	} else if (value[0] == '<' && value[strlen(value) - 1] == '>') {
		problem(config, setting, "still has the example's placeholder");
	} else if (!store(config, setting, value)) {
		if (setting->fallback)
			store(config, setting, setting->fallback);
		problem(config, setting, "has a value that cannot be used");
	}
}

void config_note(struct config *config, const char *name, const char *text)
{
	struct config_problem *entry;

	if (config->problem_count == CONFIG_PROBLEMS_MAX)
		return;
	entry = &config->problems[config->problem_count++];
	entry->name = name;
	snprintf(entry->text, sizeof(entry->text), "%s", text);
}

void config_load(struct config *config, const char *(*get)(const char *name))
{
	*config = (struct config){0};
	for (size_t i = 0; i < SETTING_COUNT; i++)
		load(config, &SETTINGS[i], get(SETTINGS[i].name));
	if (!*config->graph_scope) {
		struct buf scope;

		buf_init(&scope, 4096);
		buf_addf(&scope, "%s/User.Read", config->graph_base_url);
		free(config->graph_scope);
		config->graph_scope = scope.data;
	}
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		char *field = (char *)config + SETTINGS[i].offset;

		switch (SETTINGS[i].kind) {
		case KIND_BOOL:
		case KIND_LEVEL:
		case KIND_NUMBER:
			break;
		case KIND_SECRET:
			secret_done((struct secret *)field);
			break;
		default:
			free(*(char **)field);
		}
	}
	*config = (struct config){0};
}

void config_print_settings(FILE *out)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &SETTINGS[i];
		const char *fallback = !s->fallback   ? "required"
				       : *s->fallback ? s->fallback
						      : "empty";

		fprintf(out, "  %-20s %s [%s]\n", s->name, s->what, fallback);
	}
}
