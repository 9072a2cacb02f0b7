/* The settings: one table of names, defaults, meanings and checks; values from the environment.
 *
 * Every missing or wrong setting is found in one pass and kept by name, so that the operator sees
 * all of them at once.  A wrong value is never used: its field keeps the default.  Read-only after
 * config_load, so any thread may read it.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/config_problem.h"
#include "base/secret.h"

#define CONFIG_MISNAMED_MAX 16

struct config_misnamed {
	char variable[32]; /* is set; longer ones are like no setting */
	const char *setting;
};

struct config {
	char *client_id;               /* GUID, lower case */
	struct secret client_secret;   /* one of these four is the credential, see the table */
	char *client_certificate_file; /* "" unless set, as the next two */
	char *managed_identity;        /* "system", or a GUID */
	char *federated_token_file;
	bool behind_front_end;   /* Azure's, which tells a client's address */
	char *identity_endpoint; /* the platform's, for managed_identity; "" without */
	struct secret identity_header;
	char *tenant_id;        /* GUID, lower case */
	char *apim_gateway_url; /* URLs have no trailing slash */
	char *authority_host;
	char *graph_base_url;
	char *graph_scope;
	char *consent_redirect_uri; /* "" unless set */
	char *required_scope;
	char *allowed_client_ids; /* lists: comma-separated, no white space; "" is empty */
	char *allowed_origins;
	bool mcp_auth_required;
	char *mcp_resource;      /* of /mcp, to the letter as clients know it */
	bool mcp_identifier;     /* the registration has mcp_resource as an identifier URI */
	char *mcp_client_id;     /* GUID, lower case; "": MCP clients sign in at Entra itself */
	char *mcp_redirect_uris; /* a list, to the letter */
	char *sign_in_claims;    /* a JSON object; "": none */
	struct secret access_token;
	char *access_token_command; /* "" unless set */
	char *ca_bundle_file;       /* "" means: look in the usual places */
	bool accept_graph_tokens;
	bool graph_tools_write;
	bool confirm_writes;
	long log_level; /* enum log_level */
	long max_body_bytes;
	long server_threads;
	long calls_waiting_max;
	long calls_per_caller_max;
	long connections_max;
	long request_timeout_ms;
	long entra_timeout_ms;
	long graph_deadline_ms;
	long token_cache_entries;
	long keys_refresh_min_s;
	char *graph_tools;             /* names and sets, or "*"; "": none */
	char *graph_tools_dir;         /* "": graph-tools beside host.json */
	char *write_recipient_domains; /* a list, lower case; "": all */
	long result_bytes_max;
	struct config_problem problems[CONFIG_PROBLEMS_MAX];
	size_t problem_count; /* 0: the protected endpoints may work */
	struct config_misnamed misnamed[CONFIG_MISNAMED_MAX]; /* by config_note_names */
	size_t misnamed_count;
};

/* Fills *config.  get returns a variable's value or NULL, as getenv does. */
void config_load(struct config *config, const char *(*get)(const char *name));
/* The same for a program on the user's own machine, where none of the four credentials need be set:
 * then somebody else has to exchange the user's token. */
void config_load_for_user(struct config *config, const char *(*get)(const char *name));
void config_done(struct config *config);

/* REQUIRED_SCOPE as Entra knows it by the API's own id; the caller frees it. */
char *config_api_scope(const struct config *config);

/* The names in the table, from 0 on; NULL behind the last. */
const char *config_setting_name(size_t i);

/* The table for --help: name, default, meaning. */
void config_print_settings(FILE *out);

#endif
