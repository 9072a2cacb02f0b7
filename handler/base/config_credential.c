#include "base/config_credential.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config_check.h"

#define ENDPOINT_MAX 2048
#define HEADER_MAX 1024

static const char *const WAYS[] = {"CLIENT_SECRET", "CLIENT_CERTIFICATE_FILE", "MANAGED_IDENTITY",
	"AZURE_FEDERATED_TOKEN_FILE"};
#define WAY_COUNT (sizeof(WAYS) / sizeof(WAYS[0]))

/* At most one way to prove who we are; which one is then plain from the fields. */
static void check_choice(struct config *config, const char *(*get)(const char *name))
{
	const char *first = NULL;

	for (size_t i = 0; i < WAY_COUNT; i++) {
		const char *value = get(WAYS[i]);

		if (!value || !*value)
			continue;
		if (first)
			config_note(config, WAYS[i], "is set and so is %s; keep the one to be used",
				first);
		first = first ? first : WAYS[i];
	}
}

void config_need_credential(struct config *config, const char *(*get)(const char *name))
{
	for (size_t i = 0; i < WAY_COUNT; i++) {
		const char *value = get(WAYS[i]);

		if (value && *value)
			return;
	}
	config_note(config, WAYS[0], "is missing; set it, or %s, %s or %s instead", WAYS[1],
		WAYS[2], WAYS[3]);
}

/* The platform sets both for an app that has an identity.  They are no settings of ours. */
static void load_identity(struct config *config, const char *(*get)(const char *name))
{
	const char *endpoint = get("IDENTITY_ENDPOINT");
	const char *header = get("IDENTITY_HEADER");

	if (!endpoint || !*endpoint || !header || !*header) {
		config_note(config, "MANAGED_IDENTITY",
			"needs IDENTITY_ENDPOINT and IDENTITY_HEADER, which the platform sets once "
			"the app has a managed identity");
	} else if (strlen(endpoint) > ENDPOINT_MAX || !config_identity_url_valid(endpoint)) {
		config_note(config, "IDENTITY_ENDPOINT",
			"is not the platform's; expected an https:// URL without query (http:// "
			"only for this machine and 169.254.x.x) of at most %d bytes",
			ENDPOINT_MAX);
	} else if (strlen(header) > HEADER_MAX || !config_secret_valid(header)) {
		config_note(config, "IDENTITY_HEADER",
			"is not the platform's; expected at most %d bytes of printable ASCII",
			HEADER_MAX);
	} else {
		free(config->identity_endpoint);
		config->identity_endpoint = xstrdup(endpoint);
		secret_set(&config->identity_header, header, strlen(header));
	}
}

void config_load_credential(struct config *config, const char *(*get)(const char *name))
{
	check_choice(config, get);
	config->identity_endpoint = xstrdup("");
	if (*config->managed_identity)
		load_identity(config, get);
}

bool config_has_credential(const struct config *config)
{
	return config->client_secret.data || *config->client_certificate_file ||
	       *config->managed_identity || *config->federated_token_file;
}
