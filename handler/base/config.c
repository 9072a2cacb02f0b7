#include "base/config.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config_check.h"
#include "base/config_credential.h"
#include "base/config_value.h"

#define AT(field) offsetof(struct config, field)

/* Longest values, in bytes: a value goes into headers, addresses and documents as it is. */
#define GUID_MAX 36
#define WORD_MAX 16   /* of those that are one of a few words */
#define HOST_MAX 267  /* https://, a name as the DNS has it (RFC 1035 §2.3.4), a port */
#define URL_MAX 2048  /* what browsers and proxies are sure to take */
#define SCOPE_MAX 128 /* a little above what Entra lets one be named */
#define SCOPES_MAX 512
#define SECRET_MAX 1024 /* Entra's own have 40 */
#define TOKEN_MAX 16384 /* as a caller's token */
#define LIST_MAX 16384
#define CLAIMS_MAX 2048 /* leaves room for those of a challenge, in the address of a sign-in */
#define COMMAND_MAX 8192
#define FILE_MAX (PATH_MAX - 1)

/* Of the hosted clients that always come back to one address; docs/sign-in.md has the others. */
#define MCP_REDIRECT_URIS                                                                          \
	"https://claude.ai/api/mcp/auth_callback,https://claude.com/api/mcp/auth_callback,"        \
	"https://vscode.dev/redirect,https://insiders.vscode.dev/redirect,"                        \
	"https://www.cursor.com/agents/mcp/oauth/callback"

static const struct setting SETTINGS[] = {
	{"CLIENT_ID", KIND_GUID, AT(client_id), NULL, 0, GUID_MAX,
		"application (client) id of this API's registration in Microsoft Entra"},
	{"CLIENT_SECRET", KIND_SECRET, AT(client_secret), "", 0, SECRET_MAX,
		"client secret of that registration; or set one of the next three instead"},
	{"CLIENT_CERTIFICATE_FILE", KIND_FILE, AT(client_certificate_file), "", 0, FILE_MAX,
		"PEM file with the registration's certificate and its private key"},
	{"MANAGED_IDENTITY", KIND_IDENTITY, AT(managed_identity), "", 0, GUID_MAX,
		"identity that the registration trusts: system, or a user-assigned one's client "
		"id"},
	{"AZURE_FEDERATED_TOKEN_FILE", KIND_FILE, AT(federated_token_file), "", 0, FILE_MAX,
		"file with a token of an issuer that the registration trusts"},
	{"TENANT_ID", KIND_GUID, AT(tenant_id), NULL, 0, GUID_MAX,
		"directory (tenant) id whose users are served"},
	{"APIM_GATEWAY_URL", KIND_URL, AT(apim_gateway_url), NULL, 0, URL_MAX,
		"public address of the API on the API Management gateway"},
	{"AUTHORITY_HOST", KIND_HOST, AT(authority_host), "https://login.microsoftonline.com", 0,
		HOST_MAX, "Microsoft Entra's login host (other for national clouds)"},
	{"GRAPH_BASE_URL", KIND_HOST, AT(graph_base_url), "https://graph.microsoft.com", 0,
		HOST_MAX, "Microsoft Graph's host (other for national clouds)"},
	{"GRAPH_SCOPE", KIND_SCOPES, AT(graph_scope), "", 0, SCOPES_MAX,
		"scope asked for in the exchange; empty: GRAPH_BASE_URL/User.Read"},
	{"CONSENT_REDIRECT_URI", KIND_URI, AT(consent_redirect_uri), "", 0, REDIRECT_URI_MAX,
		"where a user comes back to from a consent page; empty: the registration's own"},
	{"REQUIRED_SCOPE", KIND_SCOPE, AT(required_scope), "access_as_user", 0, SCOPE_MAX,
		"scope of this API that a caller's token must carry"},
	{"ALLOWED_CLIENT_IDS", KIND_GUID_LIST, AT(allowed_client_ids), "", 0, LIST_MAX,
		"client applications that may call, beside MCP_CLIENT_ID; empty: any with a valid "
		"token"},
	{"ALLOWED_ORIGINS", KIND_ORIGINS, AT(allowed_origins), "", 0, LIST_MAX,
		"web origins that browsers may call from; empty: none"},
	{"MCP_AUTH", KIND_NEED, AT(mcp_auth_required), "required", 0, WORD_MAX,
		"/mcp without a token: required refuses it, optional lets it call what needs no "
		"user"},
	{"MCP_RESOURCE", KIND_URI, AT(mcp_resource), "", 0, URL_MAX,
		"address of /mcp as MCP clients are given it; empty: APIM_GATEWAY_URL/mcp"},
	{"MCP_IDENTIFIER", KIND_YES, AT(mcp_identifier), "yes", 0, WORD_MAX,
		"yes: MCP_RESOURCE is an identifier URI of CLIENT_ID, which names the scope; no: "
		"api://CLIENT_ID does"},
	{"MCP_CLIENT_ID", KIND_GUID, AT(mcp_client_id), "", 0, GUID_MAX,
		"public client registration that MCP clients sign in with, here; empty: they do at "
		"Entra"},
	{"MCP_REDIRECT_URIS", KIND_URIS, AT(mcp_redirect_uris), MCP_REDIRECT_URIS, 0, LIST_MAX,
		"where they may come back to from the sign-in, beside loopback addresses"},
	{"SIGN_IN_CLAIMS", KIND_CLAIMS, AT(sign_in_claims), "", 0, CLAIMS_MAX,
		"claims (JSON) to have Entra ask of each who signs in here, such as an "
		"authentication context"},
	{"ACCESS_TOKEN", KIND_TOKEN, AT(access_token), "", 0, TOKEN_MAX,
		"the user's token for this API, for --stdio"},
	{"ACCESS_TOKEN_COMMAND", KIND_COMMAND, AT(access_token_command), "", 0, COMMAND_MAX,
		"command that prints such a token, for --stdio; run when one is needed"},
	{"ACCEPT_GRAPH_TOKENS", KIND_BOOL, AT(accept_graph_tokens), "true", 0, WORD_MAX,
		"/me passes on a Graph token that the gateway already exchanged"},
	{"CA_BUNDLE_FILE", KIND_FILE, AT(ca_bundle_file), "", 0, FILE_MAX,
		"PEM file of trusted certificate authorities; empty: the system's"},
	{"LOG_LEVEL", KIND_LEVEL, AT(log_level), "info", 0, WORD_MAX, "error, warn, info or debug"},
	{"MAX_BODY_BYTES", KIND_NUMBER, AT(max_body_bytes), "1048576", 1024, 104857600,
		"largest request body"},
	{"SERVER_THREADS", KIND_NUMBER, AT(server_threads), "128", 8, 4096,
		"calls served at once; above host.json's maxConcurrentRequests"},
	{"CALLS_WAITING_MAX", KIND_NUMBER, AT(calls_waiting_max), "64", 0, 4096,
		"more that wait for their turn, GRAPH_DEADLINE_MS/10 at most; others get 503"},
	{"CALLS_PER_CALLER_MAX", KIND_NUMBER, AT(calls_per_caller_max), "32", 1, 8192,
		"calls of one caller, served or waiting; the others get 429"},
	{"CONNECTIONS_MAX", KIND_NUMBER, AT(connections_max), "8192", 16, 100000,
		"connections open at once; those that wait take 4 to 16 KB each"},
	{"REQUEST_TIMEOUT_MS", KIND_NUMBER, AT(request_timeout_ms), "20000", 500, 600000,
		"time for a request's head, and as much again for its body; each 500 bytes that "
		"come add a second, up to four times as much"},
	{"ENTRA_TIMEOUT_MS", KIND_NUMBER, AT(entra_timeout_ms), "8000", 100, 60000,
		"longest wait for one answer of Microsoft Entra"},
	{"GRAPH_DEADLINE_MS", KIND_NUMBER, AT(graph_deadline_ms), "25000", 100, 200000,
		"longest that a call waits, for Microsoft Entra and Graph together, retries "
		"included"},
	{"TOKEN_CACHE_ENTRIES", KIND_NUMBER, AT(token_cache_entries), "4096", 16, 1000000,
		"Graph tokens kept in memory"},
	{"KEYS_REFRESH_MIN_S", KIND_NUMBER, AT(keys_refresh_min_s), "300", 60, 86400,
		"time in which unknown key ids may have the signing keys fetched ten times"},
	{"GRAPH_TOOLS", KIND_WORDS, AT(graph_tools), "", 0, LIST_MAX,
		"Graph tools to offer, by name or set, separated by commas; *: all that only read; "
		"shared: other mailboxes than the user's own too; empty: none"},
	{"GRAPH_TOOLS_WRITE", KIND_BOOL, AT(graph_tools_write), "false", 0, WORD_MAX,
		"true: those of them that change something are offered too, where they or their "
		"set are named"},
	{"CONFIRM_WRITES", KIND_BOOL, AT(confirm_writes), "false", 0, WORD_MAX,
		"true: the person is asked before a Graph tool changes something"},
	{"WRITE_RECIPIENT_DOMAINS", KIND_DOMAINS, AT(write_recipient_domains), "", 0, LIST_MAX,
		"domains that Graph tools may write to people in, separated by commas; empty: all"},
	{"GRAPH_TOOLS_DIR", KIND_WORDS, AT(graph_tools_dir), "", 0, FILE_MAX,
		"folder with the definitions of Graph tools; empty: graph-tools beside host.json"},
	{"RESULT_BYTES_MAX", KIND_NUMBER, AT(result_bytes_max), "32768", 2048, 1048576,
		"longest result of a Graph tool, the bytes of an image or a PDF aside; what is "
		"left out can be asked for"},
};
#define SETTING_COUNT (sizeof(SETTINGS) / sizeof(SETTINGS[0]))
static_assert(SETTING_COUNT + 6 <= CONFIG_PROBLEMS_MAX, "room for those of the credential too");

/* base followed by suffix, in place of an empty value. */
static void complete(char **value, const char *base, const char *suffix)
{
	struct buf text;

	if (**value)
		return;
	buf_init(&text);
	buf_addf(&text, "%s%s", base ? base : "", suffix);
	free(*value);
	*value = text.data;
}

void config_load_for_user(struct config *config, const char *(*get)(const char *name))
{
	*config = (struct config){0};
	for (size_t i = 0; i < SETTING_COUNT; i++)
		config_value_load(config, &SETTINGS[i], get(SETTINGS[i].name));
	config_load_credential(config, get);
	config->behind_front_end = get("WEBSITE_SITE_NAME") != NULL;
	complete(&config->graph_scope, config->graph_base_url, "/User.Read");
	complete(&config->mcp_resource, config->apim_gateway_url, "/mcp");
	if (config->client_id && !strcmp(config->mcp_client_id, config->client_id))
		config_note(config, "MCP_CLIENT_ID",
			"is CLIENT_ID; clients need a registration of their own, without a secret");
}

void config_load(struct config *config, const char *(*get)(const char *name))
{
	config_load_for_user(config, get);
	config_need_credential(config, get);
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		char *field = (char *)config + SETTINGS[i].offset;

		switch (SETTINGS[i].kind) {
		case KIND_BOOL:
		case KIND_NEED:
		case KIND_YES:
		case KIND_LEVEL:
		case KIND_NUMBER:
			break;
		case KIND_SECRET:
		case KIND_TOKEN:
			secret_done((struct secret *)field);
			break;
		default:
			free(*(char **)field);
		}
	}
	free(config->identity_endpoint);
	secret_done(&config->identity_header);
	*config = (struct config){0};
}

char *config_api_scope(const struct config *config)
{
	struct buf scope;

	buf_init(&scope);
	buf_addf(&scope, "api://%s/%s", config->client_id, config->required_scope);
	return scope.data;
}

const char *config_setting_name(size_t i)
{
	return i < SETTING_COUNT ? SETTINGS[i].name : NULL;
}

void config_print_settings(FILE *out)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &SETTINGS[i];
		const char *fallback = !s->fallback   ? "required"
				       : *s->fallback ? s->fallback
						      : "empty";

		fprintf(out, "  %-26s %s [%s]\n", s->name, s->what, fallback);
	}
}
