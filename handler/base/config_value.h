/* One setting: what its row of the table in config.c says, and how a value finds its way into its
 * field. */
#ifndef BASE_CONFIG_VALUE_H
#define BASE_CONFIG_VALUE_H

#include <stddef.h>

#include "base/config.h"

enum kind {
	KIND_COMMAND,
	KIND_SECRET, /* RFC 6749 appendix A.2 client-secret */
	KIND_TOKEN,  /* RFC 6750 §2.1 b64token */
	KIND_GUID,
	KIND_GUID_LIST,
	KIND_URL,     /* may have a path; url_normal(), as those who compare it do */
	KIND_URI,     /* the same or empty, kept to the letter: others compare it */
	KIND_HOST,    /* scheme, host and port only */
	KIND_ORIGINS, /* a list of KIND_HOST */
	KIND_URIS,    /* a list of KIND_URI */
	KIND_DOMAINS, /* a list of names as the DNS has them */
	KIND_IDENTITY,
	KIND_SCOPE,  /* RFC 6749 §3.3 scope-token */
	KIND_SCOPES, /* RFC 6749 §3.3 scope, or empty */
	KIND_CLAIMS, /* JSON, or empty */
	KIND_FILE,
	KIND_WORDS, /* what they mean is known elsewhere, and told there */
	KIND_LEVEL,
	KIND_BOOL,
	KIND_NEED, /* a bool, true for "required" */
	KIND_YES,  /* a bool, true for "yes" */
	KIND_NUMBER,
	KIND__COUNT
};

struct setting {
	const char *name;
	enum kind kind;
	size_t offset;        /* of the field in struct config */
	const char *fallback; /* NULL: required */
	long min, max;        /* of a KIND_NUMBER; else max: of the value's bytes */
	const char *what;
};

/* Fills the field: with the value, or where that is missing (NULL, or empty) or wrong, with the
 * fallback; what is missing or wrong is noted. */
void config_value_load(struct config *config, const struct setting *setting, const char *value);

#endif
