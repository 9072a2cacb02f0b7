#include "base/config_value.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config_check.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"

static const char *const EXPECTED[] = {
	[KIND_COMMAND] = "a command in one line",
	[KIND_SECRET] = "the secret's value, in printable ASCII",
	[KIND_TOKEN] = "an access token, without \"Bearer\"",
	[KIND_GUID] = "a GUID such as 11111111-2222-3333-4444-555555555555",
	[KIND_GUID_LIST] = "one or more GUIDs separated by commas",
	[KIND_URL] = "an https:// URL without query (http:// only for 127.0.0.1, ::1 or localhost)",
	[KIND_URI] = "an https:// URL without query (http:// only for 127.0.0.1, ::1 or localhost)",
	[KIND_HOST] = "https://host[:port] (http:// only for 127.0.0.1, ::1 or localhost)",
	[KIND_ORIGINS] = "one or more https://host[:port] entries separated by commas",
	[KIND_URIS] = "https:// URLs without query, or of this machine, separated by commas",
	[KIND_DOMAINS] = "domains such as example.com (in ASCII: xn--) separated by commas",
	[KIND_IDENTITY] = "system or a GUID",
	[KIND_SCOPE] = "one scope name: printable ASCII without space, quote or backslash",
	[KIND_SCOPES] = "scope names with one space between, in printable ASCII",
	[KIND_CLAIMS] = "one JSON object in one line, as Entra's claims parameter has it",
	[KIND_FILE] = "a file that can be read",
	[KIND_WORDS] = "text in one line",
	[KIND_LEVEL] = "error, warn, info or debug",
	[KIND_BOOL] = "true or false",
	[KIND_NEED] = "required or optional",
	[KIND_YES] = "yes or no",
	[KIND_NUMBER] = "a whole number",
};
static_assert(sizeof(EXPECTED) / sizeof(EXPECTED[0]) == KIND__COUNT, "one text per kind");

/* The value in the form the program uses, or NULL when it fails its kind's check. */
static char *checked_text(const struct setting *setting, const char *value)
{
	if (!*value)
		return xstrdup("");
	switch (setting->kind) {
	case KIND_GUID:
		return guid_valid(value) ? text_lower(xstrdup(value)) : NULL;
	case KIND_IDENTITY:
		return !strcmp(value, "system") || guid_valid(value) ? text_lower(xstrdup(value))
								     : NULL;
	case KIND_GUID_LIST:
		return text_lower(config_list(value, guid_valid));
	case KIND_ORIGINS:
		return text_lower(config_list(value, config_origin_valid));
	case KIND_DOMAINS:
		return text_lower(config_list(value, config_domain_valid));
	case KIND_URIS:
		return config_list(value, config_redirect_uri_valid);
	case KIND_URL: {
		autofree char *normal = url_normal(value);

		return config_url_valid(value) ? text_without_slash(normal) : NULL;
	}
	case KIND_URI:
		return config_url_valid(value) ? xstrdup(value) : NULL;
	case KIND_HOST: {
		char *url = text_lower(text_without_slash(value));

		if (config_origin_valid(url))
			return url;
		free(url);
		return NULL;
	}
	case KIND_SCOPE:
		return config_scope_valid(value) ? xstrdup(value) : NULL;
	case KIND_SCOPES:
		return config_scopes_valid(value) ? xstrdup(value) : NULL;
	case KIND_CLAIMS:
		return config_claims_valid(value) ? xstrdup(value) : NULL;
	case KIND_FILE:
		return !access(value, R_OK) ? xstrdup(value) : NULL;
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

static bool checked_secret(const struct setting *setting, const char *value, struct secret *ret)
{
	bool good = setting->kind == KIND_TOKEN ? b64token_valid(value, (size_t)setting->max)
						: config_secret_valid(value);

	if (*value && good)
		secret_set(ret, value, strlen(value));
	return !*value || good;
}

static bool store(struct config *config, const struct setting *setting, const char *value)
{
	char *field = (char *)config + setting->offset;
	char *text;

	if (text_has_control(value))
		return false;
	switch (setting->kind) {
	case KIND_BOOL:
		*(bool *)field = !strcasecmp(value, "true") || !strcmp(value, "1");
		return *(bool *)field || !strcasecmp(value, "false") || !strcmp(value, "0");
	case KIND_NEED:
		*(bool *)field = !strcmp(value, "required");
		return *(bool *)field || !strcmp(value, "optional");
	case KIND_YES:
		*(bool *)field = !strcmp(value, "yes");
		return *(bool *)field || !strcmp(value, "no");
	case KIND_LEVEL:
	case KIND_NUMBER:
		return checked_number(setting, value, (long *)field);
	case KIND_SECRET:
	case KIND_TOKEN:
		return checked_secret(setting, value, (struct secret *)field);
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
	if (setting->kind == KIND_NUMBER)
		config_note(config, setting->name, "%s; expected a whole number from %ld to %ld",
			what, setting->min, setting->max);
	else
		config_note(
			config, setting->name, "%s; expected %s", what, EXPECTED[setting->kind]);
}

void config_value_load(struct config *config, const struct setting *setting, const char *value)
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
	} else if (setting->kind != KIND_NUMBER && strlen(value) > (size_t)setting->max) {
		config_note(config, setting->name, "is longer than %ld bytes; expected %s",
			setting->max, EXPECTED[setting->kind]);
	} else if (!store(config, setting, value)) {
		if (setting->fallback)
			store(config, setting, setting->fallback);
		problem(config, setting, "has a value that cannot be used");
	}
}
